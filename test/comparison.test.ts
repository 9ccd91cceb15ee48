import { describe, expect, test } from "vitest";
import { apart } from "../src/cli/apart.ts";
import {
  type Comparison,
  type Entry,
  overSeeds,
  ranked,
  spread,
  student,
  verdict,
} from "../src/cli/comparison.ts";
import { verdictWords } from "../src/cli/show-comparison.ts";
import type { Words } from "../src/cli/source.ts";

const entry = (name: string, pairs: number[], more: Partial<Entry> = {}): Entry => {
  const error = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  const figures = { errors: [9, error], intervals: [1, 1], error, interval: 1, pairs };
  return { name, note: "", baseline: false, adapts: true, innerSteps: 5, ...figures, ...more };
};
const baseline = (name: string, pairs: number[]) => entry(name, pairs, { baseline: true });

const comparison = (...entries: Entry[]): Comparison => ({
  measure: "RMSE",
  steps: [0, 5],
  groups: 3,
  seeds: [1],
  entries: ranked(entries),
  failed: [],
});

describe("spread", () => {
  test("Student's t: tables, and the formula beyond them", () => {
    // Abramowitz and Stegun, table 26.10, 95 % between −t and t.
    const known = { 1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 11: 2.201, 20: 2.086, 40: 2.021 };
    for (const [freedom, t] of Object.entries({ ...known, 120: 1.98 }))
      expect(Math.abs(student(Number(freedom)) / t - 1)).toBeLessThan(0.004);
  });

  test("mean and half-width t s/√n", () => {
    // s² = ((2 − 4)² + 0 + (6 − 4)²)/2 = 4
    const { mean, half } = spread([2, 4, 6]);
    expect(mean).toBe(4);
    expect(half).toBeCloseTo((4.303 * 2) / Math.sqrt(3), 12);
    expect(spread([7])).toEqual({ mean: 7, half: 0 });
  });
});

test("over seeds: means of errors and seconds, intervals over the seeds, pairs by seed", () => {
  const [a, b] = [entry("a", [1, 3], { seconds: 2 }), entry("a", [4, 4], { seconds: 5 })];
  const whole = overSeeds([a, b]);
  expect(whole).toMatchObject({ error: 3, errors: [9, 3], pairs: [2, 4], seconds: 3.5 });
  // s = √2
  expect(whole.interval).toBeCloseTo(12.706, 10);
  expect(whole.intervals[0]).toBe(0);
  expect(overSeeds([a])).toBe(a);
});

describe("verdict", () => {
  const words = { group: "country" } as Words;
  const line = baseline("least squares", [4, 5, 6]);
  const poor = baseline("pooled", [8, 9, 9]);

  test("the best algorithm against the best baseline, pair by pair", () => {
    const clear = comparison(poor, entry("a", [3.1, 4, 4.9]), line, entry("b", [6, 7, 9]));
    expect(verdict(clear)).toMatchObject({ beaten: true, clear: true });
    expect(verdictWords(clear, words)).toEqual([
      "The best algorithm is a: its error is 20 % below that of the best baseline (least squares), a clear difference, pair by pair over the 3 countries.",
      "No better than that baseline: b.",
    ]);
    const chance = comparison(line, entry("a", [2, 6, 4]));
    expect(verdict(chance)).toMatchObject({ beaten: true, clear: false });
    expect(verdictWords(chance, words)[0]).toContain("which may be chance");
    // A lower error in all, but a higher one in each pair: a root of means is not a mean of roots.
    const odd = comparison(line, entry("a", [5, 6.1, 6.9], { error: 4 }));
    expect(verdict(odd)).toMatchObject({ beaten: true, clear: false });
  });

  test("no algorithm beats the baselines", () => {
    const lost = comparison(line, poor, entry("a", [5, 6.1, 6.9]), entry("b", [9, 9, 9]));
    expect(verdictWords(lost, words)).toEqual([
      "No algorithm beats the baselines here: that of the best, a, is 20 % above that of the best baseline (least squares), a clear difference, pair by pair over the 3 countries.",
    ]);
    expect(verdictWords(comparison(line, entry("a", [4, 5, 6])), words)[0]).toContain(
      "No algorithm beats the baselines here: that of the best, a, is as large as that of the best",
    );
  });

  test("one pair shows nothing; what diverges is last, and what failed is named", () => {
    const one = comparison(baseline("line", [5]), entry("a", [3]), entry("b", [NaN]));
    expect(one.entries.map(({ name }) => name)).toEqual(["a", "line", "b"]);
    expect(verdict(one)).toMatchObject({ beaten: true, clear: false });
    const failed = [{ name: "c", why: "it diverged at meta-step 3, seed 1" }];
    expect(verdictWords({ ...one, seeds: [1, 2, 3], failed }, words)).toEqual([
      "The best algorithm is a: its error is 40 % below that of the best baseline (line), which may be chance, pair by pair over the 3 seeds.",
      "No better than that baseline: b.",
      "c has no figures: it diverged at meta-step 3, seed 1; try a lower --inner-rate.",
    ]);
  });
});

describe("labels apart", () => {
  test("stay where they want to be if there is room", () => {
    expect(apart([50, 0, 20], 10)).toEqual([50, 0, 20]);
    expect(apart([], 10)).toEqual([]);
  });

  test("else give way evenly, in their order", () => {
    expect(apart([10, 10], 10)).toEqual([5, 15]);
    expect(apart([12, 10, 11], 10)).toEqual([21, 1, 11]);
    // The third is pushed by a pool that the first two have made.
    expect(apart([0, 0, 8], 10)).toEqual([
      -7.333333333333333, 2.666666666666667, 12.666666666666668,
    ]);
  });
});
