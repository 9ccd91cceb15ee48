import type { Learner } from "../index.ts";
import { newCurve } from "./curve.ts";
import { newLearner } from "./new-learner.ts";
import type { Defaults } from "./settings.ts";
import type { Source } from "./source.ts";
import { runTraining } from "./training.ts";

/** For the baselines: the same network, optimizer and number of steps, but on the rows of all training groups or classes together. */
export async function trainJoint(
  source: Source,
  settings: Defaults,
  quiet: boolean,
): Promise<Learner> {
  const learner = await newLearner(settings, source);
  const { steps, metaBatch } = settings;
  const curve = newCurve(steps);
  const label = "baselines    ";
  await runTraining({ learner, train: source.train, steps, metaBatch, curve, label, json: quiet });
  return learner;
}
