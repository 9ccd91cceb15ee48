import type { Network, Tape } from "../network.ts";
import type { BoundRule, State, UpdateRule } from "../rules/rule.ts";
import type { Batch } from "../task.ts";
import { Vector } from "../vector.ts";

/** A step of a path that was walked, to be differentiated. */
export interface Step {
  readonly from: State;
  /** gₖ, where the rule reads it. */
  readonly gradient: Vector;
  readonly to: State;
  readonly tape: Tape | undefined;
}

/** What a {@link Path} is made with. */
export interface PathOptions {
  /** K. */
  readonly steps: number;
  /** Whether Hessian-vector products will be asked for. */
  readonly tapes: boolean;
  readonly checkpoint: boolean;
}

/**
 * The states θ₀ … θ_K of an inner loop with all that its adjoint needs: kept for all steps, or, with `checkpoint`, for ⌈√K⌉ at a time, with
 * every ⌈√K⌉-th state to compute them again from.
 */
export class Path {
  private readonly network: Network;
  private readonly rule: BoundRule;
  private readonly steps: number;
  /** Steps of a segment. */
  private readonly size: number;
  /** The state that segment 1, 2 … starts from. */
  private readonly starts: readonly State[];
  /** States behind each step of the segment at hand. */
  private readonly states: readonly State[];
  private readonly gradients: readonly Vector[];
  private readonly tapes: readonly Tape[];
  private segment = 0;
  private start: State | undefined;
  private support: Batch | undefined;

  constructor(network: Network, rule: UpdateRule, bound: BoundRule, options: PathOptions) {
    const { steps, tapes, checkpoint } = options;
    this.network = network;
    this.rule = bound;
    this.steps = steps;
    this.size = checkpoint ? Math.ceil(Math.sqrt(steps)) : steps;
    const segments = steps === 0 ? 0 : Math.ceil(steps / this.size);
    this.starts = repeat(segments - 1, () => allocateState(network, rule));
    this.states = repeat(this.size, () => allocateState(network, rule));
    this.gradients = network.vectors(rule.readsGradient ? this.size : 1, "path");
    this.tapes = tapes ? repeat(this.size, () => network.tape()) : [];
  }

  /** Takes all steps from a state; returns the last state. */
  walk(start: State, support: Batch): State {
    this.start = start;
    this.support = support;
    let state = start;
    for (let segment = 0; segment * this.size < this.steps; segment++) {
      if (segment > 0) copyState(state, this.starts[segment - 1]);
      state = this.walkSegment(segment);
    }
    return state;
  }

  /** Step k of the path that was walked last: asked for from the last step to the first. */
  at(k: number): Step {
    const segment = Math.floor(k / this.size);
    if (segment !== this.segment) this.walkSegment(segment);
    const i = k - segment * this.size;
    return {
      from: i === 0 ? this.startOf(segment) : this.states[i - 1],
      gradient: this.gradients[i % this.gradients.length],
      to: this.states[i],
      tape: this.tapes[i],
    };
  }

  private walkSegment(segment: number): State {
    const first = segment * this.size;
    let state = this.startOf(segment);
    for (let i = 0; i < this.size && first + i < this.steps; i++) {
      const gradient = this.gradients[i % this.gradients.length].fill(0);
      const [support, tape] = [this.support as Batch, this.tapes[i]];
      if (tape) this.network.record(state.parameters, support, gradient, tape);
      else this.network.gradient(state.parameters, support, gradient);
      this.rule.apply(first + i, state, gradient, this.states[i]);
      state = this.states[i];
    }
    this.segment = segment;
    return state;
  }

  private startOf(segment: number): State {
    return segment === 0 ? (this.start as State) : this.starts[segment - 1];
  }
}

/** Room for a state: zeros. */
export function allocateState(network: Network, rule: UpdateRule, parameters?: Vector): State {
  return {
    parameters: parameters ?? network.vector("path"),
    carried: rule.carries(network).map((length) => Vector.allocate(network.memory, length, "path")),
  };
}

/** to ← from. */
export function copyState(from: State, to: State): void {
  to.parameters.copy(from.parameters);
  to.carried.forEach((vector, i) => vector.copy(from.carried[i]));
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: Math.max(count, 0) }, make);
}
