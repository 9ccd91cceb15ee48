import type { Compared } from "./compare.ts";
import { type Comparison, type Entry, verdict } from "./comparison.ts";
import { writeWhole } from "./files.ts";
import type { Measure } from "./judge.ts";
import { listed } from "./own-options.ts";
import { alignedTable, count, emit, plural, stepName, writer } from "./print.ts";
import type { Words } from "./source.ts";

/** The ranking on stdout, or the same as a line of JSON. */
export function showComparison({ comparison, source }: Compared, json = false): void {
  const { words } = source;
  if (json) return emit("comparison", { ...comparison, unit: words.unit });
  const unit = words.unit ? ` (${words.unit})` : "";
  console.log(
    `${measureName(comparison.measure)}${unit} on ${occasion(comparison, words)}; lower is better, the best first:\n`,
  );
  console.log(rankingTable(comparison));
  console.log(`\n  ▸ the best   ° a baseline   * after the steps that it was trained for, ± 95 %`);
  for (const sentence of verdictWords(comparison, words)) console.log(`  ${sentence}`);
  console.log("");
}

export const measureName = (measure: Measure): string =>
  measure === "RMSE" ? "Root-mean-square error" : "Mean squared error";

/** "20 held-out countries, mean of seeds 1 to 3" */
export function occasion({ groups, seeds }: Comparison, { group }: Words): string {
  const where = `${groups} held-out ${plural(group)}`;
  return seeds.length > 1 ? `${where}, mean of seeds ${seeds[0]} to ${seeds.at(-1)}` : where;
}

/** Steps that the ranking shows on the screen; the report has them all. */
const narrow = [0, 1, 5];

function rankingTable({ entries, steps }: Comparison): string {
  const figure = errorWriter(entries);
  const columns = stepColumns(entries, steps).filter(({ step }) => narrow.includes(step));
  const line = (entry: Entry, rank: number) => [
    `${rank === 0 ? "▸" : " "} ${entry.name}${entry.baseline ? " °" : ""}`,
    ...columns.map(({ cells }) => cells[rank]),
    `${figure(entry.error)} ± ${figure(entry.interval)}`,
    entry.adapts ? String(entry.innerSteps) : "–",
    entry.seconds?.toFixed(1) ?? "–",
    entry.metaParameters?.toString() ?? "–",
  ];
  const names = columns.map(({ step }) => stepName(step));
  const head = ["", ...names, "error *", "steps", "seconds", "parameters"];
  return alignedTable([head, ...entries.map(line)]);
}

export const errorWriter = (entries: readonly Entry[]): ((error: number) => string) =>
  writer(entries.map(({ error }) => error));

/** The error after each number of steps, column by column: one that diverges costs the others no decimals. */
export function stepColumns(
  entries: readonly Entry[],
  steps: readonly number[],
): { step: number; cells: string[] }[] {
  return steps.map((step, s) => {
    const figure = writer(entries.map(({ errors }) => errors[s]));
    return { step, cells: entries.map(({ adapts, errors }) => (adapts ? figure(errors[s]) : "–")) };
  });
}

/** What it comes to, in sentences: also where no algorithm beats the baselines, or the difference may be chance. */
export function verdictWords(comparison: Comparison, { group }: Words): string[] {
  const { best, baseline, beaten, clear, others } = verdict(comparison);
  const { groups, seeds, failed } = comparison;
  const over = seeds.length > 1 ? count(seeds.length, "seed") : count(groups, group);
  const sure = `${clear ? "a clear difference" : "which may be chance"}, pair by pair over the ${over}`;
  const than = `${percent(best, baseline)} that of the best baseline (${baseline.name}), ${sure}.`;
  const first = beaten
    ? `The best algorithm is ${best.name}: its error is ${than}`
    : `No algorithm beats the baselines here: that of the best, ${best.name}, is ${than}`;
  return [
    first,
    ...(others.length > 0 && beaten
      ? [`No better than that baseline: ${listed(others.map(({ name }) => name))}.`]
      : []),
    ...failed.map(({ name, why }) => `${name} has no figures: ${why}; try a lower --inner-rate.`),
  ];
}

function percent(best: Entry, baseline: Entry): string {
  const ratio = best.error / baseline.error;
  if (!(ratio < 10)) return "far above";
  const whole = Math.round(100 * Math.abs(1 - ratio));
  return whole === 0 ? "as large as" : `${whole} % ${ratio < 1 ? "below" : "above"}`;
}

/** The report and the drawing, where they are asked for. Loaded only here: the plotting library takes a while. */
export async function writeComparison(
  compared: Compared,
  { report, plot, json }: { report: string | false; plot?: string; json?: boolean },
): Promise<void> {
  const files: [event: string, path: string, content: string][] = [];
  if (report) {
    const { comparisonReport } = await import("./comparison-report.ts");
    files.push(["report", report, await comparisonReport(compared)]);
  }
  if (plot) {
    const { rankingFile } = await import("./comparison-plots.ts");
    files.push(["plot", plot, await rankingFile(compared)]);
  }
  for (const [event, path, content] of files) {
    writeWhole(path, content);
    if (json) emit(event, { path });
    else console.log(`The ${event} is in ${path}.`);
  }
}
