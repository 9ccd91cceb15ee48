import { conv2dForwardPasses, textOf } from "./conv2d.js";
import { relativeDifference } from "./peers.js";

/**
 * @import { Figures } from "./rounds.js"
 * @import { Skipped } from "./peers.js"
 *
 * @typedef {{ shape: string, ours: Figures, theirs: Figures }} Pair
 */

/** f32 sums of 9 to 576 products in different orders. */
const TOLERANCE = 1e-5;

/**
 * The forward passes of conv4's convolutions, ours and TensorFlow.js', in turn; their outputs agree. None where TensorFlow.js is missing.
 */
export async function conv2dPeers() {
  /** @type {{ name: string, step: () => unknown, version?: string }[]} */
  const entries = [];
  const passes = await conv2dForwardPasses();
  let trains = false;
  try {
    const { tfjsConv2d } = await import(new URL("peers/tfjs-conv2d.js", import.meta.url).href);
    for (const pass of passes) {
      const peer = await tfjsConv2d(pass);
      const difference = relativeDifference(peer.outputs(), pass.outputs());
      if (!(difference <= TOLERANCE))
        throw new RangeError(`${peer.name}: outputs differ from ours by ${difference}`);
      entries.push(pass.entry, peer);
      trains = peer.trains;
    }
    return { shapes: passes.map(({ shape }) => textOf(shape)), entries, trains, skipped: [] };
  } catch (error) {
    const skipped = String(error).split("\n")[0];
    /** @type {Skipped[]} */
    const all = [{ task: "convolution", name: "TensorFlow.js convolutions", skipped }];
    return { shapes: [], entries: [], trains, skipped: all };
  }
}

/** The figures of `conv2dPeers().entries`, shape by shape. @param {readonly string[]} shapes @param {readonly Figures[]} figures @returns {Pair[]} */
export function conv2dPairs(shapes, figures) {
  return shapes.map((shape, i) => ({ shape, ours: figures[2 * i], theirs: figures[2 * i + 1] }));
}
