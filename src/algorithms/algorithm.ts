import type { PlacedTensor } from "../model.ts";
import type { Network } from "../network.ts";
import type { OwnTensor } from "../rules/rule.ts";
import type { Batch, Task } from "../task.ts";
import type { Vector } from "../vector.ts";
import type { Unrolling } from "./unrolling.ts";

/**
 * How to learn to learn: an immutable value, made by `maml`, `metaSgd`, `reptile` …. It composes whole-network passes and vector
 * operations, and never touches the core.
 */
export interface Algorithm {
  readonly kind: string;
  /** All that `kind` was made with: what a saved file says of it. */
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * Whether its meta-gradient, where no second derivatives are left out, is the gradient of the loss that it reports: `metaGradCheck` can then
   * tell right from wrong.
   */
  readonly followsGradient: boolean;
  /** What it learns besides θ, for θ of those tensors: it stands behind θ in `metaParameters`, in this order. */
  own(tensors: readonly PlacedTensor[]): readonly OwnTensor[];
  /**
   * Allocates all it will ever need. Called once, while a learner is built.
   *
   * @throws {RangeError} a network that it is not for
   */
  bind(binding: Binding): BoundAlgorithm;
}

/** What an algorithm is bound to: a network, what is learned, and where the gradient of that goes. */
export interface Binding {
  readonly network: Network;
  /** θ. */
  readonly parameters: Vector;
  /** Its own tensors, one behind the other. */
  readonly own: Vector;
  /** d loss/dθ of the task at hand. */
  readonly gradient: Vector;
  /** d loss/d own. */
  readonly ownGradient: Vector;
  /** Whether each task's meta-gradient is wanted by itself: a guard looks at its norm. */
  readonly apart: boolean;
  /** An inner loop of this binding's, with its meta-gradient: exact reverse mode through it, unless only adapting is asked of it. */
  unrolled(unrolling: Unrolling): BoundAlgorithm;
}

/** An algorithm with its workspace. */
export interface BoundAlgorithm {
  /** φ: what `steps` steps (default: as many as are trained for) on the support set make of θ. Valid until the next call. */
  adapt(support: Batch, steps?: number): Vector;
  /**
   * Adds scale·(meta-gradient of one task) to the binding's gradients, which are zero before; returns the task's loss after adaptation.
   *
   * @param metaStep meta-steps made so far: what is annealed goes by it
   */
  metaGradient(task: Task, scale: number, metaStep: number): number;
  /** What is worth knowing of the last task besides its loss, by name. */
  report?(): Readonly<Record<string, number>>;
  /** Several tasks at once, where that is cheaper. */
  readonly together?: Together | undefined;
}

/** How an algorithm takes several tasks at once. */
export interface Together {
  /** How many of the tasks from `start` on; 0: none, they go one by one. A matter of the tasks and the model alone: the same bits everywhere. */
  count(tasks: readonly Task[], start: number): number;
  /** As the algorithm's own, summed over these tasks; their losses, valid until the next call. */
  metaGradient(tasks: readonly Task[], scale: number, metaStep: number): ArrayLike<number>;
}

/** For those that learn θ alone. */
export const nothingOfItsOwn = (): readonly OwnTensor[] => [];
