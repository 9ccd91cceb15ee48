import { type AnyModel, type Layer, layersOf, type Sequential } from "./oracle/network.ts";

/** The oracle's model with each layer changed. */
export function withLayers(model: AnyModel, change: (layer: Layer) => Layer): Sequential {
  const given = layersOf(model);
  return { ...given, layers: given.layers.map(change) };
}
