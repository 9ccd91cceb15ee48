import { atBestRate } from "./at-best-rate.ts";
import { fineTuned, leastSquares, meanShift, pooledModel } from "./baselines.ts";
import type { Contender } from "./judge.ts";
import { defaultsOf, jointSettings, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";
import { trainJoint } from "./train-joint.ts";

/** What a learned start has to beat where a number is predicted. */
export async function numberBaselines(
  source: Source,
  settings: Settings,
  quiet: boolean,
): Promise<Contender[]> {
  const joint = jointSettings(settings, defaultsOf(source.record.kind));
  const pooled = await trainJoint(source, joint, quiet);
  const tuned = await atBestRate(pooled, source, joint, fineTuned);
  return [tuned, leastSquares(), meanShift(pooled), pooledModel(pooled)];
}
