import type { Learner } from "../index.ts";
import { contenders } from "./contenders.ts";
import { curvePoints, type CurveState } from "./curve.ts";
import { judge, type Outcome } from "./judge.ts";
import type { ReportPart } from "./report-data.ts";
import { describe } from "./settings-words.ts";
import type { Settings } from "./settings.ts";
import type { Source } from "./source.ts";
import { stepsToShow } from "./steps-to-show.ts";

/** What a trained learner is worth: its errors and those of the baselines, ready to be printed or drawn. */
export interface Trial {
  readonly outcome: Outcome;
  readonly part: ReportPart;
}

export async function trial(
  learner: Learner,
  source: Source,
  settings: Settings,
  curve: CurveState,
  quiet: boolean,
): Promise<Trial> {
  const { innerSteps, shots } = settings;
  const { words, unit, heldOut } = source;
  const { measure } = words;
  const rivals = await contenders(learner, source, settings, quiet);
  const steps = stepsToShow(innerSteps);
  const outcome = judge(rivals, heldOut, { steps, innerSteps, measure, unit });
  const part: ReportPart = {
    ...words,
    shots,
    outcome,
    curve: curvePoints(curve, learner.step),
    pictures: source.pictures(learner, settings),
    settings: describe(settings),
  };
  return { outcome, part };
}
