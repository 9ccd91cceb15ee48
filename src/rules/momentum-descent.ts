import { plain, type UpdateRule } from "./rule.ts";

/**
 * mₖ₊₁ = μmₖ + gₖ,   θₖ₊₁ = θₖ − αmₖ₊₁,   m₀ = 0.   Adjoint: n ← n − αv, u = n, n ← μn, with v of θ and n of m.
 *
 * Cost: two passes over the parameters each way; carries m.
 */
export function momentumDescent(learningRate: number, momentum: number): UpdateRule {
  return {
    ...plain,
    carries: ({ parameterCount }) => [parameterCount],
    bind: () => ({
      apply(_k, from, gradient, to) {
        const [m] = to.carried;
        m.combine(momentum, from.carried[0], gradient);
        to.parameters.combine(-learningRate, m, from.parameters);
      },
      pullback(_k, _from, _gradient, _to, { parameters: v, carried: [n] }, u) {
        n.axpy(-learningRate, v);
        u.copy(n);
        n.multiple(momentum, n);
      },
    }),
  };
}
