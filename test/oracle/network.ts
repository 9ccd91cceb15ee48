import { activations, softplus } from "./activation.ts";
import type { Activation } from "./activation.ts";
import {
  add,
  div,
  exp,
  log,
  matmul,
  mul,
  power,
  slice,
  sqrt,
  sub,
  sum,
  sumTo,
  tensor,
} from "./autograd.ts";
import type { Tensor } from "./autograd.ts";

export interface Model {
  readonly sizes: readonly number[];
  readonly activation: Activation;
  /** Between each hidden dense layer and its activation. */
  readonly norm?: "batch" | "layer";
}

/**
 * Rows of inputs and targets, as in src/task.ts but declared anew: the oracle takes nothing from
 * there.
 */
export interface Batch {
  readonly inputs: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly rows: number;
  readonly weights?: ArrayLike<number>;
}

const EPSILON = 1e-5;

/**
 * How many numbers θ has: W and b of each layer, and after a hidden layer with a norm its scale and
 * shift.
 */
export function parameterCount({ sizes, norm }: Model): number {
  let count = 0;
  for (let i = 1; i < sizes.length; i++) {
    const hidden = i < sizes.length - 1;
    count += sizes[i - 1] * sizes[i] + sizes[i] + (norm && hidden ? 2 * sizes[i] : 0);
  }
  return count;
}

/**
 * Outputs, rows×outSize, for x: rows×inSize and the flat θ: 1×n, layer by layer W, b, scale, shift.
 */
export function forward(model: Model, parameters: Tensor, x: Tensor): Tensor {
  if (parameters.cols !== parameterCount(model))
    throw new RangeError(`θ: expected ${parameterCount(model)} numbers, got ${parameters.cols}`);
  let from = 0;
  function take(rows: number, cols: number): Tensor {
    from += rows * cols;
    return slice(parameters, from - rows * cols, rows, cols);
  }
  for (let i = 1; i < model.sizes.length; i++) {
    const [inSize, outSize] = model.sizes.slice(i - 1);
    x = add(matmul(x, take(inSize, outSize)), take(1, outSize));
    if (i === model.sizes.length - 1) break;
    if (model.norm) x = add(mul(normalized(x, model.norm), take(1, outSize)), take(1, outSize));
    x = activations[model.activation](x);
  }
  return x;
}

/**
 * (x − mean)/√(variance + ε), variance biased; per column over the rows (batch), per row over the
 * columns (layer).
 */
function normalized(x: Tensor, norm: "batch" | "layer"): Tensor {
  const [rows, cols] = norm === "batch" ? [1, x.cols] : [x.rows, 1];
  const mean = (value: Tensor) => div(sumTo(value, rows, cols), x.data.length / (rows * cols));
  const centered = sub(x, mean(x));
  return div(centered, sqrt(add(mean(power(centered, 2)), EPSILON)));
}

/** One loss a row, rows×1, from the outputs. */
const rowLosses = {
  /** lᵢ = mean over outputs of (y − t)². */
  meanSquaredError(outputs: Tensor, targets: ArrayLike<number>): Tensor {
    const gap = sub(outputs, tensor(outputs.rows, outputs.cols, targets));
    return div(sumTo(power(gap, 2), outputs.rows, 1), outputs.cols);
  },
  /**
   * lᵢ = log Σⱼ exp yⱼ − y_c, c the class index of the row; the largest yⱼ is taken out first, as a
   * constant.
   */
  crossEntropy(outputs: Tensor, targets: ArrayLike<number>): Tensor {
    const { rows, cols, data } = outputs;
    const largest = Array.from({ length: rows }, (_, i) =>
      Math.max(...data.subarray(i * cols, (i + 1) * cols)),
    );
    const chosen = data.map((_, i) => (i % cols === targets[Math.floor(i / cols)] ? 1 : 0));
    const y = sub(outputs, tensor(rows, 1, largest));
    return sub(log(sumTo(exp(y), rows, 1)), sumTo(mul(y, tensor(rows, cols, chosen)), rows, 1));
  },
  /** lᵢ = mean over outputs of log(1 + eʸ) − t y, y a logit. */
  binaryCrossEntropy(outputs: Tensor, targets: ArrayLike<number>): Tensor {
    const { rows, cols } = outputs;
    const each = sub(softplus(outputs), mul(outputs, tensor(rows, cols, targets)));
    return div(sumTo(each, rows, 1), cols);
  },
};

export type LossName = keyof typeof rowLosses;

/**
 * L(θ; batch) = Σ wᵢ lᵢ / Σ wᵢ, a 1×1 tensor; without weights all are 1. Weights are in the loss
 * only: batch norm takes its statistics over all rows alike.
 */
export function loss(model: Model, name: LossName, parameters: Tensor, batch: Batch): Tensor {
  const x = tensor(batch.rows, model.sizes[0], batch.inputs);
  const losses = rowLosses[name](forward(model, parameters, x), batch.targets);
  const weights = tensor(batch.rows, 1, batch.weights ?? new Float64Array(batch.rows).fill(1));
  return div(sum(mul(losses, weights)), sum(weights));
}
