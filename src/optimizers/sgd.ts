import { checkNumber, checkOptions } from "../check.ts";
import { Vector } from "../vector.ts";
import type { Optimizer } from "./optimizer.ts";
import { type LearningRate, checkRate, rateAt } from "./schedule.ts";

/**
 * Gradient descent, with momentum if wanted (as PyTorch writes it: no dampening).
 *
 *     v ← μv + g,   θ ← θ − ηv
 *
 * Cost: one pass over the parameters; keeps one vector.
 *
 * @param options.learningRate η ≥ 0, or a schedule
 * @param options.momentum 0 ≤ μ < 1; default 0
 * @throws {RangeError} `sgd: expected 0 ≤ momentum < 1, got 1`
 */
export function sgd(options: {
  readonly learningRate: LearningRate;
  readonly momentum?: number;
}): Optimizer {
  checkOptions("sgd", options, ["learningRate", "momentum"]);
  const { learningRate, momentum = 0 } = options;
  checkRate("sgd", learningRate);
  checkNumber("sgd", "momentum", momentum, { min: 0, below: 1 });
  return {
    kind: "sgd",
    options: { learningRate, momentum },
    allocate(memory, count, part = "metaOptimizer") {
      const velocity = Vector.allocate(memory, count, part);
      return {
        step: 0,
        state: { velocity },
        update(parameters, gradient) {
          const rate = rateAt(learningRate, this.step);
          this.step++;
          const [g, v, theta] = [gradient.pointer, velocity.pointer, parameters.pointer];
          memory.core.sgdStep(count, rate, momentum, g, v, theta);
        },
        reset() {
          this.step = 0;
          velocity.fill(0);
        },
      };
    },
  };
}
