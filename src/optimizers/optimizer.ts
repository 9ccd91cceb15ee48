import type { Memory, MemoryPart } from "../memory.ts";
import type { Vector } from "../vector.ts";

/** How parameters follow a gradient: an immutable value, made by `sgd`, `adam` or `clipNorm`. */
export interface Optimizer {
  readonly kind: string;
  /** All that `kind` was made with: what a saved file says of it. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Allocates state for `count` parameters, as that part of memory, by default `metaOptimizer`. Called once, while a learner is built. */
  allocate(memory: Memory, count: number, part?: MemoryPart): BoundOptimizer;
}

/** An optimizer with its state. */
export interface BoundOptimizer {
  /** Updates made since the last reset. */
  step: number;
  /** The state's vectors, by name. */
  readonly state: Readonly<Record<string, Vector>>;
  /** Changes the parameters by one step, and may change the gradient. */
  update(parameters: Vector, gradient: Vector): void;
  /** State of the first step. */
  reset(): void;
}
