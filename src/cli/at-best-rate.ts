import type { Learner } from "../index.ts";
import { type Contender, judge } from "./judge.ts";
import { newLearner } from "./new-learner.ts";
import type { Defaults } from "./settings.ts";
import type { Source } from "./source.ts";

/** Fine-tuning at the rate that does best on tasks of the training side, so that the baseline is at its best too. */
export async function atBestRate(
  start: Learner,
  source: Source,
  settings: Defaults,
  contenderOf: (learner: Learner, rate: number) => Contender,
): Promise<Contender> {
  const { innerSteps } = settings;
  const { measure } = source.words;
  const options = { steps: [innerSteps], innerSteps, measure, unit: 1 };
  let best: { error: number; contender: Contender } | undefined;
  for (const factor of [0.1, 0.2, 0.5, 1, 2, 4]) {
    const rate = Number((factor * settings.innerRate).toPrecision(6));
    const contender = contenderOf(await withRate(start, rate, source, settings), rate);
    const error = judge([contender], source.tuning, options).methods[0].errors[0];
    if (!best || error < best.error || Number.isNaN(best.error)) best = { error, contender };
  }
  return best!.contender;
}

async function withRate(start: Learner, innerRate: number, source: Source, settings: Defaults) {
  const learner = await newLearner({ ...settings, innerRate }, source);
  learner.parameters.set(start.parameters);
  return learner;
}
