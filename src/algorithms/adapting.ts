import type { BoundRule, State, UpdateRule } from "../rules/rule.ts";
import { withStepNorms } from "../rules/step-norms.ts";
import type { Batch } from "../task.ts";
import type { Vector } from "../vector.ts";
import type { Binding } from "./algorithm.ts";
import { type InnerNetwork, innerNetwork } from "./inner-network.ts";
import { allocateState, copyState } from "./path.ts";
import type { Unrolling } from "./unrolling.ts";

/** An inner loop forward: what it takes to adapt, and to be differentiated. */
export interface Adapting {
  readonly inner: InnerNetwork;
  readonly rule: UpdateRule;
  readonly bound: BoundRule;
  /** A vector of the inner network's, free between calls. */
  readonly u: Vector;
  /** Where a task starts. Valid until the next call. */
  startState(support: Batch): State;
  /** φ: what `steps` steps (default K) on the support set make of the start. Valid until the next call. */
  adapt(support: Batch, steps?: number): Vector;
}

/**
 *     stateₖ₊₁ = rule(stateₖ, ∇L(θₖ; support)),   k = 0 … K−1
 *
 * Cost: one gradient a step, and what the rule does; keeps two states and a vector, however many the steps.
 */
export function adapting(
  binding: Binding,
  { loop, layers, start, rule: plain }: Unrolling,
): Adapting {
  const inner = innerNetwork(binding, layers);
  const rule = withStepNorms(plain, inner.network.model);
  const { own, ownGradient } = binding;
  const bound = rule.bind({ network: inner.network, steps: loop.innerSteps, own, ownGradient });
  const at0 = allocateState(inner.network, rule, inner.parameters);
  const adapted = allocateState(inner.network, rule);
  const u = inner.network.vector("path");

  function startState(support: Batch): State {
    return start ? { ...at0, parameters: start.apply(support) } : at0;
  }

  function adapt(support: Batch, steps = loop.innerSteps): Vector {
    const entered = inner.features(support);
    copyState(startState(support), adapted);
    for (let k = 0; k < steps; k++) {
      inner.network.gradient(adapted.parameters, entered, u.fill(0));
      bound.apply(k, adapted, u, adapted);
    }
    return inner.assemble(adapted.parameters);
  }

  return { inner, rule, bound, u, startState, adapt };
}
