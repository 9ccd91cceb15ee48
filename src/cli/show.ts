import { writeWhole } from "./files.ts";
import type { Outcome } from "./judge.ts";
import { measures, measureTitle } from "./measure.ts";
import { alignedTable, count, emit, stepName } from "./print.ts";
import { protocolSentence, toldProtocols } from "./protocols.ts";
import type { ReportPart } from "./report-data.ts";

/** The result table on stdout, or the same as a line of JSON. */
export function showTrial(outcome: Outcome, part: ReportPart, json: boolean): void {
  const { measure, steps, innerSteps, methods, groups } = outcome;
  const { pictures } = part;
  const protocols = pictures.kind === "images" ? pictures.protocols : [];
  if (json) {
    const { told } = measures[measure];
    const figures = methods.map(({ name, errors, intervals }) => ({
      name,
      ...told(errors),
      intervals,
    }));
    return emit("result", {
      measure,
      unit: part.unit,
      groups: groups.length,
      steps,
      innerSteps,
      methods: figures,
      ...(protocols.length > 0 && { protocols: toldProtocols(protocols) }),
    });
  }
  const title = measureTitle(measure, part.unit);
  const tasks = count(groups.length, `held-out ${part.group}`);
  const { better } = measures[measure];
  console.log(`\n${title} on ${tasks}, by steps of adapting; ${better}:\n`);
  console.log(outcomeTable(outcome));
  console.log(`\n  * what the start was trained for.\n  ${verdict(outcome)}`);
  if (protocols.length > 0) console.log(`  ${protocolSentence(protocols, outcome)}`);
  console.log("");
}

/** Error, or accuracy, of every method after every number of steps. */
function outcomeTable({ methods, steps, innerSteps, measure }: Outcome): string {
  const name = (step: number) => `${stepName(step)}${step === innerSteps ? " *" : ""}`;
  const { cell } = measures[measure].figures(methods.flatMap(({ errors }) => errors));
  const pad = (text: string, step: number) => (step === innerSteps ? `${text}  ` : text);
  return alignedTable([
    ["", ...steps.map(name)],
    ...methods.map((method) => [
      method.name,
      ...steps.map((step, i) => pad(cell(method.errors[i], method.intervals[i]), step)),
    ]),
  ]);
}

/** The learned start against the best of the others, in a sentence. */
export function verdict({
  steps,
  innerSteps,
  measure,
  methods: [learned, ...others],
}: Outcome): string {
  const at = steps.indexOf(innerSteps);
  const size = ({ errors }: Outcome["methods"][number]) =>
    Number.isFinite(errors[at]) ? errors[at] : Infinity;
  const best = others.reduce((a, b) => (size(b) < size(a) ? b : a));
  const than = `the best baseline (${best.name})`;
  const { noun, difference, most } = measures[measure];
  // Where errors have a bound, ten times as many may be a point more.
  if (most === undefined && !(size(learned) < 10 * size(best)))
    return `There it is far worse than ${than}: a lower --inner-rate may help.`;
  return `There its ${noun} is ${difference(size(learned), size(best))} that of ${than}.`;
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
