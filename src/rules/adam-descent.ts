import { power } from "../math.ts";
import { plain, type UpdateRule } from "./rule.ts";

/** β₁, β₂ and ε of {@link adamDescent}. */
export interface AdamConstants {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * Adam with ε inside the root, so that it can be differentiated where a gradient is zero:
 *
 *     m' = β₁m + (1 − β₁)g,   s' = β₂s + (1 − β₂)g²,   θ' = θ − α m̂/r,   r = √(ŝ + ε),   m̂ = m'/(1 − β₁ᵏ⁺¹),  ŝ = s'/(1 − β₂ᵏ⁺¹)
 *
 * With v, n, q the adjoints of θ, m and s:
 *
 *     n ← n − α/(1 − β₁ᵏ⁺¹) · v/r,   q ← q + α/(2(1 − β₂ᵏ⁺¹)) · v m̂/r³,   u = (1 − β₁)n + 2(1 − β₂)q g,   n ← β₁n,  q ← β₂q
 *
 * Outside of the root, ε leaves 1/(2√ŝ) in the derivative, which is infinite for a gradient that has always been zero (a dead ReLU).
 * Cost: about five passes over the parameters forward, ten back; carries m and s, keeps g.
 *
 * @see Kingma, Ba 2015, arXiv:1412.6980, section 2, but for ε
 */
export function adamDescent(learningRate: number, constants: AdamConstants): UpdateRule {
  const { beta1, beta2, epsilon } = constants;
  const correction = (beta: number, k: number) => 1 - power(beta, k + 1);
  return {
    ...plain,
    readsGradient: true,
    carries: ({ parameterCount }) => [parameterCount, parameterCount],
    bind({ network }) {
      const [root, part] = network.vectors(2, "path");
      return {
        apply(k, from, gradient, to) {
          const [m, s] = to.carried;
          m.multiple(beta1, from.carried[0]).axpy(1 - beta1, gradient);
          s.multiple(beta2, from.carried[1]).hadamard(1 - beta2, gradient, gradient, s);
          root.root(1 / correction(beta2, k), s, epsilon);
          part.quotient(-learningRate / correction(beta1, k), m, root);
          to.parameters.combine(1, part, from.parameters);
        },
        pullback(k, _from, gradient, to, { parameters: v, carried: [n, q] }, u) {
          const [m, s] = to.carried;
          const [c1, c2] = [correction(beta1, k), correction(beta2, k)];
          root.root(1 / c2, s, epsilon);
          part.quotient(1, v, root);
          n.axpy(-learningRate / c1, part);
          // v m̂/r³, a factor at a time.
          part
            .quotient(1, part, root)
            .quotient(1, part, root)
            .product(1 / c1, part, m);
          q.axpy(learningRate / (2 * c2), part);
          u.multiple(1 - beta1, n).hadamard(2 * (1 - beta2), q, gradient, u);
          n.multiple(beta1, n);
          q.multiple(beta2, q);
        },
      };
    },
  };
}
