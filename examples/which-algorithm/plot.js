import * as vega from "vega";
import { compile } from "vega-lite";
import { digits, summaries } from "./report.js";

/** @typedef {import("./main.js").Results} Results */

/** One drawing for light and for dark: whoever shows it says which. */
const style = `<style>
:root { --card: #ffffff; --ink: #1c2430; --muted: #5d6877; --grid: #e6e9ee; --learned: #2458d6; --maml: #c96a00; --simple: #7a8594; }
@media (prefers-color-scheme: dark) {
  :root { --card: #181c22; --ink: #e7eaef; --muted: #9aa5b3; --grid: #2a3039; --learned: #7aa5ff; --maml: #f0a24a; --simple: #8f9aa8; }
}
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
</style>`;

const ROW = 19;
const WIDTH = 270;

const kindOf = (/** @type {{ name: string, learned: boolean }} */ { name, learned }) =>
  name === "maml" ? "maml" : learned ? "learned" : "simple";

const color = {
  field: "kind",
  type: "nominal",
  legend: null,
  scale: {
    domain: ["learned", "maml", "simple"],
    range: ["var(--learned)", "var(--maml)", "var(--simple)"],
  },
};

/** 1, 2, 5, 10 … that lie among the figures; more of them where these are too few. @param {readonly { low: number, high: number }[]} values */
function ticks(values) {
  const low = Math.min(...values.map((each) => each.low));
  const high = Math.max(...values.map((each) => each.high));
  const among = (/** @type {number[]} */ digits) =>
    [-3, -2, -1, 0, 1, 2, 3, 4]
      .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
      .filter((tick) => tick >= low && tick <= high);
  const few = among([1, 2, 5]);
  return few.length > 3 ? few : among([1, 2, 3, 4, 5, 6, 8]);
}

/** Dots with intervals, the lowest error on top, and what each cost. @param {Results["sets"][number]} set */
function panel(set) {
  const values = summaries(set).map((row) => ({
    name: row.name,
    kind: kindOf(row),
    error: row.final.mean,
    low: Math.max(row.final.mean - (row.final.interval ?? 0), row.final.mean / 10),
    high: row.final.mean + (row.final.interval ?? 0),
    figure: digits(row.final.mean),
    cost: row.timesMaml === undefined ? "" : `${row.timesMaml.toFixed(1)}×`,
  }));
  const y = { field: "name", type: "nominal", title: null, sort: null };
  const maml = values.filter(({ kind }) => kind === "maml");
  const x = {
    field: "error",
    type: "quantitative",
    title: `${set.measure} (lower is better)`,
    scale: { type: "log", nice: false, padding: 8 },
    axis: { format: "~g", values: ticks(values) },
  };
  const beside = (/** @type {string} */ field, /** @type {number} */ at) => ({
    mark: { type: "text", align: "right", fontSize: 11.5, color: "var(--muted)" },
    encoding: { y, x: { value: at }, text: { field } },
  });
  const heading = (/** @type {string} */ text, /** @type {number} */ at) => ({
    data: { values: [{}] },
    mark: { type: "text", align: "right", fontSize: 11.5, color: "var(--muted)", dy: -8 },
    encoding: { x: { value: at }, y: { value: 0 }, text: { value: text } },
  });
  return {
    title: { text: set.title, anchor: "start", frame: "group", fontSize: 14, offset: 8 },
    width: WIDTH,
    height: ROW * values.length,
    data: { values },
    layer: [
      {
        data: { values: maml },
        mark: { type: "rule", color: "var(--maml)", strokeDash: [3, 3] },
        encoding: { x },
      },
      {
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color },
      },
      { mark: { type: "point", filled: true, size: 60, opacity: 1 }, encoding: { y, x, color } },
      beside("figure", WIDTH + 44),
      beside("cost", WIDTH + 88),
      heading("error", WIDTH + 44),
      heading("time", WIDTH + 88),
    ],
  };
}

const config = {
  background: "transparent",
  view: { stroke: null },
  title: { color: "var(--ink)" },
  axis: { domain: false, ticks: false, gridColor: "var(--grid)", labelPadding: 6, titlePadding: 8 },
  axisX: { labelColor: "var(--muted)", titleColor: "var(--muted)", titleFontWeight: "normal" },
  axisY: { labelColor: "var(--ink)", labelFontSize: 12, labelLimit: 200, grid: false },
};

/** All sets as one picture, SVG. @param {Results} results */
export async function plot({ sets, innerSteps, seeds }) {
  const many = seeds > 1 ? `mean of ${seeds} seeds with its 95 % interval` : "one seed";
  const spec = {
    config,
    padding: 20,
    title: {
      text: `Error on new tasks after ${innerSteps} steps`,
      // Two lines: without a browser a line's width is overestimated, and the picture would be as wide.
      subtitle: [
        `Same network, tasks and meta-steps for all; ${many};`,
        "time to train is relative to maml's (orange); scales are logarithmic",
      ],
      anchor: "start",
      fontSize: 17,
      subtitleFontSize: 12.5,
      subtitleColor: "var(--muted)",
      offset: 20,
    },
    columns: 2,
    bounds: "flush",
    spacing: { row: 100, column: 250 },
    concat: sets.map(panel),
    resolve: { scale: { x: "independent", y: "independent", color: "shared" } },
  };
  const compiled = compile(/** @type {any} */ (spec)).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  const back = `<rect width="100%" height="100%" rx="12" fill="var(--card)"/>`;
  return svg.replace(/^<svg[^>]*>/, (opening) => `${opening}\n${style}\n${back}`);
}
