import type { Random } from "./random.ts";

/** Rows of inputs with what they should give. */
export interface Batch {
  /** rows×inSize, row-major. */
  readonly inputs: ArrayLike<number>;
  /** rows×outSize, row-major; for cross-entropy one class index a row. */
  readonly targets: ArrayLike<number>;
  readonly rows: number;
  /**
   * One weight ≥ 0 a row; the loss is then the weighted mean Σ wᵢ lᵢ / Σ wᵢ. Absent: all rows alike. Weights do not enter the statistics of
   * batch norm: there a row of weight 0 still counts.
   */
  readonly weights?: ArrayLike<number>;
  /**
   * Of a query: the rows, the first ones, 1 … rows, that batch norm takes its statistics of; absent: all. Their losses count as all do. Not in
   * support sets, nor with statistics of the support set.
   */
  readonly counted?: number;
}

/** One small learning problem: rows to adapt on, and other rows of the same problem to judge the result by. */
export interface Task {
  readonly support: Batch;
  readonly query: Batch;
  /** Which of a fixed number of tasks it is, 0, 1, 2 … 16777214; only `multiTask`, which keeps a head for each, asks for it. */
  readonly index?: number;
}

/**
 * Where tasks come from. `sample` draws one with `random`, and with nothing else: same stream, same task. Tasks of one meta-batch stand in arrays
 * of their own; the next one of the same training may fill the same arrays anew. (A pool has the next one drawn while one is under way: whoever
 * draws from the same distribution between two reports then needs one that makes new arrays.)
 */
export interface TaskDistribution {
  readonly inSize: number;
  /** Values a row of targets: outputs of a regression; 1 (the class index) for classes. */
  readonly targetSize: number;
  sample(random: Random): Task;
}
