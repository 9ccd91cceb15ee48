import { lengthOf } from "./image.ts";
import type { Shape, Window } from "./image.ts";
import type { Layer, Sequential } from "./network.ts";

/** Short names of layers, for tests. */
export const relu: Layer = { kind: "activation", name: "relu" };
export const tanh: Layer = { kind: "activation", name: "tanh" };
export const flatten: Layer = { kind: "flatten" };

export const dense = (outSize: number): Layer => ({ kind: "dense", outSize });

/** A network of those layers, or lists of them. */
export function images(inShape: Shape, ...layers: (Layer | readonly Layer[])[]): Sequential {
  return { inSize: lengthOf(inShape), inShape, layers: layers.flat() };
}

export function conv(filters: number, kernel: Window["kernel"], rest: object = {}): Layer {
  return { kind: "conv2d", filters, kernel, ...rest };
}

export function maxPool(kernel: Window["kernel"], rest: object = {}): Layer {
  return { kind: "maxPool", kernel, ...rest };
}

export function batchNorm(rest: object = {}): Layer {
  return { kind: "batchNorm", ...rest };
}
