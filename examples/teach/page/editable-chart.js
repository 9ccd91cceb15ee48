import { Chart, placed, UNIT } from "./chart.js";
import { svg } from "./dom.js";
import { RANGE } from "./sinusoids.js";

/** @import { Point } from "./strokes.js" */

/** How far an arrow key moves a point; with Shift, finely. */
const STRIDE = { coarse: 0.25, fine: 0.05 };

/**
 * @typedef {object} Listeners
 * @property {(index: number, point: Point) => void} onMove
 * @property {() => void} onEnd after the last move
 * @property {(point: Point) => void} onAdd
 * @property {(index: number) => void} onRemove
 */

/** A chart whose points are dragged, or moved by the arrow keys. */
export class EditableChart {
  #chart = new Chart((points, dots) => this.#drawPoints(points, dots));
  /** The point that a pointer holds, and which pointer. @type {{ index: number, pointer: number } | undefined} */
  #held;

  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.listeners = listeners;
    const { element } = this;
    // Wherever it goes: see pad.js.
    addEventListener("pointermove", (event) => {
      if (event.pointerId === this.#held?.pointer)
        listeners.onMove(this.#held.index, this.#at(event));
    });
    const release = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== this.#held?.pointer) return;
      this.#held = undefined;
      listeners.onEnd();
    };
    addEventListener("pointerup", release);
    addEventListener("pointercancel", release);
    element.addEventListener("dblclick", (event) => {
      if (!(event.target instanceof SVGCircleElement)) listeners.onAdd(this.#at(event));
    });
  }

  get element() {
    return this.#chart.element;
  }

  /** @param {readonly Point[]} before @param {readonly Point[]} after @param {readonly Point[]} points */
  show(before, after, points) {
    this.#chart.show(before, after, points);
  }

  /** Keeps the circles that are there, and with them the focus. @param {readonly Point[]} points @param {SVGGElement} dots */
  #drawPoints(points, dots) {
    while (dots.childElementCount > points.length) dots.lastElementChild?.remove();
    while (dots.childElementCount < points.length)
      dots.append(this.#handle(dots.childElementCount));
    points.forEach((point, i) => {
      const [cx, cy] = placed(point);
      const handle = dots.children[i];
      handle.setAttribute("cx", String(cx));
      handle.setAttribute("cy", String(cy));
      const [x, y] = point.map((value) => value.toFixed(2));
      handle.setAttribute("aria-label", `Point ${i + 1} of ${points.length}: x ${x}, y ${y}`);
    });
  }

  /** @param {number} index */
  #handle(index) {
    const handle = svg("circle", {
      class: "dot handle",
      r: 2.4,
      tabindex: 0,
      role: "application",
      "aria-roledescription": "movable point",
    });
    handle.addEventListener("pointerdown", (event) => {
      if (this.#held || event.button !== 0) return;
      handle.focus({ preventScroll: true });
      this.#held = { index, pointer: event.pointerId };
      this.element.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("mousedown", (event) => event.preventDefault());
    handle.addEventListener("keydown", (event) => this.#key(event, handle, index));
    return handle;
  }

  /** @param {KeyboardEvent} event @param {SVGCircleElement} handle @param {number} index */
  #key(event, handle, index) {
    const [dx, dy] = directions[event.key] ?? [0, 0];
    if (event.key === "Delete" || event.key === "Backspace") this.listeners.onRemove(index);
    else if (dx || dy) {
      const stride = event.shiftKey ? STRIDE.fine : STRIDE.coarse;
      const [x, y] = [handle.cx.baseVal.value / UNIT.x, -handle.cy.baseVal.value / UNIT.y];
      this.listeners.onMove(index, inRange([x + dx * stride, y + dy * stride]));
      this.listeners.onEnd();
    } else return;
    event.preventDefault();
  }

  /** @param {MouseEvent} event */
  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    const x = (2 * (clientX - left)) / width - 1;
    const y = 1 - (2 * (clientY - top)) / height;
    return inRange([x * RANGE.x, y * RANGE.y]);
  }
}

/** Up is more. @type {Record<string, Point>} */
const directions = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** @param {Point} point @returns {Point} */
function inRange([x, y]) {
  const within = (/** @type {number} */ value, /** @type {number} */ most) =>
    Math.min(most, Math.max(-most, value));
  return [within(x, RANGE.x), within(y, RANGE.y)];
}
