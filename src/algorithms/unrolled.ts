import type { UpdateRule, State } from "../rules/rule.ts";
import { withStepNorms } from "../rules/step-norms.ts";
import type { Batch, Task } from "../task.ts";
import type { Vector } from "../vector.ts";
import type { BoundAlgorithm, Binding } from "./algorithm.ts";
import { innerNetwork } from "./inner-network.ts";
import { type InnerLoop, orderAt } from "./inner-loop-options.ts";
import { allocateState, copyState, Path } from "./path.ts";

/** What differs between algorithms that differentiate through their inner loop. */
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
}

/** A start made of θ and the support set. */
export interface Start {
  /** φ₀. Valid until the next call. */
  apply(support: Batch): Vector;
  /** Adds d loss/dθ to the binding's gradient, given d loss/dφ₀ (which it may change), for the support set that it was applied to last. */
  pullback(adjoint: Vector, support: Batch): void;
}

/**
 * Reverse mode through an inner loop, exactly:
 *
 *     stateₖ₊₁ = rule(stateₖ, gₖ),   gₖ = ∇L(θₖ; support),   k = 0 … K−1;   loss = Σₖ wₖ L(θₖ; query), most often L(θ_K; query)
 *     v ← w_K ∇L(θ_K; query);   for k = K−1 … 0:   (v, u) ← rule's pullback,   v ← v + ∇²L(θₖ; support)·u + wₖ ∇L(θₖ; query)
 *
 * At steps of order 1 the product is left out. One task costs K + 1 gradients and K products of at most two gradients each, besides what
 * the rule does, and keeps K states and K tapes (activations and their gradients for 32 rows), or about 2⌈√K⌉ states and ⌈√K⌉ tapes with two forward sweeps. A rule
 * that is additive needs none of that at order 1.
 */
export function unrolled(binding: Binding, unrolling: Unrolling): BoundAlgorithm {
  const { network } = binding;
  const { loop, layers, start, weights, unroll = Infinity } = unrolling;
  const { innerSteps, order, firstOrderSteps, checkpoint } = loop;
  const inner = innerNetwork(binding, layers);
  const rule = withStepNorms(unrolling.rule, inner.network.model);
  const { own, ownGradient } = binding;
  const bound = rule.bind({ network: inner.network, steps: innerSteps, own, ownGradient });
  const at0 = allocateState(inner.network, rule, inner.parameters);
  const adapted = allocateState(inner.network, rule);
  const u = inner.network.vector("path");
  const dTheta = start ? network.vector("path") : binding.gradient;
  const adjoint = allocateState(inner.network, rule, start ? dTheta : inner.gradient);
  const v = adjoint.parameters;
  const tapes = Array.from({ length: innerSteps }, (_, k) => orderAt(order, k)).includes(2);
  const path =
    tapes || !rule.additive || weights
      ? new Path(inner.network, rule, bound, { steps: innerSteps, tapes, checkpoint })
      : undefined;

  function startState(support: Batch): State {
    return start ? { ...at0, parameters: start.apply(support) } : at0;
  }

  function adapt(support: Batch, steps = innerSteps): Vector {
    const entered = inner.features(support);
    copyState(startState(support), adapted);
    for (let k = 0; k < steps; k++) {
      inner.network.gradient(adapted.parameters, entered, u.fill(0));
      bound.apply(k, adapted, u, adapted);
    }
    return inner.assemble(adapted.parameters);
  }

  function metaGradient({ support, query }: Task, scale: number, metaStep: number): number {
    const w = weights?.(metaStep);
    const exact = tapes && metaStep >= firstOrderSteps;
    if (start) dTheta.fill(0);
    for (const vector of adjoint.carried) vector.fill(0);
    let loss: number;
    if (!path || (!exact && rule.additive && !w))
      loss = network.gradient(adapt(support), query, dTheta, scale);
    else {
      const entered = inner.features(support);
      const last = path.walk(startState(support), entered);
      const share = w && innerSteps > 0 ? w[innerSteps - 1] : 1;
      loss =
        share * network.gradient(inner.assemble(last.parameters), query, dTheta, scale * share);
      loss += goBack(path, entered, query, scale, exact, w);
      if (exact) inner.pullFeatures(support);
    }
    start?.pullback(dTheta, support);
    return loss;
  }

  /** From d loss/dθ_K to d loss/dθ₀; returns the losses before the last. */
  function goBack(
    walked: Path,
    support: Batch,
    query: Batch,
    scale: number,
    exact: boolean,
    w?: readonly number[],
  ): number {
    let loss = 0;
    for (let k = innerSteps - 1; k >= 0; k--) {
      const { from, gradient, to, tape } = walked.at(k);
      bound.pullback(k, from, gradient, to, adjoint, u);
      if (exact && orderAt(order, k) === 2)
        inner.network.hvp(from.parameters, support, u, v, tape, inner.dFeatures);
      if (k === 0) break;
      if (k % unroll === 0) cut();
      const weight = w ? w[k - 1] : 0;
      if (weight > 0) {
        const parameters = inner.assemble(from.parameters);
        loss += weight * network.gradient(parameters, query, dTheta, scale * weight);
      }
    }
    return loss;
  }

  /** What comes before is held constant. */
  function cut(): void {
    v.fill(0);
    for (const vector of adjoint.carried) vector.fill(0);
  }

  return { adapt, metaGradient };
}
