import { svg } from "./dom.js";
import { pathOf } from "./sketch.js";

/** @import { Drawing, Point } from "./strokes.js" */

/** How far an arrow key moves the pen, in shares of the pad; with Shift, finely. */
const STRIDE = { coarse: 0.05, fine: 0.01 };
/** Points nearer than this to the last are left out. */
const NEAR = 0.004;

/** Down is more. @type {Record<string, Point>} */
const directions = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** @param {number} share */
const inside = (share) => Math.min(1, Math.max(0, share));

/** Where one draws: with a mouse, a finger or a pen, or with the keys, by which a cross moves that puts the pen down and lifts it. */
export class Pad {
  /** @type {Point[][]} */
  #strokes = [];
  /** The pointer that draws; others are a resting palm. @type {number | undefined} */
  #pointer;
  /** Where the keys' pen is, and whether it is down. */
  #pen = { at: /** @type {Point} */ ([0.5, 0.5]), isDown: false };
  #ink = svg("path", { class: "ink" });
  #cross = svg("path", { class: "cross" });

  /**
   * @param {SVGSVGElement} element
   * @param {{ onDraw: () => void, onStroke: () => void }} listeners told of every move, and of every stroke that ended or went
   */
  constructor(element, listeners) {
    this.element = element;
    this.listeners = listeners;
    element.append(this.#ink, this.#cross);
    this.#paint();
    element.addEventListener("pointerdown", (event) => this.#down(event));
    // So that no text is selected. Were it said of pointerdown, WebKitGTK would leave out all else that a pen does.
    element.addEventListener("mousedown", (event) => event.preventDefault());
    // Wherever it goes: WebKitGTK captures no pen.
    addEventListener("pointermove", (event) => this.#move(event));
    addEventListener("pointerup", (event) => this.#up(event));
    addEventListener("pointercancel", (event) => this.#up(event));
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("blur", () => this.#lift());
  }

  /** @returns {Drawing} */
  get drawing() {
    return this.#strokes.map((stroke) => [...stroke]);
  }

  clear() {
    this.#lift();
    this.#strokes = [];
    this.#changed("onStroke");
  }

  /** Takes back the last stroke. */
  undo() {
    this.#lift();
    this.#strokes.pop();
    this.#changed("onStroke");
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (this.#pointer !== undefined || event.button !== 0) return;
    this.element.focus({ preventScroll: true });
    this.#lift();
    this.#pointer = event.pointerId;
    this.element.setPointerCapture(event.pointerId);
    this.#strokes.push([this.#place(event)]);
    this.#changed("onDraw");
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length > 0 ? passed : [event]) this.#extend(this.#place(each));
    this.#changed("onDraw");
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = undefined;
    this.#changed("onStroke");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey) return;
    const stride = shiftKey ? STRIDE.fine : STRIDE.coarse;
    const [x, y] = directions[key] ?? [0, 0];
    if (x || y) this.#go(x * stride, y * stride);
    else if (key === " ") this.#toggle();
    else if (key === "Backspace") this.undo();
    else if (key === "Escape") this.clear();
    else return;
    event.preventDefault();
  }

  /** @param {number} dx @param {number} dy */
  #go(dx, dy) {
    const [x, y] = this.#pen.at;
    this.#pen.at = [inside(x + dx), inside(y + dy)];
    if (this.#pen.isDown) this.#extend(this.#pen.at);
    this.#changed("onDraw");
  }

  #toggle() {
    if (this.#pen.isDown) return this.#lift();
    this.#pen.isDown = true;
    this.#strokes.push([this.#pen.at]);
    this.#changed("onDraw");
  }

  #lift() {
    if (!this.#pen.isDown) return;
    this.#pen.isDown = false;
    this.#changed("onStroke");
  }

  /** @param {Point} point */
  #extend(point) {
    const stroke = this.#strokes[this.#strokes.length - 1];
    const [x, y] = stroke[stroke.length - 1];
    if (Math.hypot(point[0] - x, point[1] - y) >= NEAR) stroke.push(point);
  }

  /** Of what is drawn beside the pad, the nearest place on it. @param {PointerEvent} event @returns {Point} */
  #place({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return [inside((clientX - left) / width), inside((clientY - top) / height)];
  }

  /** @param {"onDraw" | "onStroke"} what */
  #changed(what) {
    this.#paint();
    this.listeners[what]();
  }

  #paint() {
    this.#ink.setAttribute("d", pathOf(this.#strokes));
    const [x, y] = this.#pen.at;
    this.#cross.setAttribute("d", `M${x - 0.03} ${y}h.06M${x} ${y - 0.03}v.06`);
    this.#cross.classList.toggle("down", this.#pen.isDown);
  }
}
