import type { Compared } from "./compare.ts";
import { type Comparison, type Entry, verdict } from "./comparison.ts";
import { writeWhole } from "./files.ts";
import { type Figures, measureTitle, measures } from "./measure.ts";
import { listed } from "./own-options.ts";
import { alignedTable, count, emit, stepName } from "./print.ts";
import type { Words } from "./source.ts";

/** The ranking on stdout, or the same as a line of JSON. */
export function showComparison({ comparison, source }: Compared, json = false): void {
  const { words } = source;
  if (json) return emit("comparison", { ...comparison, ...told(comparison), unit: words.unit });
  const { measure } = comparison;
  console.log(
    `${measureTitle(measure, words.unit)} on ${occasion(comparison, words)}; ${measures[measure].better}, the best first:\n`,
  );
  console.log(rankingTable(comparison));
  console.log(`\n  ▸ the best   ° a baseline   * after the steps that it was trained for, ± 95 %`);
  for (const sentence of verdictWords(comparison, words)) console.log(`  ${sentence}`);
  console.log("");
}

/** "20 held-out countries, mean of seeds 1 to 3" */
export function occasion({ groups, seeds }: Comparison, { group }: Words): string {
  const where = count(groups, `held-out ${group}`);
  return seeds.length > 1 ? `${where}, mean of seeds ${seeds[0]} to ${seeds.at(-1)}` : where;
}

/** Steps that the ranking shows on the screen; the report has them all. */
const narrow = [0, 1, 5];

function rankingTable(comparison: Comparison): string {
  const { entries, measure } = comparison;
  const { value, half } = figuresOf(comparison);
  const columns = stepColumns(comparison).filter(({ step }) => narrow.includes(step));
  const line = (entry: Entry, rank: number) => [
    `${rank === 0 ? "▸" : " "} ${entry.name}${entry.baseline ? " °" : ""}`,
    ...columns.map(({ cells }) => cells[rank]),
    `${value(entry.error)} ± ${half(entry.interval)}`,
    entry.adapts ? String(entry.innerSteps) : "–",
    entry.seconds?.toFixed(1) ?? "–",
    entry.metaParameters?.toString() ?? "–",
  ];
  const names = columns.map(({ step }) => stepName(step));
  const head = ["", ...names, `${measures[measure].noun} *`, "steps", "seconds", "parameters"];
  return alignedTable([head, ...entries.map(line)]);
}

export const figuresOf = ({ entries, measure }: Comparison): Figures =>
  measures[measure].figures(entries.map(({ error }) => error));

/** Accuracies in place of errors, where that is what people read. */
function told({ entries, measure }: Comparison): object {
  if (measures[measure].noun === "error") return {};
  const { told: of } = measures[measure];
  return {
    entries: entries.map(({ errors, error, pairs, ...entry }) => ({
      ...entry,
      ...of(errors),
      accuracy: 1 - error,
      pairs: pairs.map((one) => 1 - one),
    })),
  };
}

/** The error after each number of steps, column by column: one that diverges costs the others no decimals. */
export function stepColumns({
  entries,
  steps,
  measure,
}: Comparison): { step: number; cells: string[] }[] {
  return steps.map((step, s) => {
    const { value } = measures[measure].figures(entries.map(({ errors }) => errors[s]));
    return { step, cells: entries.map(({ adapts, errors }) => (adapts ? value(errors[s]) : "–")) };
  });
}

/** What it comes to, in sentences: also where no algorithm beats the baselines, or the difference may be chance. */
export function verdictWords(comparison: Comparison, { group }: Words): string[] {
  const { best, baseline, beaten, clear, others } = verdict(comparison);
  const { groups, seeds, failed } = comparison;
  const over = seeds.length > 1 ? count(seeds.length, "seed") : count(groups, group);
  const sure = `${clear ? "a clear difference" : "which may be chance"}, pair by pair over the ${over}`;
  const { noun, difference } = measures[comparison.measure];
  const than = `${difference(best.error, baseline.error)} that of the best baseline (${baseline.name}), ${sure}.`;
  const first = beaten
    ? `The best algorithm is ${best.name}: its ${noun} is ${than}`
    : `No algorithm beats the baselines here: that of the best, ${best.name}, is ${than}`;
  return [
    first,
    ...(others.length > 0 && beaten
      ? [`No better than that baseline: ${listed(others.map(({ name }) => name))}.`]
      : []),
    ...failed.map(({ name, why }) => `${name} has no figures: ${why}; try a lower --inner-rate.`),
  ];
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
