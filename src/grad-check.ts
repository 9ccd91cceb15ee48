import { checkInteger, checkNumber, checkOptions, refuse, refuseKind } from "./check.ts";
import { median } from "./data/median.ts";
import { checkTasks } from "./inductive.ts";
import { Learner } from "./learner.ts";
import { Random } from "./random.ts";
import type { Task } from "./task.ts";

/** Options of {@link metaGradCheck}. */
export interface GradCheckOptions {
  /** Random directions to try; default 8. */
  readonly directions?: number;
  /** Length of the finite difference's step, relative to ‖metaParameters‖; default 3e-4. */
  readonly epsilon?: number;
  /** Of the directions; default 0. */
  readonly seed?: number;
}

/** What {@link metaGradCheck} found. */
export interface GradCheck {
  /**
   * The median over directions of |slope − difference|, relative to ‖meta-gradient‖/√n, a random direction's typical slope. Not the
   * largest: a kink of ReLU spoils a direction or two, a wrong gradient is off along nearly all.
   */
  readonly error: number;
  readonly directions: readonly { readonly slope: number; readonly difference: number }[];
}

/**
 * Holds a learner's meta-gradient against finite differences of its loss after adaptation, along random unit directions d: the slope
 * d·metaGradient against (F(θ + εd) − F(θ − εd))/2ε, with one Richardson step (ε and 2ε) to take off the ε² term.
 *
 * The loss is computed in f32, so differences carry a noise of about 1e-7·F/ε, and a ReLU that switches within the step, or within the
 * inner loop, adds a jump. Measured on 60 seeds of sinusoids: at most about 1e-3 with smooth activations. With ReLU 1e-3 in the median, but
 * above 1e-2 for one seed in four, and above 1 for some. So check with a smooth activation, or with several seeds. A first-order
 * meta-gradient is off in proportion to α: by 0.005 to 0.05 at 0.001, 0.03 to 0.4 at 0.01, 0.2 and more at 0.1. For a proof to 1e-5
 * compare with an f64 reference, as this library's own tests do. The learner stays as it is. Cost: 1 + 4·directions meta-gradients.
 *
 * @throws {RangeError} for `reptile`, `cavia`, `warpGrad`, and `learnedOptimizer` unless it learns the start and goes back in one piece: what
 * they follow is not the whole gradient of the loss that they report
 * @example
 * const { error } = metaGradCheck(learner, [sinusoids().sample(new Random(1))]);
 */
export function metaGradCheck(
  learner: Learner,
  tasks: readonly Task[],
  options: GradCheckOptions = {},
): GradCheck {
  if (!(learner instanceof Learner)) refuseKind("metaGradCheck", "a learner", learner);
  checkOptions("metaGradCheck", options, ["directions", "epsilon", "seed"]);
  const { directions = 8, epsilon = 3e-4, seed = 0 } = options;
  checkInteger("metaGradCheck", "directions", directions, { min: 1 });
  checkNumber("metaGradCheck", "epsilon", epsilon, { above: 0 });
  checkInteger("metaGradCheck", "seed", seed, { min: 0 });
  const { followsGradient, kind } = learner.algorithm;
  if (!followsGradient)
    refuse("metaGradCheck", "an algorithm that follows the gradient of a loss", kind);
  checkTasks("metaGradCheck", tasks, learner.internal.network);
  const { gradient } = learner.metaGradient(tasks);
  const start = learner.metaParameters.slice();
  const random = new Random(seed);
  const step = epsilon * norm(start) || epsilon;
  const found = Array.from({ length: directions }, (_, i) => {
    const direction = unitDirection(start.length, random.fork(i));
    const slope = direction.reduce((sum, d, j) => sum + d * gradient[j], 0);
    const near = centralDifference(learner, tasks, start, direction, step);
    const far = centralDifference(learner, tasks, start, direction, 2 * step);
    return { slope, difference: (4 * near - far) / 3 };
  });
  const typical = norm(gradient) / Math.sqrt(start.length);
  const gap = median(found.map(({ slope, difference }) => Math.abs(slope - difference)));
  return { error: gap === 0 ? 0 : gap / typical, directions: found };
}

/** (F(θ + εd) − F(θ − εd))/2ε. Puts θ back, whatever happens. */
function centralDifference(
  learner: Learner,
  tasks: readonly Task[],
  start: Float32Array,
  direction: Float64Array,
  epsilon: number,
): number {
  const lossAt = (signed: number) => {
    learner.metaParameters.set(start.map((value, i) => value + signed * direction[i]));
    return learner.metaGradient(tasks).loss;
  };
  try {
    return (lossAt(epsilon) - lossAt(-epsilon)) / (2 * epsilon);
  } finally {
    learner.metaParameters.set(start);
  }
}

function unitDirection(length: number, random: Random): Float64Array {
  const direction = Float64Array.from({ length }, () => random.normal());
  const size = norm(direction);
  return direction.map((value) => value / size);
}

function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}
