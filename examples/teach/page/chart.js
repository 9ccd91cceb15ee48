import { svg } from "./dom.js";
import { pathOf } from "./sketch.js";
import { RANGE } from "./sinusoids.js";

/** @import { Point } from "./strokes.js" */

/** How many units of the picture one of the curve's is. */
export const UNIT = { x: 14, y: 8 };
const [WIDTH, HEIGHT] = [2 * RANGE.x * UNIT.x, 2 * RANGE.y * UNIT.y];
const [LEFT, TOP] = [-WIDTH / 2, -HEIGHT / 2];

/** Where a point of the curve is in the picture. @param {Point} point @returns {Point} */
export const placed = ([x, y]) => [x * UNIT.x, -y * UNIT.y];

/** @typedef {(points: readonly Point[], dots: SVGGElement) => void} DrawPoints */

/** Two curves, and the points that one of them adapted to. */
export class Chart {
  #before = svg("path", { class: "curve before" });
  #after = svg("path", { class: "curve after" });
  #dots = svg("g");

  /** @param {DrawPoints} [drawPoints] */
  constructor(drawPoints = drawDots) {
    const axes = svg("path", { class: "axes", d: `M${LEFT} 0h${WIDTH}M0 ${TOP}v${HEIGHT}` });
    const viewBox = `${LEFT} ${TOP} ${WIDTH} ${HEIGHT}`;
    this.drawPoints = drawPoints;
    this.element = svg(
      "svg",
      { viewBox, class: "chart" },
      axes,
      this.#before,
      this.#after,
      this.#dots,
    );
  }

  /** @param {readonly Point[]} before @param {readonly Point[]} after @param {readonly Point[]} points */
  show(before, after, points) {
    this.#before.setAttribute("d", pathOf([before.map(placed)]));
    this.#after.setAttribute("d", pathOf([after.map(placed)]));
    this.drawPoints(points, this.#dots);
  }
}

/** @type {DrawPoints} */
function drawDots(points, dots) {
  const circles = points.map((point) => {
    const [cx, cy] = placed(point);
    return svg("circle", { class: "dot", cx, cy, r: 2.4 });
  });
  dots.replaceChildren(...circles);
}
