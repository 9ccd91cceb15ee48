import type { Learner } from "../index.ts";
import { type CurveState, newCurve } from "./curve.ts";
import { checkAlgorithm, newLearner } from "./new-learner.ts";
import { type DataOptions, kindOf } from "./kind.ts";
import { newSource } from "./new-source.ts";
import { complete, defaultsOf, given, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";
import type { Threads } from "./threads.ts";

export interface TrainOptions extends DataOptions, Partial<Settings> {
  readonly out: string;
  readonly report: string | false;
  readonly resume?: string;
  readonly json?: boolean;
  readonly threads?: Threads;
}

/** A run that is ready to go (on). */
export interface Prepared {
  readonly learner: Learner;
  readonly source: Source;
  readonly settings: Settings;
  readonly curve: CurveState;
}

/** A new run. */
export async function prepare(data: string, options: TrainOptions): Promise<Prepared> {
  const settings = complete(defaultsOf(kindOf(data)), given(options));
  const source = await newSource(data, options, settings);
  checkAlgorithm(settings, source);
  const learner = await newLearner(settings, source);
  return { learner, source, settings, curve: newCurve(settings.steps) };
}
