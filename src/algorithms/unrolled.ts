import { adapting } from "./adapting.ts";
import type { Batch, Task } from "../task.ts";
import type { BoundAlgorithm, Binding } from "./algorithm.ts";
import { isExact } from "./inner-loop-options.ts";
import { lowRank } from "./low-rank.ts";
import { allocateState, Path } from "./path.ts";
import type { Unrolling } from "./unrolling.ts";

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
  const { loop, start, weights, unroll = Infinity, together } = unrolling;
  const { innerSteps, firstOrderSteps, checkpoint } = loop;
  const { inner, rule, bound, u, startState, adapt } = adapting(binding, unrolling);
  const dTheta = start ? network.vector("path") : binding.gradient;
  const adjoint = allocateState(inner.network, rule, start ? dTheta : inner.gradient);
  const v = adjoint.parameters;
  const everExact = Array.from({ length: innerSteps }, (_, k) => isExact(loop, k, Infinity));
  const tapes = everExact.includes(true);
  const path =
    tapes || !rule.additive || weights
      ? new Path(inner.network, rule, bound, { steps: innerSteps, tapes, checkpoint })
      : undefined;

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
      loss += goBack(path, entered, query, scale, metaStep, w);
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
    metaStep: number,
    w?: readonly number[],
  ): number {
    let loss = 0;
    for (let k = innerSteps - 1; k >= 0; k--) {
      const { from, gradient, to, tape } = walked.at(k);
      bound.pullback(k, from, gradient, to, adjoint, u);
      if (isExact(loop, k, metaStep))
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

  return {
    adapt,
    metaGradient,
    together: together && lowRank(binding, loop, together.rate, together.wanted),
  };
}
