import { activations, sigmoid } from "./activation.ts";
import {
  add,
  columns,
  detach,
  div,
  filled,
  map,
  matmul,
  mul,
  power,
  sub,
  tensor,
  transpose,
} from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { reader } from "./setting.ts";
import type { Unrolled } from "./unrolled.ts";

/** p: gradients from e⁻ᵖ on are told by their logarithm. */
const LOG_RANGE = 10;

/**
 * Andrychowicz et al. 2016, arXiv:1606.04474, with a gated cell in place of an LSTM. Every number of θ is one row: its hidden state has H
 * numbers. own = the cell's W0, b0, W2, b2.
 */
export const learnedOptimizer: Unrolled = {
  defaults: { order: 1 },
  ownCount({ options: { hiddenSize: H } }) {
    return (2 + H) * H + H + H * (1 + 2 * H) + 1 + 2 * H;
  },
  first: ({ theta }, _, { size, options }) => ({
    phi: options.learnStart ? theta : detach(theta),
    memory: [filled(size, options.hiddenSize, 0)],
  }),
  segment: ({ options }) => options.unroll,
  step({ options: { hiddenSize: H, outputScale } }) {
    return (_, { phi, memory: [h] }, g, own) => {
      const take = reader(own);
      // x·W0 by parts of x: p₁, p₂ and h.
      const parts = [...logAndSign(g).map(transpose), h].map((x) => matmul(x, take(x.cols, H)));
      const a = activations.tanh(add(parts.reduce(add), take(1, H)));
      const out = add(matmul(a, take(H, 1 + 2 * H)), take(1, 1 + 2 * H));
      const [delta, candidate, gate] = [
        columns(out, 0, 1),
        columns(out, 1, H),
        columns(out, 1 + H, H),
      ];
      const change = sub(activations.tanh(candidate), h);
      return {
        phi: sub(phi, mul(transpose(delta), outputScale)),
        memory: [add(h, mul(sigmoid(gate), change))],
      };
    };
  },
  metaLoss(queryLoss, { options: { innerSteps } }) {
    if (innerSteps === 0) return queryLoss(0);
    const losses = Array.from({ length: innerSteps }, (_, i) => queryLoss(i + 1));
    return div(losses.reduce(add), innerSteps);
  },
};

/** (ln|g|/p, sign g) where |g| ≥ e⁻ᵖ, else (−1, eᵖg). */
export function logAndSign(g: Tensor): [Tensor, Tensor] {
  const where = (test: (value: number) => number) => tensor(g.rows, g.cols, g.data.map(test));
  const large = where((value) => (Math.abs(value) >= Math.exp(-LOG_RANGE) ? 1 : 0));
  const small = sub(1, large);
  // 1 in place of what is small, so that there neither logarithm nor slope is infinite.
  const log = div(logOfSize(add(mul(g, large), small)), LOG_RANGE);
  const line = mul(g, Math.exp(LOG_RANGE));
  return [sub(mul(log, large), small), add(mul(large, where(Math.sign)), mul(small, line))];
}

/** ln|x|. */
function logOfSize(x: Tensor): Tensor {
  return map(
    x,
    (value) => Math.log(Math.abs(value)),
    (x) => power(x, -1),
  );
}
