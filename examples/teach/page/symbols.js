/** @import { Drawing } from "./strokes.js" */

export const MOST_SYMBOLS = 8;
export const MOST_DRAWINGS = 8;
export const LONGEST_NAME = 24;

/**
 * @typedef {object} TaughtSymbol
 * @property {string} name
 * @property {readonly Drawing[]} drawings at least one
 */

/** What was taught so far. Listeners are told of every change. */
export class Symbols {
  /** @type {readonly TaughtSymbol[]} */
  list = [];
  /** @type {(() => void)[]} */
  #listeners = [];

  /** @param {() => void} listener */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  get isFull() {
    return this.list.length >= MOST_SYMBOLS;
  }

  /** @param {readonly TaughtSymbol[]} list */
  replace(list) {
    this.list = list;
    for (const listener of this.#listeners) listener();
  }

  /** A new symbol with its first drawing; a name that is there already gets one more drawing. @param {string} name @param {Drawing} drawing */
  add(name, drawing) {
    const there = this.list.findIndex((symbol) => symbol.name === name);
    if (there >= 0) this.addDrawing(there, drawing);
    else if (!this.isFull) this.replace([...this.list, { name, drawings: [drawing] }]);
  }

  /** The oldest drawing goes where there are too many. @param {number} index @param {Drawing} drawing */
  addDrawing(index, drawing) {
    const { drawings } = this.list[index];
    this.#change(index, { drawings: [...drawings, drawing].slice(-MOST_DRAWINGS) });
  }

  /** With its last drawing goes the symbol. @param {number} index @param {number} which */
  removeDrawing(index, which) {
    const drawings = this.list[index].drawings.filter((_, i) => i !== which);
    if (drawings.length > 0) this.#change(index, { drawings });
    else this.remove(index);
  }

  /** @param {number} index */
  remove(index) {
    this.replace(this.list.filter((_, i) => i !== index));
  }

  /** A name of nothing, or of another symbol, is not taken. @param {number} index @param {string} name @returns {boolean} */
  rename(index, name) {
    const taken = this.list.some((symbol, i) => i !== index && symbol.name === name);
    if (name === "" || taken) return false;
    this.#change(index, { name });
    return true;
  }

  /** The first of "symbol 1", "symbol 2" … that is free. */
  freeName() {
    const names = new Set(this.list.map(({ name }) => name));
    for (let n = 1; ; n++) if (!names.has(`symbol ${n}`)) return `symbol ${n}`;
  }

  /** @param {number} index @param {Partial<TaughtSymbol>} changed */
  #change(index, changed) {
    this.replace(this.list.map((each, i) => (i === index ? { ...each, ...changed } : each)));
  }
}
