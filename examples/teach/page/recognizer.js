import { rasterize } from "./raster.js";
import { timed } from "./timed.js";

/** @import { Adapted, Adapter } from "rvml/adapt" */
/** @import { Drawing } from "./strokes.js" */
/** @import { TaughtSymbol } from "./symbols.js" */

/**
 * How sure the network is of each symbol, 0 … 1 and 1 in all. Before it has adapted to their drawings it can only guess: all are alike.
 *
 * @typedef {{ before: number, after: number[] }} Confidences
 */

/** Names drawings by the symbols that it was taught last. A drawing is judged by itself. */
export class Recognizer {
  /** @type {Adapter} */
  #learner;
  /** @type {{ model: Adapted, count: number } | undefined} */
  #adapted;
  /** Milliseconds that the last adaptation took; undefined before the first. @type {number | undefined} */
  ms;

  /** @param {Adapter} learner one output for each symbol that there can be */
  constructor(learner) {
    this.#learner = learner;
  }

  /** Adapts to these symbols; there is nothing to tell apart with fewer than two. @param {readonly TaughtSymbol[]} symbols */
  adapt(symbols) {
    this.#adapted = undefined;
    this.ms = undefined;
    if (symbols.length < 2) return;
    const support = supportOf(symbols);
    const { result: model, ms } = timed(() => this.#learner.adapt(support));
    this.#adapted = { model, count: symbols.length };
    this.ms = ms;
  }

  /** @param {Drawing} drawing @returns {Confidences | undefined} undefined where there is nothing to tell apart, or nothing drawn */
  recognize(drawing) {
    if (!this.#adapted || drawing.length === 0) return undefined;
    const { model, count } = this.#adapted;
    const outputs = model.predict(rasterize(drawing));
    return { before: 1 / count, after: softmax(outputs.subarray(0, count)) };
  }
}

/** One row a drawing, its target the place of its symbol in the list. @param {readonly TaughtSymbol[]} symbols */
function supportOf(symbols) {
  const rows = symbols.flatMap(({ drawings }, target) =>
    drawings.map((drawing) => ({ target, pixels: rasterize(drawing) })),
  );
  const inSize = rows[0].pixels.length;
  const inputs = new Float32Array(rows.length * inSize);
  rows.forEach(({ pixels }, row) => inputs.set(pixels, row * inSize));
  return { inputs, targets: rows.map(({ target }) => target), rows: rows.length };
}

/** Of the symbols that are there; the network's other outputs have no part. @param {Float32Array} outputs */
function softmax(outputs) {
  const most = Math.max(...outputs);
  const powers = Array.from(outputs, (output) => Math.exp(output - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
