import type { Network } from "../network.ts";
import type { Batch, Task } from "../task.ts";
import type { Vector } from "../vector.ts";

/**
 * How to learn to learn: an immutable value, made by `maml`, `reptile` or `pretrain`. It composes whole-network passes and vector
 * operations, and never touches the core.
 */
export interface Algorithm {
  readonly kind: string;
  /** All that `kind` was made with: what a saved file says of it. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether its meta-gradient is the gradient of a loss, so that `metaGradCheck` can tell right from wrong. */
  readonly followsGradient: boolean;
  /** Allocates all it will ever need. Called once, while a learner is built. */
  bind(network: Network): BoundAlgorithm;
}

/** An algorithm with its workspace. */
export interface BoundAlgorithm {
  /** φ: what `steps` steps (default: as many as are trained for) on the support set make of θ. Valid until the next call. */
  adapt(parameters: Vector, support: Batch, steps?: number): Vector;
  /** out += scale·(meta-gradient of one task); returns the task's loss after adaptation. */
  metaGradient(parameters: Vector, task: Task, out: Vector, scale: number): number;
}
