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
  sub,
  sum,
  sumTo,
  tensor,
} from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import {
  averagePooled,
  convolved,
  imageOf,
  kernelPixels,
  lengthOf,
  maxPooled,
  windowed,
} from "./image.ts";
import type { Shape, Window } from "./image.ts";
import { isNorm, lastStepOf, normed, normTensors } from "./norms.ts";
import type { Norm, NormTensor } from "./norms.ts";

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
  /** Of a row of inputs, where it is an image; else [inSize]. */
  readonly inShape?: Shape;
  readonly layers: readonly Layer[];
}

export type AnyModel = Model | Sequential;

export type Layer =
  | { readonly kind: "dense"; readonly outSize: number; readonly bias?: boolean }
  | { readonly kind: "activation"; readonly name: Activation }
  | { readonly kind: "context"; readonly size: number }
  | Norm
  | ({ readonly kind: "conv2d"; readonly filters: number; readonly bias?: boolean } & Window)
  | ({ readonly kind: "maxPool" | "averagePool" } & Window)
  | { readonly kind: "globalAveragePool" | "flatten" };

/**
 * Rows of inputs and targets, as in src/task.ts but declared anew: the oracle takes nothing from
 * there.
 */
export interface Batch {
  readonly inputs: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly rows: number;
  readonly weights?: ArrayLike<number>;
  /** Rows, the first ones, whose statistics batch norm takes; all if absent. */
  readonly counted?: number;
}

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

/** A run of numbers within θ: a matrix of a dense or convolution layer, or a vector (then rows is 1). */
export interface PlacedTensor {
  /** filters: (kernel height·kernel width·channels)×filters. */
  readonly name: "weight" | "filters" | "bias" | "context" | NormTensor | `${NormTensor}.${number}`;
  /** Index among all layers, activations included. */
  readonly layer: number;
  readonly offset: number;
  readonly rows: number;
  readonly cols: number;
}

/** What θ consists of, in its order. */
export function tensorsOf(model: AnyModel): PlacedTensor[] {
  const shapes = shapesOf(model);
  let offset = 0;
  return layersOf(model).layers.flatMap((layer, i) =>
    ownTensors(layer, shapes[i]).map(([name, rows, cols]) => {
      offset += rows * cols;
      return { name, layer: i, offset: offset - rows * cols, rows, cols };
    }),
  );
}

type OwnTensor = readonly [name: PlacedTensor["name"], rows: number, cols: number];

/** A layer's tensors, for inputs of that shape. */
function ownTensors(layer: Layer, inShape: Shape): OwnTensor[] {
  const channels = imageOf(inShape)[2];
  const bias = (size: number): OwnTensor[] =>
    "bias" in layer && layer.bias === false ? [] : [["bias", 1, size]];
  if (layer.kind === "dense")
    return [["weight", lengthOf(inShape), layer.outSize], ...bias(layer.outSize)];
  if (layer.kind === "conv2d")
    return [["filters", kernelPixels(layer) * channels, layer.filters], ...bias(layer.filters)];
  if (layer.kind === "context") return [["context", 1, layer.size]];
  if (!isNorm(layer)) return [];
  return normTensors(layer).map((name) => [name, 1, channels]);
}

/** Shapes of the rows that the layers get, one after the other; behind them that of the outputs. */
export function shapesOf(model: AnyModel): Shape[] {
  const { inSize, inShape = [inSize], layers } = layersOf(model);
  const shapes = [inShape];
  for (const layer of layers) shapes.push(outShape(layer, shapes.at(-1)!));
  return shapes;
}

function outShape(layer: Layer, shape: Shape): Shape {
  const channels = imageOf(shape)[2];
  switch (layer.kind) {
    case "dense":
      return [layer.outSize];
    case "context":
      return [lengthOf(shape) + layer.size];
    case "conv2d":
      return [...windowed(shape, layer), layer.filters];
    case "maxPool":
    case "averagePool":
      return [...windowed(shape, steppingPast(layer)), channels];
    case "globalAveragePool":
      return [channels];
    case "flatten":
      return [lengthOf(shape)];
    default:
      return shape;
  }
}

/** A pool's windows lie side by side where nothing is said. */
export function steppingPast(window: Window): Window {
  return { stride: window.kernel, ...window };
}

/** The tensors of layers with `adapted: false`, or with some for each step. */
export function fixedTensors(model: AnyModel): PlacedTensor[] {
  const { layers } = layersOf(model);
  return tensorsOf(model).filter(({ layer: i }) => {
    const layer = layers[i];
    return isNorm(layer) && (layer.adapted === false || lastStepOf(layer) !== undefined);
  });
}

/** How many numbers θ has. */
export function parameterCount(model: AnyModel): number {
  return tensorsOf(model).reduce((count, { rows, cols }) => count + rows * cols, 0);
}

/**
 * Outputs, rows×outSize, for x: rows×inSize and the flat θ: 1×n, layer by layer W, b or scale, shift
 * or c.
 */
export function forward(model: AnyModel, parameters: Tensor, x: Tensor, counted?: number): Tensor {
  return passes(model, parameters, x, counted).at(-1)!;
}

/** What the layers get, one after the other; behind them the outputs. */
export function passes(model: AnyModel, parameters: Tensor, x: Tensor, counted?: number): Tensor[] {
  if (parameters.cols !== parameterCount(model))
    throw new RangeError(`θ: expected ${parameterCount(model)} numbers, got ${parameters.cols}`);
  const [shapes, tensors] = [shapesOf(model), tensorsOf(model)];
  const values = [x];
  layersOf(model).layers.forEach((layer, i) => {
    const own: Own = {};
    for (const { layer: owner, name, offset, rows, cols } of tensors)
      if (owner === i) own[name] = slice(parameters, offset, rows, cols);
    values.push(pass(layer, values[i], shapes[i], own, counted));
  });
  return values;
}

/** A layer's part of θ. */
type Own = { [Name in PlacedTensor["name"]]?: Tensor };

function pass(layer: Layer, x: Tensor, shape: Shape, own: Own, counted?: number): Tensor {
  switch (layer.kind) {
    case "activation":
      return activations[layer.name](x);
    case "dense":
      return own.bias ? add(matmul(x, own.weight!), own.bias) : matmul(x, own.weight!);
    case "context": {
      const cols = x.cols + layer.size;
      return add(embed(x, 0, cols), embed(own.context!, x.cols, cols));
    }
    case "conv2d":
      return convolved(x, shape, layer, own.filters!, own.bias);
    case "maxPool":
      return maxPooled(x, shape, steppingPast(layer));
    case "averagePool":
      return averagePooled(x, shape, steppingPast(layer));
    case "globalAveragePool":
      return averagePooled(x, shape, { kernel: [shape[0], shape[1]] });
    case "flatten":
      return x;
    default:
      return normed(layer, x, shape, own, counted);
  }
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
  const losses = rowLosses[name](forward(model, parameters, x, batch.counted), batch.targets);
  const weights = tensor(batch.rows, 1, batch.weights ?? new Float64Array(batch.rows).fill(1));
  return div(sum(mul(losses, weights)), sum(weights));
}
