import { checkInteger, checkNumber, checkOptions, refuseKind } from "../check.ts";
import { cos } from "../math.ts";

/** A rate that changes from step to step: an immutable value, made by `cosine` or `linear`. */
export interface Schedule {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The rate of step t = 0, 1, 2 … */
  at(step: number): number;
}

/** η ≥ 0: the same at every step, or a schedule of it. */
export type LearningRate = number | Schedule;

/** Options of {@link cosine} and {@link linear}. */
export interface FadeOptions {
  /** The first rate, ≥ 0. */
  readonly from: number;
  /** The last, ≥ 0; default 0. */
  readonly to?: number;
  /** Steps between them, ≥ 1. */
  readonly steps: number;
}

/**
 * Half a cosine from one rate down (or up) to another, and the second for ever after.
 *
 *     η(t) = to + (from − to)·(1 + cos(πt/steps))/2 for t < steps
 *
 * @throws {RangeError} `cosine: expected steps ≥ 1, got 0`
 * @see Loshchilov, Hutter 2017, arXiv:1608.03983, equation 5, one period
 */
export function cosine(options: FadeOptions): Schedule {
  return fade("cosine", options, (step, steps) => (1 + cos((Math.PI * step) / steps)) / 2);
}

/**
 * A straight line from one rate down (or up) to another, and the second for ever after.
 *
 *     η(t) = to + (from − to)·(1 − t/steps) for t < steps
 *
 * @throws {RangeError} `linear: expected steps ≥ 1, got 0`
 */
export function linear(options: FadeOptions): Schedule {
  return fade("linear", options, (step, steps) => 1 - step / steps);
}

/** From one rate to another: `share` is how much of the first is left at a step, 1 at step 0. */
function fade(
  kind: string,
  options: FadeOptions,
  share: (step: number, steps: number) => number,
): Schedule {
  checkOptions(kind, options, ["from", "to", "steps"]);
  const { from, to = 0, steps } = options;
  checkNumber(kind, "from", from, { min: 0 });
  checkNumber(kind, "to", to, { min: 0 });
  checkInteger(kind, "steps", steps, { min: 1 });
  const at = (step: number) => (step >= steps ? to : to + (from - to) * share(step, steps));
  return { kind, options: { from, to, steps }, at };
}

/** The rate of step t. A schedule may be anybody's: what it gives is checked. */
export function rateAt(rate: LearningRate, step: number): number {
  return typeof rate === "number"
    ? rate
    : checkNumber(rate.kind, "rate", rate.at(step), { min: 0 });
}

/** A rate ≥ 0 or a schedule. */
export function checkRate(where: string, rate: LearningRate): void {
  // Not `at` alone: arrays have one as well.
  if (typeof rate === "object" && typeof rate?.at === "function" && "kind" in rate) return;
  if (typeof rate === "number") checkNumber(where, "learningRate", rate, { min: 0 });
  else refuseKind(where, "learningRate ≥ 0 or a schedule", rate);
}
