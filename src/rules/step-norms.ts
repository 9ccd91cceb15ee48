import { isStepNorm } from "../layers/layer.ts";
import { type Model, placeLayers } from "../model.ts";
import type { Vector } from "../vector.ts";
import type { UpdateRule } from "./rule.ts";

/** The γ and β of a norm that has some for each step: those of step j, `size` numbers, stand at offset + j·size of θ. */
interface StepNorm {
  readonly offset: number;
  readonly size: number;
  /** The last step that there are some for; later ones have the same. */
  readonly last: number;
}

/** The norms of a model with γ and β for each step. */
function stepNorms(model: Model): StepNorm[] {
  return placeLayers(model).flatMap(({ layer, offset, length }) =>
    isStepNorm(layer) ? [{ offset, size: length / (layer.perStep + 1), last: layer.perStep }] : [],
  );
}

/**
 * A rule whose steps put the γ and β of the step to come where the passes read them, in the first place: with g₀ … g_last of such a norm in
 * every state, stateₖ₊₁ = rule(stateₖ), g₀ ← g_min(k + 1, last).   In the adjoint, d g_min(k + 1, last) += d g₀, d g₀ ← 0. None of
 * them adapts.
 */
export function withStepNorms(rule: UpdateRule, model: Model): UpdateRule {
  const norms = stepNorms(model);
  if (norms.length === 0) return rule;
  return {
    ...rule,
    additive: false,
    bind(context) {
      const bound = rule.bind(context);
      return {
        apply(k, from, gradient, to) {
          bound.apply(k, from, gradient, to);
          for (const norm of norms) enter(norm, k + 1, to.parameters);
        },
        pullback(k, from, gradient, to, adjoint, u) {
          for (const norm of norms) leave(norm, k + 1, adjoint.parameters);
          bound.pullback(k, from, gradient, to, adjoint, u);
        },
      };
    },
  };
}

function enter({ offset, size, last }: StepNorm, step: number, { view }: Vector): void {
  const from = offset + Math.min(step, last) * size;
  view.copyWithin(offset, from, from + size);
}

function leave({ offset, size, last }: StepNorm, step: number, { view }: Vector): void {
  const to = offset + Math.min(step, last) * size;
  for (let i = 0; i < size; i++) {
    const gathered = view[to + i] + view[offset + i];
    view[offset + i] = 0;
    view[to + i] = gathered;
  }
}
