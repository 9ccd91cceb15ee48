import { plain, type OwnTensor, type UpdateRule } from "./rule.ts";

/** A rate for every parameter: α each, or drawn evenly between two bounds. */
export type InitialRate = number | { readonly from: number; readonly to: number };

/**
 * θₖ₊₁ = θₖ − α ⊙ gₖ with learned rates α in θ's layout, the same at every step.   u = −α ⊙ v,  dα = −gₖ ⊙ v summed over k.
 *
 * Cost: one pass over the parameters forward, two back.
 */
export function perParameterRates(initial: InitialRate): UpdateRule {
  return {
    ...plain,
    readsGradient: true,
    own: (tensors) =>
      tensors.map(({ name, shape }): OwnTensor => ({
        name: `alpha.${name}`,
        shape,
        initialize(values, random) {
          if (typeof initial === "number") values.fill(initial);
          else
            for (let i = 0; i < values.length; i++)
              values[i] = random.uniform(initial.from, initial.to);
        },
      })),
    bind: ({ own: alpha, ownGradient }) => ({
      apply: (_k, from, gradient, to) =>
        void to.parameters.hadamard(-1, alpha, gradient, from.parameters),
      pullback(_k, _from, gradient, _to, { parameters: v }, u) {
        ownGradient.hadamard(-1, gradient, v, ownGradient);
        u.product(-1, alpha, v);
      },
    }),
  };
}
