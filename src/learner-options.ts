import type { Algorithm } from "./algorithms/algorithm.ts";
import type { DivergencePolicy } from "./guard.ts";
import type { Loss } from "./loss.ts";
import type { Model } from "./model.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";

/** What {@link createLearner} takes. */
export interface LearnerOptions {
  readonly model: Model;
  readonly loss: Loss;
  readonly algorithm: Algorithm;
  readonly metaOptimizer: Optimizer;
  /** All randomness comes from it: initial parameters, tasks drawn by `metaTrain`. An integer, 0 ≤ seed < 2⁵³. */
  readonly seed: number;
  /** θ to start from, such as another learner's `parameters`; default: drawn as the model's layers say. */
  readonly parameters?: ArrayLike<number>;
  /**
   * Rows of the largest batch, for a model with batch norm; other models take any. 1 … 2²⁴, default 1024. With statistics "support" a task's
   * support and query rows together are one.
   */
  readonly maxRows?: number;
  /**
   * What a task means that diverges, its loss or meta-gradient not finite or the latter's norm over `maxTaskNorm`: `throw` refuses the
   * meta-step, `skip` leaves the task out of it, `clip` scales its meta-gradient down to `maxTaskNorm` (what is not finite is left out).
   * Default `throw`. The other two, and a bound, cost a pass over the meta-gradient a task, and `maml`'s tasks no longer
   * go side by side.
   */
  readonly onDivergence?: DivergencePolicy;
  /** Default: no bound but f32's own. `clip` needs one. */
  readonly maxTaskNorm?: number | undefined;
  /** A compiled core; default the strict one, but in `rvml/core`, which has none. See `relaxedCore`. */
  readonly core?: WebAssembly.Module;
}

/** Options with those left out filled in. */
export type CompleteOptions = LearnerOptions &
  Required<Pick<LearnerOptions, "maxRows" | "onDivergence">>;
