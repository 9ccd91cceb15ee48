import { checkNumber, refuseKind } from "../check.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Another optimizer behind a bound on the gradient's length:  g ← g · min(1, maxNorm/‖g‖₂), over all parameters together.
 *
 * Cost: one dot product, and one scaling where the bound bites.
 *
 * @throws {RangeError} `clipNorm: expected maxNorm > 0, got 0`
 * @see Pascanu, Mikolov, Bengio 2013, arXiv:1211.5063, algorithm 1
 * @example
 * const metaOptimizer = clipNorm(adam({ learningRate: 1e-3 }), 10);
 */
export function clipNorm(optimizer: Optimizer, maxNorm: number): Optimizer {
  if (typeof optimizer?.allocate !== "function") refuseKind("clipNorm", "an optimizer", optimizer);
  checkNumber("clipNorm", "maxNorm", maxNorm, { above: 0 });
  return {
    kind: "clipNorm",
    options: { optimizer, maxNorm },
    allocate(memory, count, part) {
      const inner = optimizer.allocate(memory, count, part);
      return {
        get step() {
          return inner.step;
        },
        set step(step) {
          inner.step = step;
        },
        state: inner.state,
        update(parameters, gradient) {
          const norm = gradient.norm();
          if (norm > maxNorm) gradient.multiple(maxNorm / norm, gradient);
          inner.update(parameters, gradient);
        },
        reset: () => inner.reset(),
      };
    },
  };
}
