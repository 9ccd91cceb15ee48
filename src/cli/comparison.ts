import type { Measure } from "./measure.ts";

/** One method in one run, or what several runs with different seeds say of it together. */
export interface Entry {
  readonly name: string;
  readonly note: string;
  readonly baseline: boolean;
  /** Whether more steps change what it predicts. */
  readonly adapts: boolean;
  /** Steps that it was trained for: where it is judged. */
  readonly innerSteps: number;
  /** For each of the comparison's numbers of steps. */
  readonly errors: readonly number[];
  /** 95 % half-widths of `errors`. */
  readonly intervals: readonly number[];
  /** After `innerSteps`. */
  readonly error: number;
  readonly interval: number;
  /** What two methods are compared by, pair by pair: the errors of each seed; with one seed, those of each group. */
  readonly pairs: readonly number[];
  /** Of training, on this machine. */
  readonly seconds?: number;
  /** How many numbers training learns. */
  readonly metaParameters?: number;
}

/** Several methods on the same tasks. */
export interface Comparison {
  readonly measure: Measure;
  readonly steps: readonly number[];
  readonly groups: number;
  readonly seeds: readonly number[];
  /** The best first. */
  readonly entries: readonly Entry[];
  /** Algorithms that have no figures, and why. */
  readonly failed: readonly { readonly name: string; readonly why: string }[];
}

/** t of Student's distribution with 95 % between −t and t; within 0.3 % beyond ten degrees of freedom. */
export function student(freedom: number): number {
  const exact = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
  return exact[freedom - 1] ?? 1.96 + 2.65 / freedom;
}

/** Mean and 95 % half-width t s/√n; without spread to go by, one value has the half-width 0. */
export function spread(values: readonly number[]): { mean: number; half: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, half: 0 };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, half: student(n - 1) * Math.sqrt(squares / (n - 1) / n) };
}

/** The same method in runs of different seeds, as one: means, and intervals over the seeds. One run is left as it is. */
export function overSeeds(runs: readonly Entry[]): Entry {
  const [first] = runs;
  if (runs.length === 1) return first;
  const at = (pick: (entry: Entry) => number) => spread(runs.map(pick));
  const steps = first.errors.map((_, s) => at(({ errors }) => errors[s]));
  const whole = at(({ error }) => error);
  return {
    ...first,
    errors: steps.map(({ mean }) => mean),
    intervals: steps.map(({ half }) => half),
    error: whole.mean,
    interval: whole.half,
    pairs: runs.map(({ error }) => error),
    ...(first.seconds !== undefined && { seconds: at(({ seconds }) => seconds!).mean }),
  };
}

/** The best first; what has no finite error last. */
export const ranked = (entries: readonly Entry[]): Entry[] =>
  entries.toSorted((a, b) => size(a) - size(b) || 0);

const size = ({ error }: Entry): number => (Number.isFinite(error) ? error : Number.MAX_VALUE);

/** What the comparison comes to. */
export interface Verdict {
  /** The best of the algorithms, and of the baselines. */
  readonly best: Entry;
  readonly baseline: Entry;
  /** Whether the best algorithm has the lower error. */
  readonly beaten: boolean;
  /** Whether the mean difference of their pairs says the same, and is larger than its 95 % half-width. */
  readonly clear: boolean;
  /** Other algorithms that are no better than that baseline. */
  readonly others: readonly Entry[];
}

/** The algorithms against the best of the baselines. */
export function verdict({ entries }: Comparison): Verdict {
  const [best, ...rest] = entries.filter((entry) => !entry.baseline);
  const baseline = entries.find((entry) => entry.baseline)!;
  const { mean, half } = spread(best.pairs.map((value, i) => value - baseline.pairs[i]));
  const beaten = size(best) < size(baseline);
  return {
    best,
    baseline,
    beaten,
    clear: best.pairs.length > 1 && (beaten ? -mean : mean) > half,
    others: rest.filter((entry) => size(entry) >= size(baseline)),
  };
}
