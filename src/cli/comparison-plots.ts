import type { TopLevelSpec } from "vega-lite";
import type { Compared } from "./compare.ts";
import type { Comparison, Entry } from "./comparison.ts";
import { draw, drawFile } from "./draw.ts";
import { measureAxis, measures } from "./measure.ts";
import { errorPlot } from "./plots.ts";
import { occasion } from "./show-comparison.ts";

/** The ranking as a drawing: an error and its interval a line, the best on top. */
export const rankingPlot = (comparison: Comparison, unit: string): Promise<string> =>
  draw(ranking(comparison, unit));

/** The same as a file of its own, with a title. */
export function rankingFile({ comparison, source: { words } }: Compared): Promise<string> {
  const title = {
    text: words.title,
    subtitle: `on ${occasion(comparison, words)}`,
    anchor: "start" as const,
    frame: "group" as const,
    offset: 16,
    fontSize: 17,
    subtitleFontSize: 13,
    subtitlePadding: 6,
    color: "var(--ink)",
    subtitleColor: "var(--muted)",
  };
  return drawFile({ ...ranking(comparison, words.unit), title } as TopLevelSpec);
}

interface Line {
  readonly name: string;
  readonly kind: "algorithm" | "baseline";
  readonly text: string;
  /** None of what lies outside of the frame. */
  readonly error?: number;
  readonly from?: number;
  readonly to?: number;
}

function ranking({ entries, measure }: Comparison, unit: string): TopLevelSpec {
  const shown = entries.filter(({ error }) => Number.isFinite(error));
  const { figures, shown: read, most } = measures[measure];
  const figure = figures(shown.map(({ error }) => error)).value;
  const right = most ?? frame(shown);
  const lines = shown.map((entry): Line => {
    const { name, error, interval } = entry;
    const kind = entry.baseline ? "baseline" : "algorithm";
    if (read(error) > right) return { name, kind, text: `${figure(error)} →` };
    const ends = [error - interval, error + interval].map((end) => read(Math.max(end, 0)));
    const [from, to] = ends.map((end) => Math.min(Math.max(end, 0), right));
    return { name, kind, text: figure(error), error: read(error), from, to };
  });
  const title = `${measureAxis(measure, unit)}, with 95 % intervals; the dashed line is the best baseline`;
  return {
    width: 560,
    height: { step: 28 },
    layer: layers(lines, right, title, most === undefined ? "~g" : "d"),
  } as TopLevelSpec;
}

/** The largest error shown: half of them and the best baseline are; what is far worse would press these together at the left. */
function frame(shown: readonly Entry[]): number {
  const most = Math.max(...shown.map(({ error, interval }) => error + interval));
  const baseline = shown.find((entry) => entry.baseline)?.error ?? 0;
  const middle = shown[Math.floor(shown.length / 2)].error;
  return Math.min(most, Math.max(3 * shown[0].error, 1.4 * baseline, 1.4 * middle));
}

function layers(lines: readonly Line[], right: number, title: string, format: string) {
  const x = {
    field: "error",
    type: "quantitative",
    title,
    scale: { domain: [0, right], nice: false },
    axis: { tickCount: 7, format },
  };
  const y = {
    field: "name",
    type: "nominal",
    sort: null,
    title: null,
    axis: { labelColor: "var(--ink)", labelFontSize: 13, labelLimit: 300, grid: false },
  };
  const color = {
    field: "kind",
    scale: { domain: ["algorithm", "baseline"], range: ["var(--learned)", "var(--pooled)"] },
    legend: null,
  };
  const baseline = lines.find(({ kind }) => kind === "baseline");
  return [
    {
      data: { values: [{ error: baseline?.error }] },
      mark: { type: "rule", color: "var(--pooled)", strokeDash: [4, 4] },
      encoding: { x },
    },
    {
      data: { values: lines },
      mark: { type: "rule", strokeWidth: 3, opacity: 0.45 },
      encoding: { x: { ...x, field: "from" }, x2: { field: "to" }, y, color },
    },
    {
      data: { values: lines },
      mark: { type: "point", filled: true, size: 110, opacity: 1 },
      encoding: { x, y, color },
    },
    {
      data: { values: lines },
      mark: {
        type: "text",
        align: "left",
        dx: 14,
        fontSize: 13,
        baseline: "middle",
        color: "var(--ink)",
      },
      encoding: { x: { value: "width" }, y, text: { field: "text" } },
    },
  ];
}

const algorithmColors = ["learned", "tuned", "line", "shift", "sky", "rose", "olive", "brick"];
const baselineDashes = [
  [6, 4],
  [2, 3],
  [10, 3, 2, 3],
  [1, 5],
];

/** Error after 0, 1, 3 … steps of the best algorithms and of the baselines; what leaves the frame at the top gets worse with every step. */
export function stepsPlot({ entries, steps, measure }: Comparison, unit: string): Promise<string> {
  const algorithms = entries.filter(({ baseline }) => !baseline).slice(0, algorithmColors.length);
  const others = entries.filter(({ baseline }) => baseline);
  const methods = [...algorithms, ...others];
  const finite = methods
    .flatMap(({ errors }) => errors)
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  const top = 1.1 * finite[Math.floor(0.95 * (finite.length - 1))];
  const drawable = methods.map((entry) => ({
    ...entry,
    errors: entry.errors.map((error) => (Number.isFinite(error) ? error : 10 * top)),
  }));
  const { most } = measures[measure];
  return errorPlot({ methods: drawable, steps, measure }, unit, {
    colors: methods.map((entry, i) => `var(--${entry.baseline ? "pooled" : algorithmColors[i]})`),
    dashes: methods.map(({ baseline }, i) =>
      baseline ? baselineDashes[i - algorithms.length] : [1, 0],
    ),
    ...(most === undefined
      ? { scale: "log", domain: [Math.max(0.9 * finite[0], top / 1e4), top] }
      : { scale: "linear", domain: [0, most] }),
    height: 400,
  });
}
