import type { TopLevelSpec } from "vega-lite";
import { apart } from "./apart.ts";
import { draw } from "./draw.ts";
import { extent } from "./extent.ts";
import type { Outcome } from "./judge.ts";
import { measureAxis, measures } from "./measure.ts";
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

type Drawn = Pick<Outcome, "steps" | "measure"> & {
  readonly methods: readonly Pick<Outcome["methods"][number], "name" | "adapts" | "errors">[];
};

/** How the methods are told apart, in their order, and how much is shown. */
export interface Look {
  readonly colors: readonly string[];
  readonly dashes: readonly (readonly number[])[];
  readonly scale: "linear" | "log";
  /** The least and the largest error shown. */
  readonly domain: readonly [number, number];
  readonly height: number;
}

const usualLook = ({ methods, measure }: Drawn): Look => ({
  colors: methodColors,
  dashes,
  scale: "linear",
  domain: [
    0,
    measures[measure].most ??
      Math.max(...methods.flatMap(({ errors }) => errors).filter(Number.isFinite)) * 1.05,
  ],
  height: 320,
});

/** With what people read in place of errors. */
function shown({ methods, measure, ...drawn }: Drawn): Drawn {
  const read = methods.map(({ errors, ...method }) => ({
    ...method,
    errors: errors.map(measures[measure].shown),
  }));
  return { ...drawn, measure, methods: read };
}

/** Error after 0, 1, 3 … steps; methods without steps are level lines. Names stand at the lines' ends. */
export function errorPlot(outcome: Drawn, unit: string, given?: Look): Promise<string> {
  const drawn = shown(outcome);
  const look = given ?? usualLook(drawn);
  const lines = drawn.methods.flatMap(({ name, errors }) =>
    within(drawn.steps, errors, look).map((point) => ({ name, ...point })),
  );
  const names = drawn.methods.filter(({ adapts }) => adapts).map(({ name }) => name);
  const points = lines.filter(
    ({ name, step }) => names.includes(name) && drawn.steps.includes(step),
  );
  const { x, y, color, strokeDash } = errorEncoding(drawn, unit, look);
  const place = { field: "place", type: "quantitative", scale: null, axis: null };
  const text = { field: "text" };
  return draw({
    width: 700,
    height: look.height,
    layer: [
      {
        data: { values: lines },
        mark: { type: "line", strokeWidth: 2.5 },
        encoding: { x, y, color, strokeDash },
      },
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 55, opacity: 1 },
        encoding: { x, y, color },
      },
      {
        data: { values: endLabels(drawn, look) },
        mark: { type: "text", align: "left", dx: 10, fontSize: 13, baseline: "middle" },
        encoding: { x: { value: "width" }, y: place, color, text },
      },
    ],
  } as TopLevelSpec);
}

function errorEncoding({ methods, steps, measure }: Drawn, unit: string, look: Look) {
  const quantity = "quantitative" as const;
  const { scale: type, domain } = look;
  const byName = (range: readonly unknown[]) => ({
    field: "name",
    scale: { domain: methods.map(({ name }) => name), range },
    legend: null,
  });
  return {
    x: {
      field: "step",
      type: quantity,
      title: "gradient steps on the new task",
      scale: { domain: [0, steps.at(-1)], nice: false },
      axis: { grid: false, values: [...steps], format: "d" },
    },
    y: {
      field: "error",
      type: quantity,
      title: measureAxis(measure, unit),
      scale: { type, domain, nice: false },
      axis: type === "log" ? { tickCount: 8, format: "~g" } : { tickCount: 6 },
    },
    color: byName(look.colors),
    strokeDash: byName(look.dashes),
  };
}

const along = (scale: Look["scale"]) => (scale === "log" ? Math.log : (error: number) => error);

/** A line as far as it lies within the frame: at the upper edge it is cut. */
function within(
  steps: readonly number[],
  errors: readonly number[],
  { scale, domain: [, top] }: Look,
): { step: number; error: number }[] {
  const f = along(scale);
  return steps.flatMap((step, i) => {
    const [before, here] = [errors[i - 1], errors[i]];
    const inside = here <= top ? [{ step, error: here }] : [];
    if (i === 0 || before > top === here > top) return inside;
    const part = (f(top) - f(before)) / (f(here) - f(before));
    return [{ step: steps[i - 1] + part * (step - steps[i - 1]), error: top }, ...inside];
  });
}

/** Each name near the end of its line, 17 pixels apart; an arrow says that the line has left the frame. */
function endLabels({ methods }: Drawn, { scale, domain: [bottom, top], height }: Look) {
  const f = along(scale);
  const ends = methods.map(({ errors }) => errors.at(-1)!);
  const wishes = ends.map((end) => {
    const error = end <= top ? Math.max(end, bottom) : top;
    return (height * (f(top) - f(error))) / (f(top) - f(bottom));
  });
  const places = apart(wishes, 17);
  return methods.map(({ name }, i) => {
    const text = ends[i] <= top ? name : `${name} ↑`;
    return { name, place: places[i], text };
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
  return extent(points.map(({ x }) => x)).map((value) => ({ x: value, y: value }));
}
