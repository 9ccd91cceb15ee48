import type { Learner } from "../index.ts";
import { contenders } from "./contenders.ts";
import { curvePoints, type CurveState } from "./curve.ts";
import { judge, type Outcome } from "./judge.ts";
import { panels } from "./panels.ts";
import type { ReportPart } from "./report-data.ts";
import { describe, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";

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
  const { words, axes, heldOut } = source;
  const { measure } = words;
  const rivals = await contenders(learner, source, settings, quiet);
  const steps = stepsToShow(innerSteps);
  const outcome = judge(rivals, heldOut, { steps, innerSteps, measure, unit: axes.target.scale });
  const part: ReportPart = {
    ...words,
    shots,
    outcome,
    curve: curvePoints(curve, learner.step),
    panels: panels(learner, heldOut, axes, { steps: innerSteps, measure }).map((panel) => ({
      ...panel,
      name: /^\d+$/.test(panel.name) ? `${words.group} ${panel.name}` : panel.name,
    })),
    settings: describe(settings),
  };
  return { outcome, part };
}

/** 0, 1, 3, 5, 10, and what was trained for. */
export const stepsToShow = (innerSteps: number): number[] =>
  [...new Set([0, 1, 3, 5, 10, innerSteps])].toSorted((a, b) => a - b);
