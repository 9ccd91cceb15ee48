import { initializations } from "../initialization.ts";
import type { OwnTensor } from "./rule.ts";

type Floats = Float32Array | Float64Array;

/** A network of n inputs, n hidden units and n outputs in f64, for one row at a time: too small to be worth a call of the core. */
export interface Generator {
  readonly tensors: readonly OwnTensor[];
  /** Numbers of its weights: W₁, b₁, W₂, b₂. */
  readonly size: number;
  /** o = relu(x W₁ + b₁) W₂ + b₂. Valid until the next call. */
  forward(weights: Floats, x: Float64Array): Float64Array;
  /** dWeights += …; returns dx, for the x of the last `forward`. Valid until the next call. */
  pullback(weights: Floats, x: Float64Array, dOut: Float64Array, dWeights: Floats): Float64Array;
}

/** W₁ starts by `glorot`, all else at zero: so do the outputs. */
export function generator(n: number): Generator {
  const [hidden, out, dHidden, dx] = [0, 0, 0, 0].map(() => new Float64Array(n));
  const [b1, w2, b2] = [n * n, n * n + n, 2 * n * n + n];
  const zeros = () => {};
  return {
    size: 2 * n * n + 2 * n,
    tensors: [
      {
        name: "hidden.weight",
        shape: [n, n],
        initialize: (values, random) =>
          initializations.glorot(values, new Float32Array(n), n, n, random),
      },
      { name: "hidden.bias", shape: [n], initialize: zeros },
      { name: "output.weight", shape: [n, n], initialize: zeros },
      { name: "output.bias", shape: [n], initialize: zeros },
    ],
    forward(weights, x) {
      for (let j = 0; j < n; j++) {
        let sum = weights[b1 + j];
        for (let i = 0; i < n; i++) sum += x[i] * weights[i * n + j];
        hidden[j] = sum > 0 ? sum : 0;
      }
      for (let j = 0; j < n; j++) {
        let sum = weights[b2 + j];
        for (let i = 0; i < n; i++) sum += hidden[i] * weights[w2 + i * n + j];
        out[j] = sum;
      }
      return out;
    },
    pullback(weights, x, dOut, dWeights) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) {
          sum += weights[w2 + i * n + j] * dOut[j];
          dWeights[w2 + i * n + j] += hidden[i] * dOut[j];
        }
        dHidden[i] = hidden[i] > 0 ? sum : 0;
        dWeights[b2 + i] += dOut[i];
      }
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) {
          sum += weights[i * n + j] * dHidden[j];
          dWeights[i * n + j] += x[i] * dHidden[j];
        }
        dx[i] = sum;
        dWeights[b1 + i] += dHidden[i];
      }
      return dx;
    },
  };
}
