import { checkOptions } from "../check.ts";
import { curvatureDescent } from "../rules/curvature-descent.ts";
import type { Algorithm } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, type InnerLoopOptions } from "./inner-loop-options.ts";

/**
 * Meta-Curvature: matrices, learned with the start, transform the gradient of each dense layer.
 *
 *     Wₖ₊₁ = Wₖ − α·L Gₖ R for weights (in×out), L: in×in, R: out×out;   bₖ₊₁ = bₖ − α·s ⊙ gₖ for all else
 *
 * All else: biases, scales, shifts, contexts, and the filters of `conv2d`, which the paper transforms along each of their dimensions, too.
 *
 * Meta-parameters behind θ, tensor by tensor: L, then R; or s. They start as identities: as `maml`. Costs what `maml` does and, a step and
 * weight matrix, 4·in·out·(in + out) multiply-adds, which for few rows is most of it; in² + out² meta-parameters a matrix.
 *
 * @throws {RangeError} `metaCurvature: expected innerSteps ≥ 0, got -1`
 * @see Park, Oliva 2019, arXiv:1902.03356
 */
export function metaCurvature(options: InnerLoopOptions): Algorithm {
  checkOptions("metaCurvature", options, innerLoopNames);
  const loop = checkInnerLoop("metaCurvature", options);
  const rule = curvatureDescent(loop.innerLearningRate);
  return {
    kind: "metaCurvature",
    followsGradient: true,
    options: { ...loop },
    own: (tensors) => rule.own(tensors, loop.innerSteps),
    bind: (binding) => binding.unrolled({ loop, rule }),
  };
}
