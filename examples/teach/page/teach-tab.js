import { byId, html } from "./dom.js";
import { examples } from "./examples.js";
import { Pad } from "./pad.js";
import { Recognizer } from "./recognizer.js";
import { inPercent, SymbolList } from "./symbol-list.js";
import { readSymbols, writeSymbols } from "./symbols-file.js";
import { Symbols } from "./symbols.js";

/** @import { Adapter } from "rvml/adapt" */
/** @import { Confidences } from "./recognizer.js" */
/** @import { TaughtSymbol } from "./symbols.js" */

const FILE_NAME = "symbols.json";

/** Teaching and recognizing. @param {Adapter} learner */
export function startTeaching(learner) {
  const symbols = new Symbols();
  const recognizer = new Recognizer(learner);
  const pad = new Pad(byId("pad", SVGSVGElement), { onDraw: lookSoon, onStroke: () => look() });
  const list = new SymbolList(byId("symbols", HTMLElement), symbols, (index) =>
    taught(() => symbols.addDrawing(index, pad.drawing)),
  );
  const [answer, sure] = [byId("answer", HTMLElement), byId("sure", HTMLElement)];
  const [adapted, message] = [byId("adapted", HTMLElement), byId("message", HTMLElement)];
  const name = byId("new-name", HTMLInputElement);
  const add = byId("add", HTMLButtonElement);

  /** Once before the next frame, however often the pen reports. */
  let isWaiting = false;
  function lookSoon() {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      look();
    });
  }

  /** Looks at what is on the pad. */
  function look() {
    const { drawing } = pad;
    const confidences = recognizer.recognize(drawing);
    list.show(confidences, drawing.length > 0);
    add.disabled = drawing.length === 0 || symbols.isFull;
    const [what, how] = answerTo(confidences, symbols, drawing.length > 0);
    // Said again only when it changes: a screen reader reads each change out.
    if (answer.textContent !== what) answer.textContent = what;
    sure.textContent = how;
  }

  /** @param {() => void} change */
  function taught(change) {
    change();
    pad.clear();
    pad.element.focus();
    say("");
  }

  /** @param {readonly TaughtSymbol[]} list */
  function begin(list) {
    symbols.replace(list);
    pad.element.focus();
    say("");
  }

  /** @param {string} text */
  function say(text) {
    message.textContent = text;
  }

  symbols.onChange(() => {
    const focused = document.activeElement;
    recognizer.adapt(symbols.list);
    list.render();
    // What had the focus may be gone; on a phone this scrolls back to the pad.
    if (focused !== document.activeElement) pad.element.focus();
    adapted.replaceChildren(...adaptedWords(recognizer.ms, symbols));
    for (const id of ["export", "forget"])
      byId(id, HTMLButtonElement).disabled = symbols.list.length === 0;
    byId("examples", HTMLElement).hidden = symbols.list.length > 0;
    byId("how", HTMLElement).hidden = symbols.list.length > 1;
    look();
  });
  byId("new-symbol", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    if (add.disabled) return;
    taught(() => symbols.add(name.value.trim() || symbols.freeName(), pad.drawing));
    name.value = "";
  });
  onClick("undo", () => pad.undo());
  onClick("clear", () => pad.clear());
  // These two go away or can be pressed no more, and with them the focus.
  onClick("examples", () => begin(examples));
  onClick("forget", () => begin([]));
  onClick("export", () => download(writeSymbols(symbols.list)));
  onClick("import", () => byId("file", HTMLInputElement).click());
  byId("file", HTMLInputElement).addEventListener("change", async ({ target }) => {
    const input = /** @type {HTMLInputElement} */ (target);
    const [file] = input.files ?? [];
    if (!file) return;
    try {
      symbols.replace(readSymbols(await file.text()));
      say(`${symbols.list.length} symbols read from ${file.name}.`);
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
    input.value = ""; // the same file may be chosen again
  });
  symbols.replace([]);
}

/** @param {string} id @param {() => void} action */
const onClick = (id, action) => byId(id, HTMLButtonElement).addEventListener("click", action);

/** @param {Confidences | undefined} confidences @param {Symbols} symbols @param {boolean} hasDrawing @returns {[what: string, how: string]} */
function answerTo(confidences, { list }, hasDrawing) {
  if (confidences) {
    const best = confidences.after.indexOf(Math.max(...confidences.after));
    return [list[best].name, inPercent(confidences.after[best])];
  }
  if (list.length < 2)
    return [
      hasDrawing ? "Name it" : `Draw your ${list.length === 0 ? "first" : "second"} symbol`,
      "",
    ];
  return ["Draw one of them", ""];
}

/** @param {number | undefined} ms @param {Symbols} symbols @returns {(Node | string)[]} */
function adaptedWords(ms, { list }) {
  if (ms === undefined) return ["Nothing learned yet."];
  const drawings = list.reduce((sum, symbol) => sum + symbol.drawings.length, 0);
  const time = html("strong", { id: "ms" }, `${ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`);
  return [`Adapted to ${drawings} drawings of ${list.length} symbols in `, time, "."];
}

/** @param {string} text */
function download(text) {
  const link = html("a", {
    href: URL.createObjectURL(new Blob([text], { type: "application/json" })),
    download: FILE_NAME,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
