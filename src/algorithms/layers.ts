import { checkInteger, refuse, refuseKind } from "../check.ts";
import type { Network } from "../network.ts";

/** The layers that have parameters, by their index in the model. */
export function parametricLayers({ tensors }: Network): number[] {
  return [...new Set(tensors.map(({ layer }) => layer))];
}

/**
 * A list of layer indices, sorted, or undefined; against a network, if given: each must have parameters.
 *
 * @throws {RangeError} `maml: expected layers with parameters (of 0, 2, 4), got 1`
 */
export function checkLayers(
  where: string,
  name: string,
  layers: readonly number[] | undefined,
  network?: Network,
): readonly number[] | undefined {
  if (layers === undefined) return undefined;
  if (!Array.isArray(layers) || layers.length === 0)
    refuseKind(where, `${name} as a list of at least one layer's index`, layers);
  for (const layer of layers) checkInteger(where, `${name} index`, layer, { min: 0 });
  if (network) {
    const known = parametricLayers(network);
    for (const layer of layers)
      if (!known.includes(layer))
        refuse(where, `${name} with parameters (of ${known.join(", ")})`, layer);
  }
  return [...new Set(layers)].sort((a, b) => a - b);
}
