import { writeWhole } from "./files.ts";
import type { Outcome } from "./judge.ts";
import { emit, outcomeTable, plural } from "./print.ts";
import type { ReportPart } from "./report-data.ts";

/** The result table on stdout, or the same as a line of JSON. */
export function showTrial(outcome: Outcome, part: ReportPart, json: boolean): void {
  const { measure, steps, innerSteps, methods, groups } = outcome;
  if (json) {
    const figures = methods.map(({ name, errors, intervals }) => ({ name, errors, intervals }));
    return emit("result", {
      measure,
      unit: part.unit,
      groups: groups.length,
      steps,
      innerSteps,
      methods: figures,
    });
  }
  const unit = part.unit ? ` (${part.unit})` : "";
  const name = measure === "RMSE" ? "Root-mean-square error" : "Mean squared error";
  const tasks = `${groups.length} held-out ${plural(part.group)}`;
  console.log(`\n${name}${unit} on ${tasks}, by steps of adapting; lower is better:\n`);
  console.log(outcomeTable(outcome));
  console.log(`\n  * what the start was trained for.\n  ${verdict(outcome)}\n`);
}

/** The learned start against the best of the others, in a sentence. */
function verdict({ steps, innerSteps, methods: [learned, ...others] }: Outcome): string {
  const at = steps.indexOf(innerSteps);
  const size = ({ errors }: Outcome["methods"][number]) =>
    Number.isFinite(errors[at]) ? errors[at] : Infinity;
  const best = others.reduce((a, b) => (size(b) < size(a) ? b : a));
  const ratio = size(learned) / size(best);
  const than = `the best baseline (${best.name})`;
  if (!(ratio < 10)) return `There it is far worse than ${than}: a lower --inner-rate may help.`;
  const percent = Math.round(100 * Math.abs(1 - ratio));
  if (percent === 0) return `There it is as good as ${than}.`;
  return `There its error is ${percent} % ${ratio < 1 ? "lower" : "higher"} than ${than}.`;
}

/** Loaded only here: the plotting library takes a while. */
export async function writeReport(
  path: string,
  parts: readonly ReportPart[],
  json: boolean,
): Promise<void> {
  const { report } = await import("./report.ts");
  writeWhole(path, await report(parts));
  if (json) emit("report", { path });
  else console.log(`The report is in ${path}; open it in a browser.`);
}
