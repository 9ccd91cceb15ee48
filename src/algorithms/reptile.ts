import { checkInteger, checkNumber, checkOptions, refuseKind } from "../check.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { sgd } from "../optimizers/sgd.ts";
import { type BatchShape, hasMean, joined } from "../batch.ts";
import type { Batch } from "../task.ts";
import type { Vector } from "../vector.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { checkInnerSteps } from "./inner-loop-options.ts";
import { checkAllAdapt } from "./layers.ts";

/** Options of {@link reptile}: a rate for plain gradient descent inside, or another optimizer in its place. */
export interface ReptileOptions {
  /** α ≥ 0, for plain gradient descent; short for `innerOptimizer: sgd({ learningRate: α })`. */
  readonly innerLearningRate?: number;
  /** The optimizer inside; the paper's is `adam({ learningRate: 1e-3, beta1: 0 })`. Its state starts anew for every task. */
  readonly innerOptimizer?: Optimizer;
  /** 1 ≤ K ≤ 10,000. */
  readonly innerSteps: number;
  /** Rows of the support set a step; default all. */
  readonly innerBatchSize?: number;
}

/**
 * Reptile: move the start towards where training on a task ends.
 *
 *     φ = θ after K optimizer steps on the support set,   meta-gradient = θ − φ
 *
 * so that plain gradient descent outside with rate ε is the paper's θ ← θ + ε(φ − θ). Step k trains on rows kB … kB + B − 1 of the
 * support set, round and round; one whose rows all weigh nothing is left out. The paper draws no query set: give it all rows as support; the query set serves for the loss that is
 * reported. One task costs K gradients and one loss, and keeps two vectors besides the optimizer's.
 *
 * The authors' code lets Adam's second moments pass from one task to the next; here each task starts from zero state, so that a
 * task's result does not depend on the tasks before it.
 *
 * @throws {TypeError} `reptile: expected either innerLearningRate or innerOptimizer, got { innerLearningRate, innerOptimizer, innerSteps }`
 * @throws {RangeError} `reptile: expected innerSteps ≥ 1, got 0`; in createLearner, norms with `adapted: false`
 * @see Nichol, Achiam, Schulman 2018, arXiv:1803.02999, algorithms 1 and 2 (batched)
 * @example
 * const algorithm = reptile({ innerLearningRate: 0.02, innerSteps: 5, innerBatchSize: 10 });
 */
export function reptile(options: ReptileOptions): Algorithm {
  checkOptions("reptile", options, [
    "innerLearningRate",
    "innerOptimizer",
    "innerSteps",
    "innerBatchSize",
  ]);
  const { innerLearningRate, innerSteps, innerBatchSize } = options;
  if ((innerLearningRate === undefined) === (options.innerOptimizer === undefined))
    refuseKind("reptile", "either innerLearningRate or innerOptimizer", options);
  if (innerLearningRate !== undefined)
    checkNumber("reptile", "innerLearningRate", innerLearningRate, { min: 0 });
  const innerOptimizer = options.innerOptimizer ?? sgd({ learningRate: innerLearningRate ?? 0 });
  if (typeof innerOptimizer.allocate !== "function")
    refuseKind("reptile", "an optimizer as innerOptimizer", innerOptimizer);
  checkInnerSteps("reptile", innerSteps, 1);
  if (innerBatchSize !== undefined)
    checkInteger("reptile", "innerBatchSize", innerBatchSize, { min: 1 });
  return {
    kind: "reptile",
    followsGradient: false,
    options: { innerOptimizer, innerSteps, innerBatchSize },
    own: nothingOfItsOwn,
    bind({ network, parameters, gradient: out }) {
      checkAllAdapt("reptile", network.model.layers);
      const [adapted, gradient] = network.vectors(2, "path");
      const optimizer = innerOptimizer.allocate(network.memory, network.parameterCount, "path");

      function adapt(support: Batch, steps = innerSteps): Vector {
        optimizer.reset();
        adapted.copy(parameters);
        for (let k = 0; k < steps; k++) {
          const batch = innerBatch(support, k);
          if (!hasMean(batch.rows, batch.weights)) continue;
          network.gradient(adapted, batch, gradient.fill(0));
          optimizer.update(adapted, gradient);
        }
        return adapted;
      }

      function innerBatch(support: Batch, k: number): Batch {
        const rows = innerBatchSize ?? support.rows;
        return rows >= support.rows ? support : rowsOf(support, k * rows, rows, network);
      }

      return {
        adapt,
        metaGradient({ support, query }, scale) {
          adapt(support);
          // θ − φ before all else: the difference of close numbers is exact, that of two large sums is not.
          out.axpy(scale, gradient.copy(parameters).axpy(-1, adapted));
          return network.lossOf(adapted, query);
        },
      };
    },
  };
}

/** `count` rows from `start` on, counted round and round, fewer than there are: views of the batch, copies only where they come round. */
function rowsOf(
  batch: Batch,
  start: number,
  count: number,
  { inSize, targetSize }: BatchShape,
): Batch {
  const first = start % batch.rows;
  const pick = (values: ArrayLike<number>, size: number) => {
    const found = run(values, first * size, (first + count) * size);
    const missing = count * size - found.length;
    return missing === 0 ? found : joined(found, run(values, 0, missing));
  };
  return {
    inputs: pick(batch.inputs, inSize),
    targets: pick(batch.targets, targetSize),
    rows: count,
    ...(batch.weights && { weights: pick(batch.weights, 1) }),
  };
}

/** Elements `start` … `end − 1`, as far as there are. */
function run(values: ArrayLike<number>, start: number, end: number): ArrayLike<number> {
  if (ArrayBuffer.isView(values)) return (values as Float32Array).subarray(start, end);
  return (values as readonly number[]).slice(start, end);
}
