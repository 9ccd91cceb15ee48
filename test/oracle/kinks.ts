import { tensor } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { poolIndices } from "./image.ts";
import type { Shape } from "./image.ts";
import { flat } from "./meta.ts";
import type { Vector } from "./meta.ts";
import { layersOf, passes, shapesOf, steppingPast } from "./network.ts";
import type { AnyModel, Batch, Layer } from "./network.ts";

/**
 * How near a batch comes to where a network bends: the smallest |z| that a relu or leakyRelu gets, and the smallest lead that what a
 * max-pool takes has over the next in its window. ∞ without either.
 */
export function nearestKink(model: AnyModel, parameters: Vector, batch: Omit<Batch, "targets">) {
  const { inSize, layers } = layersOf(model);
  const x = tensor(batch.rows, inSize, batch.inputs);
  const [values, shapes] = [passes(model, flat(parameters), x, batch.counted), shapesOf(model)];
  return layers.reduce(
    (nearest, layer, i) => Math.min(nearest, distance(layer, values[i], shapes[i])),
    Infinity,
  );
}

function distance(layer: Layer, x: Tensor, shape: Shape): number {
  if (layer.kind === "activation" && /relu/i.test(layer.name))
    return x.data.reduce((least, value) => Math.min(least, Math.abs(value)), Infinity);
  if (layer.kind !== "maxPool") return Infinity;
  return poolIndices(x.rows, shape, steppingPast(layer)).reduce(
    (least, list) => Math.min(least, lead(list, x.data)),
    Infinity,
  );
}

/** Of the largest over the next. Equal numbers are no tie: they are zeros of a relu, or one pixel that two pools before both took. */
function lead(list: Int32Array, data: Float64Array): number {
  const values = Array.from(list, (index) => data[index]);
  const largest = Math.max(...values);
  return largest - Math.max(...values.filter((value) => value !== largest));
}
