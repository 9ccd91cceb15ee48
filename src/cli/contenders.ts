import type { Learner } from "../index.ts";
import { rowOf } from "./algorithms.ts";
import { learned } from "./baselines.ts";
import type { Contender } from "./judge.ts";
import { count, plural } from "./print.ts";
import type { Settings } from "./settings.ts";
import type { Source, Words } from "./source.ts";

/** The learner under test and the baselines that it has to beat, in the order of every table and plot. */
export async function contenders(
  learner: Learner,
  source: Source,
  settings: Settings,
  quiet: boolean,
): Promise<Contender[]> {
  const tested = underTest(learner, settings, source.words);
  return [tested, ...(await source.baselines(settings, quiet))];
}

export function underTest(
  learner: Learner,
  { algorithm, order, innerSteps }: Settings,
  { group, row }: Pick<Words, "group" | "row"> = { group: "group", row: "row" },
): Contender {
  const { label, joint, own, stepless } = rowOf(algorithm);
  const rows = `the new ${group}'s ${plural(row)}`;
  if (joint)
    return learned(
      learner,
      label,
      `Trained on all training ${plural(group)} together, then gradient steps on ${rows}.`,
    );
  if (stepless)
    return learned(
      learner,
      `meta-learned (${label})`,
      `Features learned from the training ${plural(group)} so that ${rows} need no gradient step.`,
    );
  const note = `A start learned from the training ${plural(group)} so that ${count(innerSteps, "gradient step")} on ${rows} will do.`;
  const first = own.order === 2 && order === 1 ? "first-order " : "";
  return learned(learner, `meta-learned (${first}${label})`, note);
}
