import type { TopLevelSpec } from "vega-lite";
import type { Outcome } from "./judge.ts";
import type { CurvePoint, Panel, Point } from "./report-data.ts";

/** Colors are CSS variables of the page, so that one drawing serves light and dark. */
export const methodColors = [
  "var(--learned)",
  "var(--tuned)",
  "var(--line)",
  "var(--shift)",
  "var(--pooled)",
];
const dashes = [
  [1, 0],
  [1, 0],
  [10, 3, 2, 3],
  [6, 4],
  [2, 3],
];

const config = {
  background: "transparent",
  font: "inherit",
  view: { stroke: null },
  axis: {
    domain: false,
    ticks: false,
    gridColor: "var(--grid)",
    labelColor: "var(--muted)",
    titleColor: "var(--muted)",
    titleFontWeight: "normal" as const,
    labelFontSize: 12,
    titleFontSize: 12,
    labelPadding: 6,
    titlePadding: 10,
  },
};

/** One SVG, drawn without a browser. vega takes half a second to load, so it is loaded only here. */
async function draw(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(vegaLite.compile({ config, ...spec }).spec), {
    renderer: "none",
  });
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/ xmlns(:\w+)?="[^"]*"/g, ""); // inside HTML the names of the XML spaces say nothing
}

/** Query loss on the way, mean over each window of steps. */
export function trainingPlot(curve: readonly CurvePoint[]): Promise<string> {
  const points = curve.map(({ step, loss }) => ({ step, loss: Math.max(loss, 1e-9) }));
  const losses = points.map(({ loss }) => loss);
  const values = logTicks(Math.min(...losses), Math.max(...losses));
  return draw({
    width: 900,
    height: 220,
    data: { values: points },
    mark: { type: "line", color: "var(--learned)", strokeWidth: 2, interpolate: "monotone" },
    encoding: {
      x: { field: "step", type: "quantitative", title: "meta-step", axis: { grid: false } },
      y: {
        field: "loss",
        type: "quantitative",
        title: "query loss after adapting",
        scale: { type: "log", domain: [values[0], values.at(-1)!], nice: false },
        axis: { values, format: "~g" },
      },
    },
  });
}

/** 1, 2, 5, 10 … from at or below `low` to at or above `high`. */
function logTicks(low: number, high: number): number[] {
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1; power++)
    for (const digit of [1, 2, 5]) all.push(Number(`${digit}e${power}`));
  const first = all.findLastIndex((tick) => tick <= low);
  const last = all.findIndex((tick) => tick >= high);
  return all.slice(first, last + 1);
}

const errorHeight = 320;

/** Error after 0, 1, 3 … steps; methods without steps are level lines. Names stand at the lines' ends. */
export function errorPlot(outcome: Outcome, unit: string): Promise<string> {
  const { methods, steps } = outcome;
  const top = Math.max(...methods.flatMap(({ errors }) => errors).filter(Number.isFinite)) * 1.05;
  const points = methods.flatMap(({ name, adapts, errors }) =>
    steps.map((step, i) => ({ name, adapts, step, error: errors[i] })),
  );
  const ends = endLabels(
    points.filter(({ step }) => step === steps.at(-1)),
    top,
  );
  const { x, y, color, strokeDash } = errorEncoding(outcome, unit, top);
  const text = { field: "name" };
  return draw({
    width: 700,
    height: errorHeight,
    layer: [
      {
        data: { values: points },
        mark: { type: "line", strokeWidth: 2.5 },
        encoding: { x, y, color, strokeDash },
      },
      {
        data: { values: points.filter(({ adapts }) => adapts) },
        mark: { type: "point", filled: true, size: 55, opacity: 1 },
        encoding: { x, y, color },
      },
      {
        data: { values: ends },
        mark: { type: "text", align: "left", dx: 10, fontSize: 13, baseline: "middle" },
        encoding: { x, y, color, text },
      },
    ],
  } as TopLevelSpec);
}

function errorEncoding({ methods, steps, measure }: Outcome, unit: string, top: number) {
  const quantity = "quantitative" as const;
  const byName = (range: readonly unknown[]) => ({
    field: "name",
    scale: { domain: methods.map(({ name }) => name), range },
    legend: null,
  });
  return {
    x: {
      field: "step",
      type: quantity,
      title: "gradient steps on the new group's rows",
      scale: { domain: [0, steps.at(-1)], nice: false },
      axis: { grid: false, values: [...steps], format: "d" },
    },
    y: {
      field: "error",
      type: quantity,
      title: unit ? `${measure}, ${unit}` : measure,
      scale: { domain: [0, top], nice: false },
      axis: { tickCount: 6 },
    },
    color: byName(methodColors),
    strokeDash: byName(dashes),
  };
}

/** Moves labels apart to 17 pixels, from the lowest up. */
function endLabels<T extends { error: number }>(ends: readonly T[], top: number): T[] {
  const gap = (17 / errorHeight) * top;
  let free = 0;
  return ends
    .toSorted((a, b) => a.error - b.error)
    .map((end) => {
      const error = Math.max(end.error, free);
      free = error + gap;
      return { ...end, error };
    });
}

/** One held-out task: its points, and the predictions before and after adapting. */
export function panelPlot(panel: Panel, domain: readonly [number, number]): Promise<string> {
  const y = (title: string) => ({
    field: "y",
    type: "quantitative" as const,
    title,
    scale: { domain: [...domain], zero: false, nice: true },
    axis: { tickCount: 5 },
  });
  const x = {
    field: "x",
    type: "quantitative" as const,
    title: panel.xTitle,
    scale: { zero: false, nice: panel.kind === "scatter", padding: 6 },
    axis: { grid: false, tickCount: 5, format: panel.xFormat },
  };
  const layer = (values: readonly Point[], mark: object) => ({
    data: { values: [...values] },
    mark,
    encoding: { x, y: y(panel.yTitle) },
  });
  const predictions = panel.kind === "curve" ? lines(panel, layer) : dots(panel, layer);
  return draw({ width: 250, height: 180, layer: predictions } as TopLevelSpec);
}

type Layer = (values: readonly Point[], mark: object) => object;

const lines = ({ before, after, query, support }: Panel, layer: Layer) => [
  layer(before, { type: "line", color: "var(--pooled)", strokeWidth: 2, strokeDash: [4, 3] }),
  layer(after, { type: "line", color: "var(--learned)", strokeWidth: 2.5 }),
  layer(query, { type: "point", stroke: "var(--ink)", fill: "var(--card)", size: 34, opacity: 1 }),
  layer(support, { type: "point", filled: true, color: "var(--ink)", size: 90, opacity: 1 }),
];

const dots = ({ before, after, support }: Panel, layer: Layer) => [
  layer(diagonal([...before, ...after]), { type: "line", color: "var(--grid)", strokeWidth: 2 }),
  layer(before, { type: "point", stroke: "var(--pooled)", fill: "none", size: 34, opacity: 1 }),
  layer(after, { type: "point", filled: true, color: "var(--learned)", size: 44, opacity: 1 }),
  layer(support, { type: "point", filled: true, color: "var(--ink)", size: 60, opacity: 1 }),
];

function diagonal(points: readonly Point[]): Point[] {
  const ends = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
  return ends.map((value) => ({ x: value, y: value }));
}
