import type { UpdateRule } from "../rules/rule.ts";
import type { Batch } from "../task.ts";
import type { Vector } from "../vector.ts";
import type { InnerLoop } from "./inner-loop-options.ts";
import type { FastWeights } from "./low-rank.ts";

/** An inner loop of steps by a rule: what differs between the algorithms that differentiate through it. */
export interface Unrolling {
  readonly loop: InnerLoop;
  readonly rule: UpdateRule;
  /** The layers that adapt, by their index in the model, in order; default all. For rules that learn nothing themselves. */
  readonly layers?: readonly number[] | undefined;
  /** Where a task starts, if not at θ. */
  readonly start?: Start | undefined;
  /** wₖ of L(θₖ; query), k = 1 … K, in the loss; undefined: that of the last state alone. */
  weights?(metaStep: number): readonly number[] | undefined;
  /** Steps that are differentiated in one piece; default all. */
  readonly unroll?: number;
  /** For gradient descent with one rate: tasks side by side, where it can be and is wanted. */
  readonly together?: { readonly rate: number; readonly wanted: FastWeights } | undefined;
}

/** A start made of θ and the support set. */
export interface Start {
  /** φ₀. Valid until the next call. */
  apply(support: Batch): Vector;
  /** Adds d loss/dθ to the binding's gradient, given d loss/dφ₀ (which it may change), for the support set that it was applied to last. */
  pullback(adjoint: Vector, support: Batch): void;
}
