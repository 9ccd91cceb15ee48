import { ActivationKind, DenseOption, LayerKind } from "../assembly/abi.ts";
import { checkInteger, checkOneOf, checkOptions, refuse, refuseKind } from "./check.ts";
import { type Initialization, initializations } from "./initialization.ts";
import type { Random } from "./random.ts";

/** By name, the core's numbers for them. */
export const activations = {
  linear: ActivationKind.Linear,
  relu: ActivationKind.Relu,
  leakyRelu: ActivationKind.LeakyRelu,
  tanh: ActivationKind.Tanh,
  sigmoid: ActivationKind.Sigmoid,
  softplus: ActivationKind.Softplus,
  gelu: ActivationKind.Gelu,
  silu: ActivationKind.Silu,
} as const;

/** `gelu` is the exact form zΦ(z); `leakyRelu` has slope 1/100 below zero. Formulas in assembly/activation.ts. */
export type ActivationName = keyof typeof activations;

/** A named part of θ, row-major. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A tensor of a model and where it stands in θ. */
export interface PlacedTensor extends TensorSpec {
  /** The layer that it is of. */
  readonly layer: number;
  readonly offset: number;
  readonly length: number;
}

/** One layer of a network: an immutable value, made by `dense`, `activation`, `batchNorm` or `layerNorm`. */
export interface Layer {
  /** Its own name and options: what a saved file says of it. */
  readonly spec: Readonly<Record<string, unknown>> & { readonly kind: string };
  /** The core's numbers for it. */
  readonly code: LayerKind;
  readonly option: number;
  /** Whether a row's output depends on the other rows of its batch. */
  readonly couplesRows: boolean;
  /** Elements a row of the output, for inputs of that size. */
  outSize(inSize: number): number;
  tensors(inSize: number): readonly TensorSpec[];
  /** Draws initial values into a view of the layer's part of θ. */
  initialize(inSize: number, parameters: Float32Array, random: Random): void;
}

/** What a network computes: layers one after the other. An immutable value. */
export interface Model {
  readonly layers: readonly Layer[];
  readonly inSize: number;
  readonly outSize: number;
}

const nothing = { couplesRows: false, option: 0, outSize: (inSize: number) => inSize };

/**
 * y = xW + b, or y = xW.   x: rows×inSize, W: inSize×outSize, b: outSize.
 *
 * @param inSize needed for the first layer of a model only; elsewhere, if given, it must fit
 * @param bias whether there is a b; default true
 * @param initialization how W and b start; default `glorot`
 * @throws {RangeError} `dense: expected outSize ≥ 1, got 0`
 */
export function dense(options: {
  inSize?: number;
  outSize: number;
  bias?: boolean;
  initialization?: Initialization;
}): Layer {
  checkOptions("dense", options, ["inSize", "outSize", "bias", "initialization"]);
  const { inSize: declared, outSize, bias = true, initialization = "glorot" } = options;
  checkInteger("dense", "outSize", outSize, { min: 1, max: 0x7fffffff });
  if (declared !== undefined)
    checkInteger("dense", "inSize", declared, { min: 1, max: 0x7fffffff });
  if (typeof bias !== "boolean") refuseKind("dense", "bias true or false", bias);
  checkOneOf("dense", "initialization", initialization, Object.keys(initializations));
  return Object.freeze({
    ...nothing,
    spec: Object.freeze({ kind: "dense", inSize: declared, outSize, bias, initialization }),
    code: LayerKind.Dense,
    option: bias ? DenseOption.Bias : DenseOption.NoBias,
    outSize(inSize) {
      if (declared !== undefined && declared !== inSize)
        refuse("sequential", `dense with inSize ${inSize}`, declared);
      return outSize;
    },
    tensors: (inSize) => [
      { name: "weight", shape: [inSize, outSize] },
      ...(bias ? [{ name: "bias", shape: [outSize] }] : []),
    ],
    initialize(inSize, parameters, random) {
      const weights = inSize * outSize;
      const [w, b] = [parameters.subarray(0, weights), parameters.subarray(weights)];
      initializations[initialization](w, b, inSize, outSize, random);
    },
  } satisfies Layer);
}

/** a = σ(z), elementwise. */
export function activation(name: ActivationName): Layer {
  checkOneOf("activation", "name", name, Object.keys(activations));
  return Object.freeze({
    ...nothing,
    spec: Object.freeze({ kind: "activation", name }),
    code: LayerKind.Activation,
    option: activations[name],
    tensors: () => [],
    initialize() {},
  } satisfies Layer);
}

/**
 * y = γ(z − μ)/√(σ² + ε) + β with mean μ and biased variance σ² of each column over the rows of the batch at hand, always: nothing
 * is remembered from batch to batch, and predictions are transductive (a row's depends on the rows it comes with). Row weights do not
 * enter μ and σ²: a row of weight 0 still counts there. ε = 10⁻⁵; γ starts at 1, β at 0, and both are parameters.
 *
 * @see Ioffe, Szegedy 2015, arXiv:1502.03167
 */
export function batchNorm(): Layer {
  return norm("batchNorm", LayerKind.BatchNorm, true);
}

/**
 * y = γ(z − μ)/√(σ² + ε) + β with mean and biased variance of each row over its elements; ε, γ and β as in {@link batchNorm}.
 *
 * @see Ba, Kiros, Hinton 2016, arXiv:1607.06450
 */
export function layerNorm(): Layer {
  return norm("layerNorm", LayerKind.LayerNorm, false);
}

function norm(kind: string, code: LayerKind, couplesRows: boolean): Layer {
  return Object.freeze({
    ...nothing,
    spec: Object.freeze({ kind }),
    code,
    couplesRows,
    tensors: (size) => [
      { name: "scale", shape: [size] },
      { name: "shift", shape: [size] },
    ],
    initialize: (size, parameters) => void parameters.fill(1, 0, size).fill(0, size),
  } satisfies Layer);
}

/**
 * y = [x, c]: the same c, a vector of `size` parameters, behind every row. c starts at 0. What `cavia` adapts.
 *
 * @param inSize needed where it is the first layer of a model; elsewhere, if given, it must fit
 * @throws {RangeError} `context: expected size ≥ 1, got 0`
 * @see Zintgraf et al. 2019, arXiv:1810.03642
 */
export function context(options: { inSize?: number; size: number }): Layer {
  checkOptions("context", options, ["inSize", "size"]);
  const { inSize: declared, size } = options;
  checkInteger("context", "size", size, { min: 1, max: 0x7fffffff });
  if (declared !== undefined)
    checkInteger("context", "inSize", declared, { min: 1, max: 0x7fffffff });
  return Object.freeze({
    ...nothing,
    spec: Object.freeze({ kind: "context", inSize: declared, size }),
    code: LayerKind.Context,
    outSize(inSize) {
      if (declared !== undefined && declared !== inSize)
        refuse("sequential", `context with inSize ${inSize}`, declared);
      return inSize + size;
    },
    tensors: () => [{ name: "context", shape: [size] }],
    initialize() {},
  } satisfies Layer);
}

/**
 * Layers one after the other.
 *
 * @throws {RangeError} no layer, no parameter, sizes that do not fit, or a first layer that does not say its inSize
 * @example
 * const model = sequential([dense({ inSize: 2, outSize: 8 }), activation("tanh"), dense({ outSize: 1 })]);
 */
export function sequential(layers: readonly Layer[]): Model {
  if (!Array.isArray(layers) || layers.length === 0)
    refuseKind("sequential", "a list of at least one layer", layers);
  for (const layer of layers) if (!isLayer(layer)) refuseKind("sequential", "layers", layer);
  // The first that changes sizes says from what; norms and activations take any.
  const { inSize } = (layers.find(({ spec }) => "inSize" in spec)?.spec ?? {}) as {
    inSize?: number;
  };
  if (inSize === undefined)
    refuse("sequential", "inSize in the first dense or context layer", inSize);
  return stack(layers, inSize);
}

/** Those layers for inputs of that size. */
export function stack(layers: readonly Layer[], inSize: number): Model {
  const outSize = layers.reduce((size, layer) => layer.outSize(size), inSize);
  return Object.freeze({ layers: Object.freeze([...layers]), inSize, outSize });
}

/**
 * A model whose sizes are those of its layers; returns it.
 *
 * @throws {TypeError} `createLearner: expected a model, got undefined`; a layer that is none
 * @throws {RangeError} no layer; sizes that are not those of the layers
 */
export function checkModel(where: string, model: Model): Model {
  if (!Array.isArray(model?.layers)) refuseKind(where, "a model", model);
  const { layers, inSize, outSize } = model;
  if (layers.length === 0) refuse(where, "a model of at least one layer", layers);
  for (const layer of layers) if (!isLayer(layer)) refuseKind(where, "layers in model", layer);
  checkInteger(where, "model.inSize", inSize, { min: 1, max: 0x7fffffff });
  checkInteger(where, "model.outSize", outSize, { min: 1, max: 0x7fffffff });
  const given = layers.reduce((size, layer) => layer.outSize(size), inSize);
  if (outSize !== given) refuse(where, `model.outSize ${given}, as its layers give`, outSize);
  return model;
}

function isLayer(value: unknown): value is Layer {
  const layer = value as Partial<Layer> | null | undefined;
  return (
    typeof layer?.spec?.kind === "string" &&
    typeof layer.code === "number" &&
    typeof layer.option === "number" &&
    typeof layer.couplesRows === "boolean" &&
    [layer.outSize, layer.tensors, layer.initialize].every((each) => typeof each === "function")
  );
}

/** Tensors one behind the other: where each starts, and its numbers. */
export function offsetsOf<T extends TensorSpec>(
  tensors: readonly T[],
): (T & { readonly offset: number; readonly length: number })[] {
  let end = 0;
  return tensors.map((tensor) => {
    const length = tensor.shape.reduce((product, each) => product * each, 1);
    end += length;
    return { ...tensor, offset: end - length, length };
  });
}

/** A layer's tensors for inputs of that size. */
export function tensorsOf(layer: Layer, inSize: number): Omit<PlacedTensor, "layer">[] {
  return offsetsOf(layer.tensors(inSize));
}

/** All tensors of a model in θ's order, named `<layer>.<tensor>`. */
export function placeTensors(model: Model): PlacedTensor[] {
  let [size, start] = [model.inSize, 0];
  return model.layers.flatMap((layer, i) => {
    const tensors = tensorsOf(layer, size).map((tensor) => ({
      ...tensor,
      layer: i,
      name: `${i}.${tensor.name}`,
      offset: start + tensor.offset,
    }));
    for (const { length } of tensors) start += length;
    size = layer.outSize(size);
    return tensors;
  });
}
