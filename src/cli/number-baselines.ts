import type { Learner } from "../index.ts";
import { atBestRate } from "./at-best-rate.ts";
import { fineTuned, leastSquares, meanShift, pooledModel } from "./baselines.ts";
import { newCurve } from "./curve.ts";
import type { Contender } from "./judge.ts";
import { newLearner } from "./new-learner.ts";
import { type Defaults, defaultsOf, jointSettings, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";
import { runTraining } from "./training.ts";

/** What a learned start has to beat where a number is predicted. */
export async function numberBaselines(
  source: Source,
  settings: Settings,
  quiet: boolean,
): Promise<Contender[]> {
  const joint = jointSettings(settings, defaultsOf(source.record.kind));
  const pooled = await trainPooled(source, joint, quiet);
  const tuned = await atBestRate(pooled, source, joint, fineTuned);
  return [tuned, leastSquares(), meanShift(pooled), pooledModel(pooled)];
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
