import { checkNumber, checkOptions } from "../check.ts";
import { type InitialRate, perParameterRates } from "../rules/per-parameter-rates.ts";
import type { Algorithm } from "./algorithm.ts";
import { checkLoop, innerLoopNames, type LoopOptions } from "./inner-loop-options.ts";

/** Options of {@link metaSgd}. */
export interface MetaSgdOptions extends LoopOptions {
  /** What every rate starts at, or bounds between which each is drawn. */
  readonly innerLearningRate: InitialRate;
}

/**
 * Learn the start and the step: a rate for every parameter, of any sign, so that direction and length of the step are learned.
 *
 *     θₖ₊₁ = θₖ − α ⊙ ∇L(θₖ; support),   meta-parameters (θ, α), α in θ's layout
 *     dα = −Σₖ gₖ ⊙ vₖ₊₁,   vₖ = d L(θ_K; query)/dθₖ
 *
 * Costs what `maml` does and three passes over the parameters a step; keeps gₖ besides. Twice the meta-parameters.
 *
 * @throws {RangeError} `metaSgd: expected innerSteps ≥ 0, got -1`
 * @see Li, Zhou, Chen, Li 2017, arXiv:1707.09835
 * @example
 * const algorithm = metaSgd({ innerLearningRate: { from: 0.005, to: 0.1 } });
 */
export function metaSgd(options: MetaSgdOptions): Algorithm {
  checkOptions("metaSgd", options, innerLoopNames);
  const innerLearningRate = checkInitialRate(options.innerLearningRate);
  const loop = checkLoop("metaSgd", options);
  const rule = perParameterRates(innerLearningRate);
  return {
    kind: "metaSgd",
    followsGradient: true,
    options: { ...loop, innerLearningRate },
    own: (tensors) => rule.own(tensors, loop.innerSteps),
    bind: (binding) => binding.unrolled({ loop, rule }),
  };
}

function checkInitialRate(rate: InitialRate): InitialRate {
  if (typeof rate !== "object" || rate === null)
    return checkNumber("metaSgd", "innerLearningRate", rate, { min: 0 });
  checkOptions("metaSgd", rate, ["from", "to"]);
  const { from, to } = rate;
  checkNumber("metaSgd", "innerLearningRate.from", from, { min: 0 });
  checkNumber("metaSgd", "innerLearningRate.to", to, { min: from });
  return { from, to };
}
