import { checkNumber, checkOptions } from "../check.ts";
import { power } from "../math.ts";
import { Vector } from "../vector.ts";
import type { Optimizer } from "./optimizer.ts";
import { type LearningRate, checkRate, rateAt } from "./schedule.ts";

/** An ε below it is 0 in f32, and a gradient that is always zero would give 0/0. */
const SMALLEST = 1e-45;

/** Options of {@link adam}. */
export interface AdamOptions {
  /** η ≥ 0, or a schedule; default 0.001. */
  readonly learningRate?: LearningRate;
  /** 0 ≤ β₁ < 1; default 0.9. */
  readonly beta1?: number;
  /** 0 ≤ β₂ < 1; default 0.999. */
  readonly beta2?: number;
  /** ε > 0, outside the root; default 1e-8. */
  readonly epsilon?: number;
  /** λ ≥ 0, decoupled (AdamW); default 0. */
  readonly weightDecay?: number;
}

/**
 * Adam; AdamW with `weightDecay`.
 *
 *     θ ← (1 − ηλ)θ,   m ← β₁m + (1 − β₁)g,   v ← β₂v + (1 − β₂)g²
 *     θ ← θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * Cost: one pass over the parameters; keeps two vectors.
 *
 * @throws {RangeError} `adam: expected 0 ≤ beta1 < 1, got 1`
 * @see Kingma, Ba 2015, arXiv:1412.6980, algorithm 1; Loshchilov, Hutter 2019, arXiv:1711.05101
 */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions("adam", options, ["learningRate", "beta1", "beta2", "epsilon", "weightDecay"]);
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999 } = options;
  const { epsilon = 1e-8, weightDecay = 0 } = options;
  checkRate("adam", learningRate);
  checkNumber("adam", "beta1", beta1, { min: 0, below: 1 });
  checkNumber("adam", "beta2", beta2, { min: 0, below: 1 });
  checkNumber("adam", "epsilon", epsilon, { above: SMALLEST });
  checkNumber("adam", "weightDecay", weightDecay, { min: 0 });
  return {
    kind: "adam",
    options: { learningRate, beta1, beta2, epsilon, weightDecay },
    allocate(memory, count, part = "metaOptimizer") {
      const mean = Vector.allocate(memory, count, part);
      const variance = Vector.allocate(memory, count, part);
      return {
        step: 0,
        state: { mean, variance },
        update(parameters, gradient) {
          const rate = rateAt(learningRate, this.step);
          this.step++;
          const stepSize = rate / (1 - power(beta1, this.step));
          const rootScale = 1 / Math.sqrt(1 - power(beta2, this.step));
          memory.core.adamStep(
            count,
            beta1,
            1 - beta1,
            beta2,
            1 - beta2,
            epsilon,
            stepSize,
            rootScale,
            1 - rate * weightDecay,
            gradient.pointer,
            mean.pointer,
            variance.pointer,
            parameters.pointer,
          );
        },
        reset() {
          this.step = 0;
          mean.fill(0);
          variance.fill(0);
        },
      };
    },
  };
}
