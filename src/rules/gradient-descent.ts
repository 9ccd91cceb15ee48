import { plain, type UpdateRule } from "./rule.ts";

/** θₖ₊₁ = θₖ − αgₖ.   u = −αv. Cost: one pass over the parameters each way. */
export function gradientDescent(learningRate: number): UpdateRule {
  return {
    ...plain,
    additive: true,
    bind: () => ({
      apply: (_k, from, gradient, to) =>
        void to.parameters.combine(-learningRate, gradient, from.parameters),
      pullback: (_k, _from, _gradient, _to, { parameters: v }, u) =>
        void u.multiple(-learningRate, v),
    }),
  };
}
