import { checkNumber, checkOptions } from "./check.ts";

/** Options of the test for a change. */
export interface DetectOptions {
  /** Rows to a false alarm, on the average at least; default 10,000. */
  readonly runLength?: number;
}

/** The share of losses that count as large. */
const LARGE = 0.1;

/** Losses that are remembered, and rows that a change is looked for at. */
const MEMORY = 1000;

/** That the change came with one certain row: what speaks for it. */
interface Candidate {
  /** Which row, counted from the first. */
  readonly row: number;
  /** The smallest of the large losses before that row. */
  readonly threshold: number;
  /** Places above the threshold and below it where the next loss can stand, all equally likely if nothing has changed. */
  above: number;
  below: number;
  /** Rows since, over the threshold and not. */
  hits: number;
  misses: number;
  evidence: number;
}

/**
 * Tells from one loss a row when losses have become larger: a sum over all rows j that the change may have come with.
 *
 *     t    the ⌈0.1 n⌉-th largest of the n losses before row j; a = ⌈0.1 n⌉, b = n + 1 − a
 *     p    = (a + h)/(a + b + h + m), h and m of the losses since row j being over t and not: the chance that the next one is over t if all
 *            orders of the losses are equally likely
 *     q    = max(p, (h + 1)/(h + m + 2)): the same if they have a chance of their own, by Laplace's rule of succession
 *     Λⱼ   ← Λⱼ·q/p for a loss over t, Λⱼ·(1 − q)/(1 − p) for another, from 1;   alarm: Σⱼ Λⱼ ≥ runLength;   the change: the largest Λⱼ
 *
 * Only the order of losses counts: no scale, no distribution is assumed, and one outlier, however large, is one row over t.
 *
 * False alarms: while nothing changes (all orders of the losses equally likely) each Λⱼ is a martingale, and so is Σⱼ Λⱼ minus the number
 * of rows. So the mean number of rows to an alarm is at least `runLength`, whatever the losses' distribution, and an alarm within n rows
 * has a probability of at most n/runLength (half of that measured, for exponential, χ² and log-normal losses). Equal losses count against
 * an alarm. Exact for the first 1,000 rows since the start or the last alarm; after that only the last 1,000 are looked at, and it holds
 * nearly. Losses that fall, as of a model that learns, never alarm. Losses that hang together do, more often: those of a model on a
 * sliding window, poor for a while, 1 to 9 times as often as the bound says (sinusoids, windows of 20 and 50 rows); those of rows that
 * follow each other in time, as often as they grow for a while. Ten times the `runLength` costs about 3 rows of delay.
 *
 * Delay at the default: 5 to 8 rows where losses grow 30-fold and 100 rows were seen before, 12 to 32 where they grow 4-fold; few rows
 * before make it long, for less than ten can hardly say what is large. Cost: some 10 µs a row.
 *
 * @see Shin, Ramdas, Rinaldo 2022, arXiv:2203.03532, e-detectors, for such sums (after Shiryaev 1963 and Roberts 1966); Page 1954
 */
export class ChangeDetector {
  private readonly runLength: number;
  /** Losses in order of arrival, and by size. */
  private readonly arrived: number[] = [];
  private readonly sorted: number[] = [];
  private readonly candidates: Candidate[] = [];
  private row = 0;
  private sum = 0;

  constructor(where: string, options: DetectOptions) {
    checkOptions(where, options, ["runLength"]);
    const { runLength = 10_000 } = options;
    this.runLength = checkNumber(where, "runLength", runLength, { above: 1 });
  }

  /** Takes the next row's loss. At an alarm: how many rows there have been since the change, this one among them; 0 else. */
  add(loss: number): number {
    // What is no number must not pass for a small one.
    const size = Number.isNaN(loss) ? Infinity : loss;
    this.row++;
    if (this.sorted.length > 0) this.propose();
    this.sum = 0;
    let best: Candidate | undefined;
    for (const candidate of this.candidates) {
      weigh(candidate, size > candidate.threshold);
      this.sum += candidate.evidence;
      if (!best || candidate.evidence > best.evidence) best = candidate;
    }
    this.remember(size);
    return best && this.sum >= this.runLength ? this.row - best.row + 1 : 0;
  }

  /** Σⱼ Λⱼ. */
  get evidence(): number {
    return this.sum;
  }

  /** Forgets all losses. */
  reset(): void {
    for (const list of [this.arrived, this.sorted, this.candidates]) list.length = 0;
    this.row = 0;
    this.sum = 0;
  }

  /** A change with the row at hand becomes a candidate. */
  private propose(): void {
    const { sorted, candidates, row } = this;
    const above = Math.ceil(LARGE * sorted.length);
    const threshold = sorted[sorted.length - above];
    const below = sorted.length + 1 - above;
    candidates.push({ row, threshold, above, below, hits: 0, misses: 0, evidence: 1 });
    if (candidates.length > MEMORY) candidates.shift();
  }

  private remember(size: number): void {
    const { arrived, sorted } = this;
    arrived.push(size);
    sorted.splice(placeOf(size, sorted), 0, size);
    if (arrived.length > MEMORY) sorted.splice(placeOf(arrived.shift() as number, sorted), 1);
  }
}

function weigh(candidate: Candidate, isOver: boolean): void {
  const { above, below, hits, misses } = candidate;
  const p = above / (above + below);
  const q = Math.max(p, (hits + 1) / (hits + misses + 2));
  candidate.evidence *= isOver ? q / p : (1 - q) / (1 - p);
  if (isOver) {
    candidate.hits++;
    candidate.above++;
  } else {
    candidate.misses++;
    candidate.below++;
  }
}

/** Where it stands, or belongs, in an ascending list: behind all that are smaller. */
function placeOf(value: number, sorted: readonly number[]): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
