import { DivergedError, type Learner } from "../index.ts";
import { type AlgorithmName, rowOf } from "./algorithms.ts";
import { learned } from "./baselines.ts";
import type { Entry } from "./comparison.ts";
import { newCurve } from "./curve.ts";
import { type Contender, judge, summary } from "./judge.ts";
import { checkAlgorithm, newLearner } from "./new-learner.ts";
import { type DataOptions, kindOf } from "./kind.ts";
import { newSource } from "./new-source.ts";
import { ownNames } from "./own-options.ts";
import { complete, defaultsOf, given, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";
import { stepsToShow } from "./steps-to-show.ts";
import type { Threads } from "./threads.ts";
import { runTraining, type TrainingRun } from "./training.ts";

export interface CompareOptions extends DataOptions, Partial<Omit<Settings, "algorithm">> {
  readonly algorithms: readonly AlgorithmName[];
  readonly seeds: number;
  readonly json?: boolean;
  readonly threads?: Threads;
}

export interface Candidate {
  readonly settings: Settings;
  readonly learner: Learner;
}

/** What the run with one seed needs, all of it made before any training: wrong options show at once. */
export interface Bench {
  readonly source: Source;
  readonly candidates: readonly Candidate[];
  /** The baselines'. */
  readonly common: Settings;
  /** Numbers of steps to judge all by. */
  readonly steps: readonly number[];
}

export async function benchOf(data: string, options: CompareOptions, seed: number): Promise<Bench> {
  const usual = defaultsOf(kindOf(data));
  const asked: Partial<Settings> = { ...given(options), seed };
  const common = complete(usual, without(asked, ownNames));
  const source = await newSource(data, options, common);
  const candidates: Candidate[] = [];
  for (const algorithm of options.algorithms) {
    const settings = complete(usual, { ...without(asked, foreignTo(algorithm)), algorithm });
    checkAlgorithm(settings, source, "--algorithms");
    candidates.push({ settings, learner: await newLearner(settings, source) });
  }
  return { source, candidates, common, steps: stepsToShow(common.innerSteps) };
}

/** Options that some of those compared have, but not this one. */
function foreignTo(algorithm: AlgorithmName): (keyof Settings)[] {
  const { own, rateless } = rowOf(algorithm);
  const foreign = ownNames.filter((name) => !(name in own));
  return rateless ? [...foreign, "innerRate"] : foreign;
}

const without = (settings: Partial<Settings>, names: readonly string[]): Partial<Settings> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));

/** All candidates and the baselines, trained and judged. Who diverges goes to `failed`, and is left out where it stands there already. */
export async function runOneSeed(
  bench: Bench,
  failed: Map<AlgorithmName, string>,
  { seeds, json = false, threads }: CompareOptions,
): Promise<Entry[]> {
  const { source, candidates, common } = bench;
  const entries: Entry[] = [];
  const width = Math.max(...candidates.map(({ settings }) => settings.algorithm.length));
  for (const candidate of candidates) {
    const { algorithm, seed } = candidate.settings;
    if (failed.has(algorithm)) continue;
    const label = `${algorithm} training${seeds > 1 ? `, seed ${seed}` : ""}`;
    const pad = " ".repeat(width - algorithm.length);
    const trained = await trainOne(candidate, source, {
      label: `${label}${pad}`,
      json,
      threads,
    });
    if (typeof trained === "string") failed.set(algorithm, `${trained}, seed ${seed}`);
    else entries.push({ ...judgedCandidate(candidate, bench), ...trained });
  }
  for (const contender of await source.baselines(common, json))
    entries.push({ ...judged(contender, bench, common.innerSteps), baseline: true });
  return entries;
}

/** How long it took; or why it has no figures. */
async function trainOne(
  { learner, settings: { steps, metaBatch } }: Candidate,
  { train }: Source,
  how: Pick<TrainingRun, "label" | "json" | "threads">,
): Promise<{ seconds: number } | string> {
  const begin = performance.now();
  try {
    await runTraining({ learner, train, steps, metaBatch, curve: newCurve(steps), ...how });
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof DivergedError) return cause.message;
    throw error;
  }
  return { seconds: (performance.now() - begin) / 1000 };
}

function judgedCandidate({ learner, settings }: Candidate, bench: Bench): Entry {
  const { algorithm, innerSteps } = settings;
  const contender = learned(learner, algorithm, rowOf(algorithm).about);
  const metaParameters = learner.metaParameters.length;
  return { ...judged(contender, bench, innerSteps), metaParameters };
}

function judged(contender: Contender, { source, steps }: Bench, innerSteps: number): Entry {
  const all = [...new Set([...steps, innerSteps])].toSorted((a, b) => a - b);
  const { heldOut, unit, words } = source;
  const options = { steps: all, innerSteps, measure: words.measure, unit };
  const [{ errors, intervals, perGroup }] = judge([contender], heldOut, options).methods;
  const at = all.indexOf(innerSteps);
  const shown = steps.map((step) => all.indexOf(step));
  const { name, note, adapts } = contender;
  return {
    name,
    note,
    baseline: false,
    adapts,
    innerSteps,
    errors: shown.map((s) => errors[s]),
    intervals: shown.map((s) => intervals[s]),
    error: errors[at],
    interval: intervals[at],
    pairs: perGroup[at].map((squared) => summary([squared], words.measure).error),
  };
}
