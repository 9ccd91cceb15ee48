import { button, html } from "./dom.js";
import { sketch } from "./sketch.js";
import { LONGEST_NAME } from "./symbols.js";

/** @import { Confidences } from "./recognizer.js" */
/** @import { Symbols, TaughtSymbol } from "./symbols.js" */

/**
 * What is shown of a symbol.
 *
 * @typedef {object} Row
 * @property {HTMLLIElement} element
 * @property {TaughtSymbol} symbol
 * @property {readonly HTMLButtonElement[]} pictures
 * @property {HTMLInputElement} name
 * @property {HTMLElement} percent
 * @property {HTMLButtonElement} teach
 * @property {HTMLButtonElement} remove
 */

/** The symbols with their drawings, names and confidences, one below the other. */
export class SymbolList {
  /** @type {Row[]} */
  #rows = [];

  /**
   * @param {HTMLElement} element
   * @param {Symbols} symbols
   * @param {(index: number) => void} onTeach what is on the pad is one more drawing of that symbol
   */
  constructor(element, symbols, onTeach) {
    this.element = element;
    this.symbols = symbols;
    this.onTeach = onTeach;
  }

  /** After every change of the symbols. Where only a name is another, all elements stay, and the focus that goes on from the name is not lost. */
  render() {
    const { list } = this.symbols;
    const isSame = (/** @type {TaughtSymbol} */ { drawings }, /** @type {number} */ i) =>
      drawings === this.#rows[i].symbol.drawings;
    if (list.length === this.#rows.length && list.every(isSame))
      this.#rows = this.#rows.map((row, i) => ({ ...row, symbol: list[i] }));
    else {
      this.#rows = list.map((symbol, index) => this.#row(symbol, index));
      this.element.replaceChildren(...this.#rows.map(({ element }) => element));
    }
    this.#rows.forEach(label);
  }

  /** @param {Confidences | undefined} confidences @param {boolean} hasDrawing whether there is something to teach */
  show(confidences, hasDrawing) {
    const best = confidences ? Math.max(...confidences.after) : NaN;
    this.#rows.forEach(({ element, percent, teach }, i) => {
      const [before, after] = [confidences?.before ?? 0, confidences?.after[i] ?? 0];
      element.style.setProperty("--before", String(before));
      element.style.setProperty("--after", String(after));
      element.classList.toggle("best", after === best);
      percent.textContent = confidences ? `${inPercent(before)} → ${inPercent(after)}` : "";
      teach.disabled = !hasDrawing;
    });
  }

  /** @param {TaughtSymbol} symbol @param {number} index @returns {Row} */
  #row(symbol, index) {
    const { symbols } = this;
    const pictures = symbol.drawings.map((drawing, which) => {
      const picture = button("", () => symbols.removeDrawing(index, which), { class: "picture" });
      picture.append(sketch(drawing));
      return picture;
    });
    const name = this.#name(index);
    const percent = html("span", { class: "percent" });
    const teach = button("It is this", () => this.onTeach(index), { class: "teach" });
    const remove = button("×", () => symbols.remove(index), { class: "remove" });
    const [after, before] = [html("i", { class: "after" }), html("i", { class: "before" })];
    const bars = html("span", { class: "bars", "aria-hidden": "true" }, after, before);
    const element = html(
      "li",
      {},
      html("div", { class: "pictures" }, ...pictures),
      html("div", { class: "told" }, name, percent, bars),
      teach,
      remove,
    );
    return { element, symbol, pictures, name, percent, teach, remove };
  }

  /** @param {number} index */
  #name(index) {
    const input = html("input", {
      maxlength: String(LONGEST_NAME),
      "aria-label": `Name of symbol ${index + 1}`,
      class: "name",
      autocomplete: "off",
    });
    input.addEventListener("change", () => {
      if (!this.symbols.rename(index, input.value.trim()))
        input.value = this.symbols.list[index].name;
    });
    return input;
  }
}

/** Says the symbol's name wherever it is to be heard or read. @param {Row} row */
function label({ symbol, pictures, name, teach, remove }) {
  name.value = symbol.name;
  teach.setAttribute("aria-label", `It is this: ${symbol.name}`);
  pictures.forEach((picture, which) =>
    entitle(picture, `Remove drawing ${which + 1} of ${symbol.name}`),
  );
  entitle(remove, `Remove ${symbol.name}`);
}

/** @param {HTMLElement} element @param {string} words */
function entitle(element, words) {
  element.setAttribute("aria-label", words);
  element.title = words;
}

/** @param {number} share */
export const inPercent = (share) => `${Math.round(100 * share)} %`;
