import { refuseWords } from "../check.ts";
import type { Network } from "../network.ts";
import type { InnerLoopOptions } from "./inner-loop-options.ts";
import { adaptingLayers, checkLayersOf } from "./layers.ts";

/** Options of `tNet` and `warpGrad`. */
export interface WarpOptions extends InnerLoopOptions {
  /** Layers that warp, by their index in `model.layers`; default every second one with a weight W (dense, convolution), from the second on. */
  readonly warpLayers?: readonly number[];
}

/** Every second layer with a weight W, dense or convolution, from the second on: what warps where nothing is said. */
function everySecond({ tensors }: Network): number[] {
  const weights = tensors.filter(({ name }) => name.endsWith(".weight"));
  return weights.map(({ layer }) => layer).filter((_, i) => i % 2 === 1);
}

/**
 * The layers that adapt between warp layers.
 *
 * @throws {RangeError} `warpGrad: expected a layer that warps and one that adapts, got "warpLayers []"`
 */
export function betweenWarps(
  where: string,
  network: Network,
  warpLayers: readonly number[] | undefined,
): number[] {
  if (warpLayers) checkLayersOf(where, "warpLayers", warpLayers, network);
  const warps = warpLayers ?? everySecond(network);
  const adapting = adaptingLayers(network).filter((layer) => !warps.includes(layer));
  if (warps.length === 0 || adapting.length === 0)
    refuseWords(
      where,
      "a layer that warps and one that adapts",
      `warpLayers [${warps.join(", ")}]`,
    );
  return adapting;
}
