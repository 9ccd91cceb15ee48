import { checkInteger, refuse, refuseKind, refuseWords } from "../check.ts";
import { isStepNorm, type Layer } from "../layers/layer.ts";
import type { Network } from "../network.ts";

/** The layers that have parameters, by their index in the model. */
export function parametricLayers({ tensors }: Network): number[] {
  return [...new Set(tensors.map(({ layer }) => layer))];
}

/** Those of them that adapt where nothing else is said. */
export function adaptingLayers(network: Network): number[] {
  return parametricLayers(network).filter((layer) => network.model.layers[layer].adapts);
}

/** The same, or undefined where all do. */
export function adaptingOrAll(network: Network): number[] | undefined {
  const layers = adaptingLayers(network);
  return layers.length === parametricLayers(network).length ? undefined : layers;
}

/**
 * Layers all of whose parameters adapt.
 *
 * @throws {RangeError} `reptile: expected layers that all adapt, got batchNorm that does not`
 */
export function checkAllAdapt(
  where: string,
  layers: readonly Layer[],
  what = "layers that all adapt",
): void {
  const odd = layers.find((layer) => !layer.adapts);
  if (odd) refuseWords(where, what, `${odd.spec.kind} that does not`);
}

/**
 * A model whose norms have one scale and shift for all steps.
 *
 * @throws {RangeError} `pretrain: expected norms without perStep, got batchNorm with perStep 5`
 */
export function checkNoStepNorms(where: string, { model }: Network): void {
  const odd = model.layers.find(isStepNorm);
  if (odd)
    refuseWords(where, "norms without perStep", `${odd.spec.kind} with perStep ${odd.perStep}`);
}

/**
 * A list of layer indices, sorted, or undefined.
 *
 * @throws {TypeError} `maml: expected layers as a list of at least one layer's index, got []`
 */
export function checkLayers(
  where: string,
  name: string,
  layers: readonly number[] | undefined,
): readonly number[] | undefined {
  if (layers === undefined) return undefined;
  if (!Array.isArray(layers) || layers.length === 0)
    refuseKind(where, `${name} as a list of at least one layer's index`, layers);
  for (const layer of layers) checkInteger(where, `${name} index`, layer, { min: 0 });
  return [...new Set(layers)].sort((a, b) => a - b);
}

/**
 * Layers of a network, by their index, that have parameters.
 *
 * @throws {RangeError} `maml: expected layers with parameters (of 0, 2, 4), got 1`
 */
export function checkLayersOf(
  where: string,
  name: string,
  layers: readonly number[],
  network: Network,
): void {
  const known = parametricLayers(network);
  for (const layer of layers)
    if (!known.includes(layer))
      refuse(where, `${name} with parameters (of ${known.join(", ")})`, layer);
    else if (isStepNorm(network.model.layers[layer]))
      refuse(where, `${name} without norms with perStep, which do not adapt`, layer);
}
