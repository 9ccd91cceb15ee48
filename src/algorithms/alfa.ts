import { checkOptions } from "../check.ts";
import { generatedRates } from "../rules/generated-rates.ts";
import type { Algorithm } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, type InnerLoopOptions } from "./inner-loop-options.ts";
import { checkAllAdapt } from "./layers.ts";

/**
 * Adaptive learning of hyperparameters for fast adaptation: a small network, learned with the start, makes the rate and the decay of each
 * tensor at each step from the means of weights and gradients.
 *
 *     θₖ₊₁ = βₖₜ(1 + bₜ) θₖ − αₖₜ(1 + aₜ) ∇L(θₖ; support) on each tensor t,   (a, b) = network(mean gₖ, mean θₖ)
 *
 * Meta-parameters behind θ, for T tensors: α[step][tensor], β[step][tensor], and the network's W₁ (2T×2T), b₁, W₂, b₂. It starts as `maml`
 * with rate innerLearningRate. Costs what `maml` does and eight passes over the parameters a step; keeps gₖ besides.
 *
 * @throws {RangeError} `alfa: expected innerSteps ≥ 0, got -1`; in createLearner, norms with `adapted: false`
 * @see Baik, Choi, Choi, Kim, Lee 2020, arXiv:2011.00209
 */
export function alfa(options: InnerLoopOptions): Algorithm {
  checkOptions("alfa", options, innerLoopNames);
  const loop = checkInnerLoop("alfa", options);
  const rule = generatedRates(loop.innerLearningRate);
  return {
    kind: "alfa",
    followsGradient: true,
    options: { ...loop },
    own: (tensors) => rule.own(tensors, loop.innerSteps),
    bind(binding) {
      checkAllAdapt("alfa", binding.network.model.layers);
      return binding.unrolled({ loop, rule });
    },
  };
}
