import * as rvml from "../src/index.ts";
import { activation, type Layer, mlp, type Model, sequential } from "../src/index.ts";
import type * as oracle from "./oracle/network.ts";
import { layersOf } from "./oracle/network.ts";

/** The functions that make layers of options. */
const makers = rvml as unknown as Record<oracle.Layer["kind"], (options: object) => Layer>;

/** The library's model for one of the oracle's, which calls layers and their options by the same names. */
export function modelOf(model: oracle.AnyModel): Model {
  if (!("layers" in model)) return mlp(model as Parameters<typeof mlp>[0]);
  const { inSize, inShape, layers } = layersOf(model);
  const first = layers.findIndex(({ kind }) => ["dense", "context", "conv2d"].includes(kind));
  const declared = inShape && layers[first].kind === "conv2d" ? { inShape } : { inSize };
  return sequential(layers.map((layer, i) => layerOf(layer, i === first ? declared : {})));
}

function layerOf(layer: oracle.Layer, declared: object): Layer {
  if (layer.kind === "activation") return activation(layer.name);
  const { kind, ...options } = layer;
  return makers[kind]({ ...options, ...declared });
}
