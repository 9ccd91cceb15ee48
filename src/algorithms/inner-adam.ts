import { checkNumber, checkOptions } from "../check.ts";
import { adamDescent } from "../rules/adam-descent.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, type InnerLoopOptions } from "./inner-loop-options.ts";

/** Options of {@link innerAdam}. */
export interface InnerAdamOptions extends InnerLoopOptions {
  /** 0 ≤ β₁ < 1; default 0.9. */
  readonly beta1?: number;
  /** 0 ≤ β₂ < 1; default 0.999. */
  readonly beta2?: number;
  /** ε ≥ 10⁻¹², inside the root; default 1e-8, as much as 1e-4 outside. */
  readonly epsilon?: number;
}

/**
 * `maml` with Adam in the inner loop, its state from zero for every task, differentiated exactly.
 *
 *     m' = β₁m + (1 − β₁)g,   s' = β₂s + (1 − β₂)g²,   θ' = θ − α m̂/√(ŝ + ε),   g = ∇L(θ; support)
 *
 * ε stands inside the root, where Adam has it outside: √ŝ has an infinite derivative where a gradient has always been zero, as behind a
 * dead ReLU, and the meta-gradient would be NaN. Where |g| ≫ √ε the steps are Adam's; below they shrink with g/√ε, and so does their
 * derivative's bound, α/√ε: a larger ε (1e-4, say) makes calmer meta-gradients.
 *
 * Costs what `maml` does and about 15 passes over the parameters a step; keeps m, s and g for each step besides.
 *
 * @throws {RangeError} `innerAdam: expected 0 ≤ beta1 < 1, got 1`
 * @see Kingma, Ba 2015, arXiv:1412.6980, for the step
 */
export function innerAdam(options: InnerAdamOptions): Algorithm {
  checkOptions("innerAdam", options, [...innerLoopNames, "beta1", "beta2", "epsilon"]);
  const loop = checkInnerLoop("innerAdam", options);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkNumber("innerAdam", "beta1", beta1, { min: 0, below: 1 });
  checkNumber("innerAdam", "beta2", beta2, { min: 0, below: 1 });
  // r⁻³ of less overflows f32.
  checkNumber("innerAdam", "epsilon", epsilon, { min: 1e-12 });
  const rule = adamDescent(loop.innerLearningRate, { beta1, beta2, epsilon });
  return {
    kind: "innerAdam",
    followsGradient: true,
    options: { ...loop, beta1, beta2, epsilon },
    own: nothingOfItsOwn,
    bind: (binding) => binding.unrolled({ loop, rule }),
  };
}
