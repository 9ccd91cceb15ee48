import { activations, softplus } from "./activation.ts";
import type { Activation } from "./activation.ts";
import {
  add,
  div,
  embed,
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

/** A multilayer perceptron. */
export interface Model {
  readonly sizes: readonly number[];
  readonly activation: Activation;
  /** Between each hidden dense layer and its activation. */
  readonly norm?: "batch" | "layer";
  /** Size of a context layer ahead of the first dense one. */
  readonly context?: number;
}

/** Any layers one after the other. */
export interface Sequential {
  readonly inSize: number;
  readonly layers: readonly Layer[];
}

export type AnyModel = Model | Sequential;

export type Layer =
  | { readonly kind: "dense"; readonly outSize: number; readonly bias?: boolean }
  | { readonly kind: "activation"; readonly name: Activation }
  | { readonly kind: "context"; readonly size: number }
  | { readonly kind: "batchNorm" }
  | { readonly kind: "layerNorm" };

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
 * The same model as layers: dense, norm, activation, again and again; the last layer is a dense one. A context layer, if any, comes
 * first.
 */
export function layersOf(model: AnyModel): Sequential {
  if ("layers" in model) return model;
  const { sizes, activation, norm, context } = model;
  const between: Layer[] = [{ kind: "activation", name: activation }];
  if (norm) between.unshift({ kind: `${norm}Norm` });
  const layers = sizes.slice(1).flatMap((outSize, i): Layer[] => {
    const dense: Layer = { kind: "dense", outSize };
    return i === sizes.length - 2 ? [dense] : [dense, ...between];
  });
  if (context) layers.unshift({ kind: "context", size: context });
  return { inSize: sizes[0], layers };
}

/** A run of numbers within θ: a matrix of a dense layer, or a vector (then rows is 1). */
export interface PlacedTensor {
  readonly name: "weight" | "bias" | "scale" | "shift" | "context";
  /** Index among all layers, activations included. */
  readonly layer: number;
  readonly offset: number;
  readonly rows: number;
  readonly cols: number;
}

/** What θ consists of, in its order. */
export function tensorsOf(model: AnyModel): PlacedTensor[] {
  const { inSize, layers } = layersOf(model);
  const tensors: PlacedTensor[] = [];
  let [offset, size] = [0, inSize];
  layers.forEach((layer, i) => {
    const place = (name: PlacedTensor["name"], rows: number, cols: number) => {
      tensors.push({ name, layer: i, offset, rows, cols });
      offset += rows * cols;
    };
    if (layer.kind === "activation") return;
    if (layer.kind === "dense") {
      place("weight", size, layer.outSize);
      if (layer.bias !== false) place("bias", 1, layer.outSize);
      size = layer.outSize;
    } else if (layer.kind === "context") {
      place("context", 1, layer.size);
      size += layer.size;
    } else {
      place("scale", 1, size);
      place("shift", 1, size);
    }
  });
  return tensors;
}

/** How many numbers θ has. */
export function parameterCount(model: AnyModel): number {
  return tensorsOf(model).reduce((count, { rows, cols }) => count + rows * cols, 0);
}

/**
 * Outputs, rows×outSize, for x: rows×inSize and the flat θ: 1×n, layer by layer W, b or scale, shift
 * or c.
 */
export function forward(model: AnyModel, parameters: Tensor, x: Tensor): Tensor {
  if (parameters.cols !== parameterCount(model))
    throw new RangeError(`θ: expected ${parameterCount(model)} numbers, got ${parameters.cols}`);
  let from = 0;
  function take(rows: number, cols: number): Tensor {
    from += rows * cols;
    return slice(parameters, from - rows * cols, rows, cols);
  }
  function pass(x: Tensor, layer: Layer): Tensor {
    if (layer.kind === "activation") return activations[layer.name](x);
    if (layer.kind === "dense") {
      const y = matmul(x, take(x.cols, layer.outSize));
      return layer.bias === false ? y : add(y, take(1, layer.outSize));
    }
    if (layer.kind === "context") {
      const cols = x.cols + layer.size;
      return add(embed(x, 0, cols), embed(take(1, layer.size), x.cols, cols));
    }
    const norm = layer.kind === "batchNorm" ? "batch" : "layer";
    return add(mul(normalized(x, norm), take(1, x.cols)), take(1, x.cols));
  }
  return layersOf(model).layers.reduce(pass, x);
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
export function loss(model: AnyModel, name: LossName, parameters: Tensor, batch: Batch): Tensor {
  const x = tensor(batch.rows, layersOf(model).inSize, batch.inputs);
  const losses = rowLosses[name](forward(model, parameters, x), batch.targets);
  const weights = tensor(batch.rows, 1, batch.weights ?? new Float64Array(batch.rows).fill(1));
  return div(sum(mul(losses, weights)), sum(weights));
}
