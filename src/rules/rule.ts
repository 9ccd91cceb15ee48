import type { TensorSpec } from "../layers/layer.ts";
import type { PlacedTensor } from "../model.ts";
import type { Network } from "../network.ts";
import type { Random } from "../random.ts";
import type { Vector } from "../vector.ts";

/** A tensor that an algorithm learns besides θ, and how it starts: from zeros, with θ as it starts at hand. */
export interface OwnTensor extends TensorSpec {
  initialize(values: Float32Array, random: Random, theta: Float32Array): void;
}

/** Where the inner loop stands before or after a step: θₖ, and the vectors that the rule carries from step to step. */
export interface State {
  readonly parameters: Vector;
  readonly carried: readonly Vector[];
}

/**
 * How a step follows from a gradient: an immutable value. stateₖ₊₁ = rule(stateₖ, gₖ) with gₖ = ∇L(θₖ; support); where a network's layers
 * do not all adapt, gₖ is zero for those that stay.
 */
export interface UpdateRule {
  /** θₖ₊₁ = θₖ − f(gₖ), with nothing carried and nothing learned: with gₖ constant the adjoint passes unchanged. */
  readonly additive: boolean;
  /** Whether `pullback` reads gₖ, which is then kept for every step. */
  readonly readsGradient: boolean;
  /** Lengths of the vectors that it carries, zeros before the first step. */
  carries(network: Network): readonly number[];
  /** What it learns, for θ of those tensors, in that many steps. */
  own(tensors: readonly PlacedTensor[], steps: number): readonly OwnTensor[];
  /** Allocates all it will ever need. Called once, while a learner is built. */
  bind(context: RuleBinding): BoundRule;
}

/** What a rule is bound to. */
export interface RuleBinding {
  readonly network: Network;
  /** K, as trained for. */
  readonly steps: number;
  /** The rule's own tensors, one behind the other, and where their gradient is added up. */
  readonly own: Vector;
  readonly ownGradient: Vector;
}

/** A rule with its workspace. */
export interface BoundRule {
  /** to ← the state behind step k = 0, 1, 2 …; `to` may be `from`. */
  apply(k: number, from: State, gradient: Vector, to: State): void;
  /**
   * The adjoint of step k. `adjoint`: d loss/d stateₖ₊₁, and then the part of d loss/d stateₖ that does not come through gₖ;
   * u ← d loss/d gₖ; adds d loss/d own to `ownGradient`.
   */
  pullback(k: number, from: State, gradient: Vector, to: State, adjoint: State, u: Vector): void;
}

/** What most rules are: nothing carried, nothing learned. */
export const plain = { additive: false, readsGradient: false, carries: () => [], own: () => [] };
