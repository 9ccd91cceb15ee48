import { partsOf } from "./parts.ts";
import { type OwnTensor, plain, type UpdateRule } from "./rule.ts";
import { generator } from "./generator.ts";

/**
 * Rates and decays that a small network makes anew at every step, from how weights and gradients stand. With T tensors t:
 *
 *     f = (mean of gₖ on each t, mean of θₖ on each t),   (a, b) = relu(f W₁ + b₁) W₂ + b₂,   f, a‖b: 2T
 *     θₖ₊₁ = βₖₜ(1 + bₜ) θₖ − αₖₜ(1 + aₜ) gₖ   on each t,   α, β: [step][tensor], learned as well
 *
 * Its output layer starts at zero, α at a given rate and β at 1: at first a step is plain gradient descent. Differentiated through f, too.
 * Beyond the last step that was trained for, its α and β go on. Cost: three passes over the parameters forward, five back, and 16T²
 * multiply-adds in f64 a step.
 *
 * @see Baik, Choi, Choi, Kim, Lee 2020, arXiv:2011.00209, equations 3 and 4; there α and β of the network multiply α and β learned
 */
export function generatedRates(initial: number): UpdateRule {
  return {
    ...plain,
    readsGradient: true,
    own(tensors, steps) {
      const [rows, count] = [Math.max(steps, 1), tensors.length];
      const rates = (name: string, value: number): OwnTensor => ({
        name,
        shape: [rows, count],
        initialize: (values) => void values.fill(value),
      });
      return [rates("alpha", initial), rates("beta", 1), ...generator(2 * count).tensors];
    },
    bind({ network, steps, own, ownGradient }) {
      const parts = partsOf(network);
      const [count, rows] = [parts.length, Math.max(steps, 1)];
      const { forward, pullback, size } = generator(2 * count);
      const [alpha, beta] = [own.part(0, rows * count), own.part(rows * count, rows * count)];
      const weights = own.part(2 * rows * count, size);
      const [dAlpha, dBeta] = [alpha, beta].map(({ length }, i) =>
        ownGradient.part(i * length, length),
      );
      const dWeights = ownGradient.part(2 * rows * count, size);
      const [features, dOutputs] = [new Float64Array(2 * count), new Float64Array(2 * count)];

      /** (a, b) for where the loop stands. */
      function outputs(theta: typeof own, gradient: typeof own): Float64Array {
        for (let t = 0; t < count; t++) {
          features[t] = parts.sum(t, gradient) / parts.size(t);
          features[count + t] = parts.sum(t, theta) / parts.size(t);
        }
        return forward(weights.view, features);
      }

      return {
        apply(k, { parameters: theta }, gradient, to) {
          const out = outputs(theta, gradient);
          const row = Math.min(k, rows - 1) * count;
          const [rates, decays] = [alpha.view, beta.view];
          for (let t = 0; t < count; t++) {
            const [a, b] = [rates[row + t] * (1 + out[t]), decays[row + t] * (1 + out[count + t])];
            parts.multiple(t, b, theta, to.parameters);
            parts.combine(t, -a, gradient, to.parameters, to.parameters);
          }
        },
        pullback(k, { parameters: theta }, gradient, _to, { parameters: v }, u) {
          const out = outputs(theta, gradient);
          const row = Math.min(k, rows - 1) * count;
          const [rates, decays] = [alpha.view, beta.view];
          for (let t = 0; t < count; t++) {
            const [alongG, alongTheta] = [-parts.dot(t, gradient, v), parts.dot(t, theta, v)];
            dAlpha.view[row + t] += alongG * (1 + out[t]);
            dBeta.view[row + t] += alongTheta * (1 + out[count + t]);
            dOutputs[t] = alongG * rates[row + t];
            dOutputs[count + t] = alongTheta * decays[row + t];
            parts.multiple(t, -rates[row + t] * (1 + out[t]), v, u);
            parts.multiple(t, decays[row + t] * (1 + out[count + t]), v, v);
          }
          const dFeatures = pullback(weights.view, features, dOutputs, dWeights.view);
          for (let t = 0; t < count; t++) {
            parts.offset(t, u, dFeatures[t] / parts.size(t), u);
            parts.offset(t, v, dFeatures[count + t] / parts.size(t), v);
          }
        },
      };
    },
  };
}
