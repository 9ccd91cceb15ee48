import { DivergedError } from "../index.ts";
import type { Learner } from "../index.ts";
import { type AlgorithmName, rowOf } from "./algorithms.ts";
import { learned } from "./baselines.ts";
import { type Comparison, type Entry, overSeeds, ranked } from "./comparison.ts";
import { baselines } from "./contenders.ts";
import { newCurve } from "./curve.ts";
import { Failure } from "./errors.ts";
import { type Contender, judge, summary } from "./judge.ts";
import { newLearner } from "./new-learner.ts";
import { type DataOptions, kindOf, newSource } from "./new-source.ts";
import { checkOwn, ownNames } from "./own-options.ts";
import { complete, type Defaults, defaultsOf, given, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";
import { runTraining } from "./training.ts";
import { stepsToShow } from "./trial.ts";

export interface CompareOptions extends DataOptions, Partial<Omit<Settings, "algorithm">> {
  readonly algorithms: readonly AlgorithmName[];
  readonly seeds: number;
  readonly json?: boolean;
}

/** A comparison, and what it was made with: the first seed's source, and every algorithm's settings for it. */
export interface Compared {
  readonly comparison: Comparison;
  readonly source: Source;
  readonly settings: readonly Settings[];
}

/** Trains and judges every algorithm as `rvml train` would, with the same split, tasks, network and number of meta-steps for all. */
export async function compare(data: string, options: CompareOptions): Promise<Compared> {
  const usual = defaultsOf(kindOf(data));
  const { algorithms, json = false } = options;
  checkOwn(algorithms, options);
  const first = options.seed ?? usual.seed;
  const seeds = Array.from({ length: options.seeds }, (_, i) => first + i);
  const failed = new Map<AlgorithmName, string>();
  const runs: (readonly Entry[])[] = [];
  const bench = await benchOf(data, options, usual, first);
  if (!json) console.log(`${bench.source.words.intro}\n`);
  for (const seed of seeds) {
    const next = seed === first ? bench : await benchOf(data, options, usual, seed);
    runs.push(await run(next, failed, options));
  }
  const entries = runs[0]
    .filter(({ name }) => !failed.has(name as AlgorithmName))
    .map(({ name }) => overSeeds(runs.map((run) => run.find((entry) => entry.name === name)!)));
  if (failed.size === algorithms.length)
    throw new Failure(`no algorithm to compare is left: ${[...failed.values()].join("; ")}`);
  return {
    comparison: {
      measure: bench.source.words.measure,
      steps: bench.steps,
      groups: bench.source.heldOut.length,
      seeds,
      entries: ranked(entries),
      failed: [...failed].map(([name, why]) => ({ name, why })),
    },
    source: bench.source,
    settings: bench.candidates.map(({ settings }) => settings),
  };
}

interface Candidate {
  readonly settings: Settings;
  readonly learner: Learner;
}

/** What one seed's run needs, all of it made before the first is trained: wrong options show at once. */
interface Bench {
  readonly source: Source;
  readonly candidates: readonly Candidate[];
  /** The baselines'. */
  readonly common: Settings;
  /** Numbers of steps to judge all by. */
  readonly steps: readonly number[];
}

async function benchOf(
  data: string,
  options: CompareOptions,
  usual: Defaults,
  seed: number,
): Promise<Bench> {
  const asked: Partial<Settings> = { ...given(options), seed };
  const general = without(asked, ownNames);
  const common = complete(usual, general);
  const source = newSource(data, options, common);
  const candidates: Candidate[] = [];
  for (const algorithm of options.algorithms) {
    const { own, rateless } = rowOf(algorithm);
    const foreign = ownNames.filter((name) => !(name in own));
    const fitting = without(asked, rateless ? [...foreign, "innerRate"] : foreign);
    const settings = complete(usual, { ...fitting, algorithm });
    candidates.push({ settings, learner: await newLearner(settings, source) });
  }
  return { source, candidates, common, steps: stepsToShow(common.innerSteps) };
}

const without = (settings: Partial<Settings>, names: readonly string[]): Partial<Settings> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));

/** All candidates and the baselines with one seed. Who diverges goes to `failed`, and is left out from then on. */
async function run(
  bench: Bench,
  failed: Map<AlgorithmName, string>,
  { seeds, json = false }: CompareOptions,
): Promise<Entry[]> {
  const { source, candidates, common } = bench;
  const entries: Entry[] = [];
  const suffix = seeds > 1 ? `, seed ${common.seed}` : "";
  for (const { settings, learner } of candidates) {
    const { algorithm, innerSteps, seed } = settings;
    if (failed.has(algorithm)) continue;
    const trained = await trainOne(
      learner,
      source,
      settings,
      `${algorithm} training${suffix}`,
      json,
    );
    if (typeof trained === "string") failed.set(algorithm, `${trained}, seed ${seed}`);
    else {
      const contender = learned(learner, algorithm, rowOf(algorithm).about);
      const metaParameters = learner.metaParameters.length;
      entries.push({ ...judged(contender, bench, innerSteps), ...trained, metaParameters });
    }
  }
  const others = await baselines(source, common, json);
  const { innerSteps } = common;
  for (const contender of others)
    entries.push({ ...judged(contender, bench, innerSteps), baseline: true });
  return entries;
}

/** How long it took; or why it has no figures. */
async function trainOne(
  learner: Learner,
  { train }: Source,
  { steps, metaBatch }: Settings,
  label: string,
  json: boolean,
): Promise<{ seconds: number } | string> {
  const begin = performance.now();
  try {
    await runTraining({ learner, train, steps, metaBatch, curve: newCurve(steps), label, json });
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof DivergedError) return cause.message;
    throw error;
  }
  return { seconds: (performance.now() - begin) / 1000 };
}

function judged(contender: Contender, { source, steps }: Bench, innerSteps: number): Entry {
  const all = [...new Set([...steps, innerSteps])].toSorted((a, b) => a - b);
  const { heldOut, axes, words } = source;
  const options = { steps: all, innerSteps, measure: words.measure, unit: axes.target.scale };
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
