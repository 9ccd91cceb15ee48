import type { Outcome } from "./judge.ts";
import { measures } from "./measure.ts";
import { count } from "./print.ts";
import type { Protocol } from "./report-data.ts";

/** What batch norm takes its statistics of, by protocol. */
export const protocolNotes: Record<Protocol["name"], string> = {
  inductive: "each image judged by itself",
  transductive: "all images of a task judged together",
};

/** "Batch norm, after 1 step: 83.1 ± 1.2 inductive (each image judged by itself), …" */
export function protocolSentence(
  protocols: readonly Protocol[],
  { steps, innerSteps, measure }: Pick<Outcome, "steps" | "innerSteps" | "measure">,
): string {
  const at = steps.indexOf(innerSteps);
  const { value, half } = measures[measure].figures([]);
  const each = protocols.map(({ name, own, errors, intervals }) => {
    const figure = `${value(errors[at])} ± ${half(intervals[at])} ${name}`;
    return `${figure} (${protocolNotes[name]}${own ? ": as above" : ""})`;
  });
  return `Batch norm, after ${count(innerSteps, "step")}: ${each.join(", ")}.`;
}

/** For machines. */
export const toldProtocols = (protocols: readonly Protocol[]): object[] =>
  protocols.map(({ name, own, errors, intervals }) => ({
    name,
    own,
    ...measures.accuracy.told(errors),
    intervals,
  }));
