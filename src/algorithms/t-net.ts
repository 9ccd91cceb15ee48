import { checkOptions } from "../check.ts";
import { gradientDescent } from "../rules/gradient-descent.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames } from "./inner-loop-options.ts";
import { checkLayers } from "./layers.ts";
import { betweenWarps, type WarpOptions } from "./warp-layers.ts";

/**
 * T-Net: transformation layers between the layers that adapt. They are learned through the whole inner loop, and stay as they are in a
 * task, where they shape the gradient that reaches the layers below: with W adapting and T behind it, a step on W moves TW along TTᵀ.
 *
 *     θ = (w, t):   wₖ₊₁ = wₖ − α ∂L(wₖ, t; support)/∂w,   meta-gradient = d L(w_K, t; query)/d(w, t), exactly
 *
 * Put a linear layer behind each that adapts for the paper's form. Costs what `maml` does, less the gradients of t.
 *
 * @throws {RangeError} `tNet: expected a layer that warps and one that adapts, got "warpLayers []"`
 * @see Lee, Choi 2018, arXiv:1801.05558 (without its masks: MT-net)
 */
export function tNet(options: WarpOptions): Algorithm {
  checkOptions("tNet", options, [...innerLoopNames, "warpLayers"]);
  const loop = checkInnerLoop("tNet", options);
  const warpLayers = checkLayers("tNet", "warpLayers", options.warpLayers);
  return {
    kind: "tNet",
    followsGradient: true,
    options: { ...loop, warpLayers },
    own: nothingOfItsOwn,
    bind(binding) {
      const layers = betweenWarps("tNet", binding.network, warpLayers);
      const rule = gradientDescent(loop.innerLearningRate);
      return binding.unrolled({ loop, layers, rule });
    },
  };
}
