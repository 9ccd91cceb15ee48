import { checkNumber, checkOptions } from "../check.ts";
import { momentumDescent } from "../rules/momentum-descent.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, type InnerLoopOptions } from "./inner-loop-options.ts";

/** Options of {@link innerMomentum}. */
export interface InnerMomentumOptions extends InnerLoopOptions {
  /** 0 ≤ μ < 1; default 0.9. */
  readonly momentum?: number;
}

/**
 * `maml` with momentum in the inner loop, differentiated exactly: mₖ₊₁ = μmₖ + ∇L(θₖ; support), θₖ₊₁ = θₖ − αmₖ₊₁, m₀ = 0.
 *
 * Costs what `maml` does and two passes over the parameters a step; keeps m for each step besides.
 *
 * @throws {RangeError} `innerMomentum: expected 0 ≤ momentum < 1, got 1`
 * @see Finn, Abbeel, Levine 2017, arXiv:1703.03400, for the meta-gradient; Polyak 1964 for the step
 */
export function innerMomentum(options: InnerMomentumOptions): Algorithm {
  checkOptions("innerMomentum", options, [...innerLoopNames, "momentum"]);
  const loop = checkInnerLoop("innerMomentum", options);
  const { momentum = 0.9 } = options;
  checkNumber("innerMomentum", "momentum", momentum, { min: 0, below: 1 });
  const rule = momentumDescent(loop.innerLearningRate, momentum);
  return {
    kind: "innerMomentum",
    followsGradient: true,
    options: { ...loop, momentum },
    own: nothingOfItsOwn,
    bind: (binding) => binding.unrolled({ loop, rule }),
  };
}
