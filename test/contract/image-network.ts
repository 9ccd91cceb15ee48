import type { objectives } from "../objectives.ts";
import { batchNorm, conv, dense, flatten, images, maxPool, tanh } from "../oracle/image-layers.ts";
import type { Sequential } from "../oracle/network.ts";

/** How many numbers go in and come out of the network of images; its activation is told as one with kinks, which max-pool has. */
export const imageSizes: (typeof objectives)[number] = {
  name: "images",
  model: { sizes: [50, 3], activation: "relu", norm: "batch" },
  loss: "crossEntropy",
};

/**
 * A small network on 5×5×2 images with layers of every kind; with a context layer ahead of the last, or without. GELU: from ReLU some
 * gradients come so small that the learned optimizer, which takes their logarithms, is 6e-5 off in f32.
 */
export function imageNetwork(contextual: boolean): Sequential {
  return images(
    [5, 5, 2],
    [conv(4, 3, { stride: 2, padding: "same" }), { kind: "groupNorm", groups: 2 }],
    [{ kind: "activation", name: "gelu" }, maxPool(2, { stride: 1 })],
    // No bias: batch norm would take it away again.
    [conv(3, [2, 1], { bias: false }), batchNorm({ scale: false }), tanh],
    [{ kind: "averagePool", kernel: [1, 2] }, flatten, dense(5), tanh],
    contextual ? [{ kind: "context", size: 2 }, dense(3)] : dense(3),
  );
}
