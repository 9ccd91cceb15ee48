import { svg } from "./dom.js";
import { fitted } from "./strokes.js";

/** @import { Drawing } from "./strokes.js" */

/** A drawing as the `d` of an SVG path; a stroke of one point is a dot, by its round end. @param {Drawing} drawing */
export function pathOf(drawing) {
  const number = (/** @type {number} */ value) => value.toFixed(4);
  return drawing
    .map((stroke) => {
      const points = stroke.length === 1 ? [stroke[0], stroke[0]] : stroke;
      return `M${points.map(([x, y]) => `${number(x)} ${number(y)}`).join("L")}`;
    })
    .join("");
}

/** A small picture of a drawing, as large as its frame. @param {Drawing} drawing */
export function sketch(drawing) {
  const path = svg("path", { d: pathOf(fitted(drawing, { side: 1, size: 0.72, least: 0.05 })) });
  return svg("svg", { viewBox: "0 0 1 1", class: "sketch", "aria-hidden": "true" }, path);
}
