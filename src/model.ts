import { refuse, refuseKind } from "./check.ts";
import type { Layer, TensorSpec } from "./layers/layer.ts";
import { checkShape, checkSize, lengthOf, type Shape } from "./shape.ts";

/** What a network computes: layers one after the other. An immutable value. */
export interface Model {
  readonly layers: readonly Layer[];
  /** Shape of a row of inputs, and how many numbers that is. */
  readonly inShape: Shape;
  readonly inSize: number;
  /** The same of outputs. */
  readonly outShape: Shape;
  readonly outSize: number;
}

/** A tensor of a model and where it stands in θ. */
export interface PlacedTensor extends TensorSpec {
  /** The layer that it is of. */
  readonly layer: number;
  readonly offset: number;
  readonly length: number;
}

/** A layer of a model: between which shapes it stands, and its part of θ. */
export interface PlacedLayer {
  readonly layer: Layer;
  readonly inShape: Shape;
  readonly outShape: Shape;
  readonly offset: number;
  readonly length: number;
  readonly tensors: readonly PlacedTensor[];
}

/**
 * Layers one after the other.
 *
 * @throws {RangeError} shapes that do not fit, or no first layer that says for what inputs it is
 * @throws {TypeError} no layer; what is no layer
 * @example
 * const model = sequential([dense({ inSize: 2, outSize: 8 }), activation("tanh"), dense({ outSize: 1 })]);
 */
export function sequential(layers: readonly Layer[]): Model {
  if (!Array.isArray(layers) || layers.length === 0)
    refuseKind("sequential", "a list of at least one layer", layers);
  for (const layer of layers) if (!isLayer(layer)) refuseKind("sequential", "layers", layer);
  // The first that says it; norms and activations take any.
  const inShape = layers.find((layer) => layer.inShape)?.inShape;
  if (!inShape)
    refuse("sequential", "inSize or inShape in the first dense, context or conv2d layer", inShape);
  return stack(layers, inShape);
}

/** Those layers for inputs of that shape. */
export function stack(layers: readonly Layer[], inShape: Shape): Model {
  const outShape = layers.reduce((shape, layer) => layer.outShape(shape), inShape);
  return Object.freeze({
    layers: Object.freeze([...layers]),
    inShape: Object.freeze([...inShape]),
    inSize: lengthOf(inShape),
    outShape: Object.freeze([...outShape]),
    outSize: lengthOf(outShape),
  });
}

/**
 * A model whose sizes are those of its layers; returns it.
 *
 * @throws {TypeError} `createLearner: expected a model, got undefined`; a layer that is none
 * @throws {RangeError} no layer; sizes that are not those of the layers
 */
export function checkModel(where: string, model: Model): Model {
  if (!Array.isArray(model?.layers)) refuseKind(where, "a model", model);
  const { layers, inShape, inSize, outSize } = model;
  if (layers.length === 0) refuse(where, "a model of at least one layer", layers);
  for (const layer of layers) if (!isLayer(layer)) refuseKind(where, "layers in model", layer);
  checkShape(where, "model.inShape", inShape);
  checkSize(where, "model.inSize", inSize);
  checkSize(where, "model.outSize", outSize);
  const given = stack(layers, inShape);
  if (inSize !== given.inSize) refuse(where, `model.inSize ${given.inSize}`, inSize);
  if (outSize !== given.outSize)
    refuse(where, `model.outSize ${given.outSize}, as its layers give`, outSize);
  return model;
}

/** Whether a row's outputs depend on other rows. */
export function couplesRows(model: Model): boolean {
  return model.layers.some((layer) => layer.couplesRows);
}

function isLayer(value: unknown): value is Layer {
  const layer = value as Partial<Layer> | null | undefined;
  return (
    typeof layer?.spec?.kind === "string" &&
    typeof layer.code === "number" &&
    typeof layer.couplesRows === "boolean" &&
    [layer.outShape, layer.tensors, layer.initialize, layer.words].every(
      (each) => typeof each === "function",
    )
  );
}

/** Tensors one behind the other: where each starts, and its numbers. */
export function offsetsOf<T extends TensorSpec>(
  tensors: readonly T[],
): (T & { readonly offset: number; readonly length: number })[] {
  let end = 0;
  return tensors.map((tensor) => {
    const length = lengthOf(tensor.shape);
    end += length;
    return { ...tensor, offset: end - length, length };
  });
}

/** The layers of a model in order, with their tensors, named `<layer>.<tensor>`. */
export function placeLayers(model: Model): PlacedLayer[] {
  let [inShape, offset] = [model.inShape, 0];
  return model.layers.map((layer, i) => {
    const tensors = offsetsOf(layer.tensors(inShape)).map((tensor) => ({
      ...tensor,
      layer: i,
      name: `${i}.${tensor.name}`,
      offset: offset + tensor.offset,
    }));
    const length = lengthInAll(tensors);
    const placed = { layer, inShape, outShape: layer.outShape(inShape), offset, length, tensors };
    inShape = placed.outShape;
    offset += length;
    return placed;
  });
}

/** Numbers of tensors together. */
export const lengthInAll = (placed: readonly { readonly length: number }[]): number =>
  placed.reduce((sum, { length }) => sum + length, 0);

/** All tensors of a model in θ's order. */
export function placeTensors(model: Model): PlacedTensor[] {
  return placeLayers(model).flatMap(({ tensors }) => tensors);
}

/** Runs of θ, [start, length], that these tensors fill: those one behind the other are one. */
export function runsOf(tensors: readonly PlacedTensor[]): [start: number, length: number][] {
  const runs: [number, number][] = [];
  for (const { offset, length } of tensors) {
    const last = runs.at(-1);
    if (last && last[0] + last[1] === offset) last[1] += length;
    else runs.push([offset, length]);
  }
  return runs;
}
