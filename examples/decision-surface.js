import * as vega from "vega";

/** @typedef {(inputs: Float32Array) => Float32Array} Predict */

const SIDE = 3; // the picture shows −SIDE … SIDE on both axes
const GRID = 61; // points a side at which the model is asked
const PIXELS = 420; // a side
const PITCH = PIXELS / (GRID - 1);
/** Light enough at both ends for black text. */
const COLORS = ["#f29f85", "#fbf8f3", "#8fbbe3"];
const steps = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => i / count);

/** The model's outputs, row by row from the top. @param {Predict} predict */
function surface(predict) {
  const at = (/** @type {number} */ i) => SIDE * ((2 * i) / (GRID - 1) - 1);
  const inputs = new Float32Array(2 * GRID * GRID);
  for (let row = 0; row < GRID; row++)
    for (let column = 0; column < GRID; column++)
      inputs.set([at(column), -at(row)], 2 * (row * GRID + column));
  return { width: GRID, height: GRID, values: [...predict(inputs)] };
}

/** Where the surface is above each threshold, as shapes in pixels. */
const regions = (/** @type {string} */ name, /** @type {number[]} */ thresholds) => ({
  name,
  source: "surface",
  transform: [
    { type: "isocontour", thresholds, scale: PITCH, translate: [-PITCH / 2, -PITCH / 2] },
    { type: "geopath", field: "contour" },
  ],
});

const axis = (/** @type {string} */ scale, /** @type {string} */ orient) => ({
  scale,
  orient,
  title: scale,
  titleFontSize: 15,
  titlePadding: 8,
  labelPadding: 8,
  tickCount: 7,
  ticks: false,
  domain: false,
});

const path = { path: { field: "path" } };
const at = { x: { scale: "x₁", field: "x1" }, y: { scale: "x₂", field: "x2" } };

const bands = {
  type: "path",
  clip: true,
  from: { data: "bands" },
  encode: { enter: { ...path, fill: { scale: "output", field: "contour.value" } } },
};

const lines = {
  type: "path",
  clip: true,
  from: { data: "lines" },
  encode: {
    enter: {
      ...path,
      stroke: { value: "#222" },
      strokeWidth: { signal: "datum.contour.value === 0.5 ? 2.5 : 1" },
      strokeDash: { signal: "datum.contour.value === 0.5 ? [] : [4, 4]" },
    },
  },
};

/** Label 1 as a filled circle, label 0 as an open square: not by color alone. */
const symbols = {
  type: "symbol",
  from: { data: "points" },
  encode: {
    enter: {
      ...at,
      shape: { signal: "datum.label ? 'circle' : 'square'" },
      fill: { signal: "datum.label ? '#111' : '#fff'" },
      stroke: { value: "#111" },
      size: { value: 150 },
    },
  },
};

const names = {
  type: "text",
  from: { data: "points" },
  encode: {
    enter: { ...at, dx: { value: 12 }, baseline: { value: "middle" }, text: { field: "text" } },
  },
};

/**
 * A picture, as SVG, of a model of two inputs whose one output lies between 0 and 1: the output as
 * color, lines at 0.1, 0.5 (the decision) and 0.9, and the points that it learned from.
 *
 * @param {Predict} predict outputs for rows of two inputs
 * @param {{ inputs: Float32Array, targets: Float32Array, rows: number }} points
 * @param {string} title
 */
export function decisionSurface(predict, { inputs, targets, rows }, title) {
  const values = Array.from({ length: rows }, (_, i) => {
    const [x1, x2] = inputs.subarray(2 * i);
    const text = `(${x1}, ${x2}): ${targets[i]}`.replaceAll("-", "−");
    return { x1, x2, label: targets[i], text };
  });
  /** @type {vega.Spec} */
  const spec = /** @type {any} */ ({
    width: PIXELS,
    height: PIXELS,
    padding: 16,
    background: "white",
    title: {
      text: title,
      anchor: "start",
      fontSize: 16,
      offset: 12,
      subtitleFontSize: 12,
      subtitle: "Solid line: 0.5, where the decision falls. Dashed: 0.1 and 0.9.",
    },
    data: [
      { name: "surface", values: [surface(predict)] },
      regions("bands", steps(20)),
      regions("lines", [0.1, 0.5, 0.9]),
      { name: "points", values },
    ],
    scales: [
      { name: "x₁", domain: [-SIDE, SIDE], range: "width" },
      { name: "x₂", domain: [-SIDE, SIDE], range: "height" },
      { name: "output", type: "linear", domain: [0, 1], range: COLORS, interpolate: "lab" },
    ],
    axes: [axis("x₁", "bottom"), axis("x₂", "left")],
    legends: [{ fill: "output", title: "output", gradientLength: 240, format: ".1f" }],
    marks: [bands, lines, symbols, names],
  });
  return new vega.View(vega.parse(spec), { renderer: "none" }).toSVG();
}
