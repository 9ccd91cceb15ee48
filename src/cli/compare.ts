import type { AlgorithmName } from "./algorithms.ts";
import { type Comparison, type Entry, overSeeds, ranked } from "./comparison.ts";
import { Failure } from "./errors.ts";
import { kindOf } from "./kind.ts";
import { type Bench, benchOf, type CompareOptions, runOneSeed } from "./one-seed.ts";
import { checkOwn } from "./own-options.ts";
import { defaultsOf, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";

/** A comparison, and what it was made with: the first seed's source, and every algorithm's settings for it. */
export interface Compared {
  readonly comparison: Comparison;
  readonly source: Source;
  readonly settings: readonly Settings[];
}

/** Trains and judges every algorithm as `rvml train` would, with the same split, tasks, network and number of meta-steps for all. */
export async function compare(data: string, options: CompareOptions): Promise<Compared> {
  const { algorithms, json = false } = options;
  checkOwn(algorithms, options);
  const first = options.seed ?? defaultsOf(kindOf(data)).seed;
  const seeds = Array.from({ length: options.seeds }, (_, i) => first + i);
  const bench = await benchOf(data, options, first);
  if (!json) console.log(`${bench.source.words.intro}\n`);
  const failed = new Map<AlgorithmName, string>();
  const runs: (readonly Entry[])[] = [];
  for (const seed of seeds) {
    const next = seed === first ? bench : await benchOf(data, options, seed);
    runs.push(await runOneSeed(next, failed, options));
  }
  if (failed.size === algorithms.length)
    throw new Failure(`no algorithm to compare is left: ${[...failed.values()].join("; ")}`);
  const { source, candidates } = bench;
  const settings = candidates.map((candidate) => candidate.settings);
  return { comparison: comparisonOf(bench, seeds, runs, failed), source, settings };
}

function comparisonOf(
  { source, steps }: Bench,
  seeds: readonly number[],
  runs: readonly (readonly Entry[])[],
  failed: ReadonlyMap<string, string>,
): Comparison {
  const names = runs[0].map(({ name }) => name).filter((name) => !failed.has(name));
  const entries = names.map((name) =>
    overSeeds(runs.map((run) => run.find((entry) => entry.name === name)!)),
  );
  return {
    measure: source.words.measure,
    steps,
    groups: source.heldOut.length,
    seeds,
    entries: ranked(entries),
    failed: [...failed].map(([name, why]) => ({ name, why })),
  };
}
