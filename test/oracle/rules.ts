/** The algorithms that are MAML but for how a step is made. Formulas anew from the papers; nothing is shared with src/. */
import { activations } from "./activation.ts";
import {
  add,
  columns,
  div,
  embed,
  filled,
  matmul,
  mul,
  power,
  slice,
  sqrt,
  sub,
} from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import type { PlacedTensor } from "./network.ts";
import {
  changed,
  detachOutside,
  maskOf,
  means,
  parametrized,
  rateOf,
  reader,
  spread,
  warpLayersOf,
} from "./setting.ts";
import type { Setting } from "./setting.ts";
import type { Unrolled } from "./unrolled.ts";

/** θ′ = θ − αg on the layers that adapt, the rest as it is. */
function descentOn(adapts: (setting: Setting) => (layer: number) => boolean): Unrolled {
  return {
    step(setting) {
      const chosen = adapts(setting);
      const rates = mul(
        maskOf(setting, ({ layer }) => chosen(layer)),
        rateOf(setting),
      );
      return (_, { phi, memory }, g) => ({ phi: sub(phi, mul(rates, g)), memory });
    },
  };
}

/** Finn, Abbeel, Levine 2017, arXiv:1703.03400. */
export const maml = descentOn(
  ({ options }) =>
    (layer) =>
      options.layers?.includes(layer) ?? true,
);

/** Raghu et al. 2020, arXiv:1909.09157: the last layer. */
export const anil = descentOn((setting) => (layer) => layer === parametrized(setting).at(-1));

/** Oh et al. 2021, arXiv:2008.08882: all but the last. */
export const boil = descentOn((setting) => (layer) => layer !== parametrized(setting).at(-1));

/** Lee, Choi 2018, arXiv:1801.05558: all but the warp layers. */
export const tNet = descentOn((setting) => {
  const warp = warpLayersOf(setting);
  return (layer) => !warp.includes(layer);
});

/** Li et al. 2017, arXiv:1707.09835: own = a rate for each number of θ. */
export const metaSgd: Unrolled = {
  ownCount: ({ size }) => size,
  step:
    () =>
    (_, { phi, memory }, g, alpha) => ({ phi: sub(phi, mul(alpha, g)), memory }),
};

/** Row k of `rows` with T numbers each, the last for all later steps; at every element of its tensor. */
function ofStep(rows: Tensor, k: number, { tensors, options }: Setting): Tensor {
  const row = Math.min(k, options.innerSteps - 1);
  return slice(rows, row * tensors.length, 1, tensors.length);
}

/** Antoniou, Edwards, Storkey 2019, arXiv:1810.09502: own = alpha[K][T], or none. */
export const mamlPlusPlus: Unrolled = {
  ownCount: ({ tensors, options }) =>
    options.learnRates ? options.innerSteps * tensors.length : 0,
  step(setting) {
    const learned = setting.options.learnRates;
    return (k, { phi, memory }, g, own) => {
      const alpha = learned ? spread(setting, ofStep(own, k, setting)) : rateOf(setting);
      return { phi: sub(phi, mul(alpha, g)), memory };
    };
  },
  metaLoss(queryLoss, setting) {
    const weights = stepWeights(setting);
    if (weights.length === 0) return queryLoss(0);
    const terms = weights.flatMap((weight, i) => (weight ? [mul(queryLoss(i + 1), weight)] : []));
    return terms.reduce(add);
  },
};

/** w₁ … w_K: from all alike to the last alone, within n meta-steps. */
function stepWeights({ options, metaStep: t }: Setting): number[] {
  const { innerSteps: K, multiStepLoss: n } = options;
  const early = n > 0 && t < n ? Math.max(1 / K - (t * (1 / K)) / n, 0.03 / K) : 0;
  return Array.from({ length: K }, (_, i) => (i < K - 1 ? early : 1 - (K - 1) * early));
}

/** Baik et al. 2020, arXiv:2011.00209: own = alpha[K][T], beta[K][T], and W, b of a network with 2T-2T-2T units. */
export const alfa: Unrolled = {
  ownCount({ tensors, options }) {
    const T = tensors.length;
    return 2 * options.innerSteps * T + 2 * (4 * T * T + 2 * T);
  },
  step(setting) {
    const T = setting.tensors.length;
    return (k, { phi, memory }, g, own) => {
      const take = reader(own);
      const [alpha, beta] = [1, 2].map(() => take(1, setting.options.innerSteps * T));
      const dense = (x: Tensor) => add(matmul(x, take(2 * T, 2 * T)), take(1, 2 * T));
      const f = add(embed(means(setting, g), 0, 2 * T), embed(means(setting, phi), T, 2 * T));
      const o = dense(activations.relu(dense(f)));
      const factor = (rates: Tensor, from: number) =>
        spread(setting, mul(ofStep(rates, k, setting), add(1, columns(o, from, T))));
      return { phi: sub(mul(factor(beta, T), phi), mul(factor(alpha, 0), g)), memory };
    };
  },
};

/** Park, Oliva 2019, arXiv:1902.03356: own = left and right of each matrix, scale of each vector and of filters, in θ's order. */
export const metaCurvature: Unrolled = {
  ownCount({ tensors }) {
    const counts = tensors.map(({ name, rows, cols }) =>
      name === "weight" ? rows * rows + cols * cols : rows * cols,
    );
    return counts.reduce((sum, count) => sum + count, 0);
  },
  step(setting) {
    const alpha = rateOf(setting);
    return (_, { phi, memory }, g, own) => {
      const take = reader(own);
      const curved = changed(setting, g, (part, { name, rows, cols }) => {
        if (name !== "weight") return mul(take(rows, cols), part);
        const [left, right] = [take(rows, rows), take(cols, cols)];
        return matmul(matmul(left, part), right);
      });
      return { phi: sub(phi, mul(curved, alpha)), memory };
    };
  },
};

/** m′ = μm + g; θ′ = θ − αm′. */
export const innerMomentum: Unrolled = {
  first: ({ theta }, _, { size }) => ({ phi: theta, memory: [filled(1, size, 0)] }),
  step(setting) {
    const alpha = rateOf(setting);
    return (_, { phi, memory: [m] }, g) => {
      const next = add(mul(m, setting.options.momentum), g);
      return { phi: sub(phi, mul(next, alpha)), memory: [next] };
    };
  },
};

/** Kingma, Ba 2015, arXiv:1412.6980, but for ε inside of the root: there its slope is finite where g is 0. */
export const innerAdam: Unrolled = {
  first: ({ theta }, _, { size }) => ({
    phi: theta,
    memory: [filled(1, size, 0), filled(1, size, 0)],
  }),
  step(setting) {
    const alpha = rateOf(setting);
    const { beta1, beta2, epsilon } = setting.options;
    return (k, { phi, memory: [m, s] }, g) => {
      const mean = add(mul(m, beta1), mul(g, 1 - beta1));
      const square = add(mul(s, beta2), mul(power(g, 2), 1 - beta2));
      const [unbiased, variance] = [
        div(mean, 1 - beta1 ** (k + 1)),
        div(square, 1 - beta2 ** (k + 1)),
      ];
      const change = div(unbiased, sqrt(add(variance, epsilon)));
      return { phi: sub(phi, mul(change, alpha)), memory: [mean, square] };
    };
  },
};

const isContext = ({ name }: PlacedTensor) => name === "context";

/** Zintgraf et al. 2019, arXiv:1810.03642: only c adapts, and where it starts is nobody's to learn. */
export const cavia: Unrolled = {
  first({ theta }, _, setting) {
    const rest = maskOf(setting, (each) => !isContext(each));
    return { phi: detachOutside(rest, theta), memory: [] };
  },
  step(setting) {
    const rates = mul(maskOf(setting, isContext), rateOf(setting));
    return (_, { phi, memory }, g) => ({ phi: sub(phi, mul(rates, g)), memory });
  },
};
