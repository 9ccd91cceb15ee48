import type { Learner } from "../index.ts";
import { fineTuned, learned, leastSquares, meanShift, pooledModel } from "./baselines.ts";
import { rowOf } from "./algorithms.ts";
import { newCurve } from "./curve.ts";
import { type Contender, judge } from "./judge.ts";
import { count } from "./print.ts";
import { newLearner } from "./new-learner.ts";
import { type Defaults, defaultsOf, jointSettings, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";
import { runTraining } from "./training.ts";

/** The learner under test and the baselines that it has to beat, in the order of every table and plot. */
export async function contenders(
  learner: Learner,
  source: Source,
  settings: Settings,
  quiet: boolean,
): Promise<Contender[]> {
  return [underTest(learner, settings), ...(await baselines(source, settings, quiet))];
}

/** Trains them as long as the settings say. */
export async function baselines(
  source: Source,
  settings: Settings,
  quiet: boolean,
): Promise<Contender[]> {
  const joint = jointSettings(settings, defaultsOf(source.record.kind));
  const pooled = await trainPooled(source, joint, quiet);
  const tuned = await chooseRate(pooled, source, joint);
  return [tuned, leastSquares(), meanShift(pooled), pooledModel(pooled)];
}

export function underTest(learner: Learner, { algorithm, order, innerSteps }: Settings): Contender {
  const { label, joint, own } = rowOf(algorithm);
  if (joint)
    return learned(
      learner,
      label,
      "Trained on all training groups together, then gradient steps on the new group's rows.",
    );
  const note = `A start learned from the training groups so that ${count(innerSteps, "gradient step")} on a new group's rows will do.`;
  const first = own.order === 2 && order === 1 ? "first-order " : "";
  return learned(learner, `meta-learned (${first}${label})`, note);
}

/** The same network, optimizer and number of steps, but on the rows of all training groups together. */
async function trainPooled(source: Source, settings: Defaults, quiet: boolean): Promise<Learner> {
  const learner = await newLearner(settings, source);
  const { steps, metaBatch } = settings;
  const curve = newCurve(steps);
  const label = "baselines    ";
  await runTraining({ learner, train: source.train, steps, metaBatch, curve, label, json: quiet });
  return learner;
}

/** Fine-tuning at the rate that does best on tasks of the training side, so that the baseline is at its best too. */
async function chooseRate(pooled: Learner, source: Source, settings: Defaults): Promise<Contender> {
  const { innerSteps } = settings;
  const options = { steps: [innerSteps], innerSteps, measure: "MSE", unit: 1 } as const;
  let best: { error: number; contender: Contender } | undefined;
  for (const factor of [0.1, 0.2, 0.5, 1, 2, 4]) {
    const rate = Number((factor * settings.innerRate).toPrecision(6));
    const contender = fineTuned(await withRate(pooled, rate, source, settings), rate);
    const error = judge([contender], source.tuning, options).methods[0].errors[0];
    if (!best || error < best.error || Number.isNaN(best.error)) best = { error, contender };
  }
  return best!.contender;
}

async function withRate(pooled: Learner, innerRate: number, source: Source, settings: Defaults) {
  const learner = await newLearner({ ...settings, innerRate }, source);
  learner.parameters.set(pooled.parameters);
  return learner;
}
