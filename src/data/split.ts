import {
  checkArray,
  checkInteger,
  checkNumber,
  checkOptions,
  refuse,
  refuseKind,
} from "../check.ts";
import { Random } from "../random.ts";

/**
 * How to part groups or classes into those to meta-train on, to choose settings with, and to report
 * on:
 *
 * - numbers of which one at least is no integer: fractions of all, rounded; together at most 1;
 * - integers: how many;
 * - lists: which ones.
 *
 * `validation` and `test` default to none, `train` to all that the other two leave.
 */
export interface Split<T> {
  readonly train?: number | readonly T[];
  readonly validation?: number | readonly T[];
  readonly test?: number | readonly T[];
}

/** Three lists without a common member, each in the order of the whole. */
export interface Parts<T> {
  readonly train: readonly T[];
  readonly validation: readonly T[];
  readonly test: readonly T[];
}

const NAMES = ["train", "validation", "test"] as const;

/**
 * Parts `all` as `split` says. Numbers are filled from `all` in the order that Random(seed)
 * shuffles it into: test first, then validation, then train, so the test part does not change when
 * the other two are resized.
 *
 * @param where the public function, for errors
 * @param what what `all` consists of: "groups"
 * @throws {RangeError} too few for the split; a listed one that does not exist; one listed in two
 * parts
 */
export function splitParts<T extends string | number>(
  where: string,
  what: string,
  all: readonly T[],
  split: Split<T>,
  seed: number,
): Parts<T> {
  checkOptions(where, split, NAMES);
  checkInteger(where, "seed", seed, { min: 0 });
  const given = NAMES.map((name) => split[name] ?? 0);
  const listed = NAMES.some((name) => Array.isArray(split[name]));
  if (listed) return byLists(where, what, all, split);
  const sizes = given.every(Number.isInteger)
    ? byCounts(where, what, all.length, split)
    : byFractions(where, what, all.length, split);
  const order = new Random(seed).shuffle([...all]);
  const { test, validation, train } = sizes;
  const take = (from: number, to: number) => {
    const taken = new Set(order.slice(from, to));
    return all.filter((one) => taken.has(one));
  };
  return {
    test: take(0, test),
    validation: take(test, test + validation),
    train: take(test + validation, test + validation + train),
  };
}

type Sizes = Record<(typeof NAMES)[number], number>;

function byCounts<T>(where: string, what: string, total: number, split: Split<T>): Sizes {
  const count = (name: "train" | "validation" | "test") =>
    checkInteger(where, `split.${name}`, split[name] ?? 0, { min: 0 });
  const [validation, test] = [count("validation"), count("test")];
  const train = split.train === undefined ? total - validation - test : count("train");
  const needed = Math.max(train, 1) + validation + test;
  if (needed > total) refuse(where, `at least ${needed} ${what} for this split`, total);
  if (train === 0) refuse(where, "split.train ≥ 1", 0);
  return { train, validation, test };
}

function byFractions<T>(where: string, what: string, total: number, split: Split<T>): Sizes {
  const fraction = (name: "train" | "validation" | "test") =>
    checkNumber(where, `split.${name}`, split[name] ?? 0, { min: 0, max: 1 });
  const held = fraction("validation") + fraction("test");
  const sum = held + fraction("train");
  if (sum > 1 + 1e-9) refuse(where, "fractions in split that add up to 1 at most", sum);
  const validation = Math.round(fraction("validation") * total);
  const test = Math.round(fraction("test") * total);
  const rest = total - validation - test;
  const all = split.train === undefined || sum > 1 - 1e-9;
  const train = all ? rest : Math.min(rest, Math.round(fraction("train") * total));
  const sizes = { train, validation, test };
  for (const name of NAMES)
    if (sizes[name] < 1 && (name === "train" || fraction(name) > 0))
      refuse(where, `enough ${what} for split.${name} to get one`, `${total} ${what}`);
  return sizes;
}

function byLists<T extends string | number>(
  where: string,
  what: string,
  all: readonly T[],
  split: Split<T>,
): Parts<T> {
  const known = new Set(all);
  const owner = new Map<T, string>();
  for (const name of NAMES) {
    const list = split[name] ?? [];
    if (!Array.isArray(list)) refuseKind(where, `a list in split.${name}, as elsewhere`, list);
    for (const one of checkArray(where, `split.${name}`, list) as readonly T[]) {
      if (!known.has(one)) refuse(where, `existing ${what} in split.${name}`, one);
      if (owner.has(one)) refuse(where, `${what} of split.${name} once only`, one);
      owner.set(one, name);
    }
  }
  const part = (name: string) =>
    all.filter((one) => (owner.get(one) ?? (split.train ? "" : "train")) === name);
  const parts = { train: part("train"), validation: part("validation"), test: part("test") };
  if (parts.train.length === 0) refuse(where, `${what} in split.train`, "none");
  return parts;
}
