import { partsOf } from "./parts.ts";
import { plain, type UpdateRule } from "./rule.ts";

/**
 * θₖ₊₁ = θₖ − αₖₜ gₖ on each tensor t, with learned rates α[step][tensor].   u = −αₖₜ v,  dαₖₜ = −gₖ·v over the tensor.
 *
 * Beyond the last step that was trained for, its rates go on. Cost: one pass over the parameters forward, two back.
 *
 * @see Antoniou, Edwards, Storkey 2019, arXiv:1810.09502, section 4, "LSLR"
 */
export function perTensorRates(initial: number): UpdateRule {
  return {
    ...plain,
    readsGradient: true,
    own: (tensors, steps) => [
      {
        name: "alpha",
        shape: [Math.max(steps, 1), tensors.length],
        initialize: (values) => void values.fill(initial),
      },
    ],
    bind({ network, steps, own, ownGradient }) {
      const parts = partsOf(network);
      const row = (k: number) => Math.min(k, Math.max(steps, 1) - 1) * parts.length;
      return {
        apply(k, from, gradient, to) {
          const alpha = own.view;
          for (let t = 0; t < parts.length; t++)
            parts.combine(t, -alpha[row(k) + t], gradient, from.parameters, to.parameters);
        },
        pullback(k, _from, gradient, _to, { parameters: v }, u) {
          const [alpha, dAlpha] = [own.view, ownGradient.view];
          for (let t = 0; t < parts.length; t++) {
            dAlpha[row(k) + t] -= parts.dot(t, gradient, v);
            parts.multiple(t, -alpha[row(k) + t], v, u);
          }
        },
      };
    },
  };
}
