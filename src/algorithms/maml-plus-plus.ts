import { checkInteger, checkOptions, refuseKind } from "../check.ts";
import { gradientDescent } from "../rules/gradient-descent.ts";
import { perTensorRates } from "../rules/per-tensor-rates.ts";
import type { Algorithm } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, type InnerLoopOptions } from "./inner-loop-options.ts";

/** Options of {@link mamlPlusPlus}: each of its parts can be switched off. */
export interface MamlPlusPlusOptions extends InnerLoopOptions {
  /** Whether a rate is learned for each tensor and step; default true. */
  readonly learnRates?: boolean;
  /** Meta-steps over which the loss moves from all inner steps to the last; default 0: the last from the start. */
  readonly multiStepLoss?: number;
}

/** No step's share falls below this, of its even one, while the loss still moves. */
const LEAST_SHARE = 0.03;

/**
 * How to train your MAML: `maml` with
 *
 *     learned rates          θₖ₊₁ = θₖ − αₖₜ ∇L(θₖ; support) on each tensor t; α[step][tensor] stands behind θ
 *     a multi-step loss      Σₖ wₖ L(θₖ; query), k = 1 … K, at meta-step t < n = multiStepLoss:
 *                            wₖ = max(1 − t/n, 0.03)/K for k < K, and what is left for k = K
 *     annealing of the order `firstOrderSteps` meta-steps without second derivatives
 *
 * Its cosine meta-rate is `adam({ learningRate: cosine({ … }) })`; its norms of each step are `batchNorm({ perStep })`, whose statistics are
 * those of the batch at hand at every step.
 * Beyond K steps the last step's rates go on. Costs what `maml` does and, while the loss moves, K − 1 gradients more.
 *
 * @throws {RangeError} `mamlPlusPlus: expected multiStepLoss ≥ 0, got -1`
 * @see Antoniou, Edwards, Storkey 2019, arXiv:1810.09502; the weights as in its authors' code
 * @example
 * const algorithm = mamlPlusPlus({ innerLearningRate: 0.1, innerSteps: 5, multiStepLoss: 5000, firstOrderSteps: 2500 });
 */
export function mamlPlusPlus(options: MamlPlusPlusOptions): Algorithm {
  checkOptions("mamlPlusPlus", options, [...innerLoopNames, "learnRates", "multiStepLoss"]);
  const loop = checkInnerLoop("mamlPlusPlus", options);
  const { learnRates = true, multiStepLoss = 0 } = options;
  if (typeof learnRates !== "boolean")
    refuseKind("mamlPlusPlus", "learnRates true or false", learnRates);
  checkInteger("mamlPlusPlus", "multiStepLoss", multiStepLoss, { min: 0 });
  const { innerLearningRate, innerSteps } = loop;
  const rule = learnRates ? perTensorRates(innerLearningRate) : gradientDescent(innerLearningRate);
  return {
    kind: "mamlPlusPlus",
    followsGradient: true,
    options: { ...loop, learnRates, multiStepLoss },
    own: (tensors) => rule.own(tensors, innerSteps),
    bind: (binding) =>
      binding.unrolled({
        loop,
        rule,
        ...(multiStepLoss > 0 && {
          weights: (metaStep) => stepWeights(innerSteps, metaStep, multiStepLoss),
        }),
      }),
  };
}

/** w₁ … w_K at a meta-step; undefined once the loss has moved. */
function stepWeights(steps: number, metaStep: number, duration: number): number[] | undefined {
  if (metaStep >= duration || steps === 0) return undefined;
  const each = Math.max(1 - metaStep / duration, LEAST_SHARE) / steps;
  return Array.from({ length: steps }, (_, k) => (k < steps - 1 ? each : 1 - (steps - 1) * each));
}
