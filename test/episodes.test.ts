import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dataset } from "../src/data/dataset.ts";
import { splitParts } from "../src/data/split.ts";
import { Random } from "../src/random.ts";
import { episodes, splitClasses } from "../src/tasks/episodes.ts";
import { numbered } from "./sources.ts";

describe("splits", () => {
  test("never overlap, lose nothing without a reason, and keep the test part when others change", () => {
    const sizes = fc.record({
      train: fc.integer({ min: 1, max: 9 }),
      validation: fc.nat(9),
      test: fc.nat(9),
    });
    fc.assert(
      fc.property(sizes, fc.nat(20), fc.nat(), (split, more, seed) => {
        const total = split.train + split.validation + split.test + more;
        const all = Array.from({ length: total }, (_, i) => i);
        const parts = splitParts("t", "things", all, split, seed);
        const members = [...parts.train, ...parts.validation, ...parts.test];
        expect(new Set(members).size).toBe(total - more);
        expect(parts.train.length).toBe(split.train);
        expect(parts.test.length).toBe(split.test);
        expect(splitParts("t", "things", all, { test: split.test }, seed).test).toEqual(parts.test);
      }),
      { seed: 1 },
    );
  });

  test("fractions are rounded, and train takes the rest where they add up to 1", () => {
    const all = Array.from({ length: 11 }, (_, i) => i);
    const count = (split: object) =>
      Object.values(splitParts("t", "things", all, split, 1)).map((part) => part.length);
    const { train, validation, test } = splitParts(
      "t",
      "x",
      all,
      { train: 0.6, validation: 0.2, test: 0.2 },
      1,
    );
    expect([train.length, validation.length, test.length]).toEqual([7, 2, 2]);
    expect(count({ train: 0.5, test: 0.25 }).reduce((a, b) => a + b)).toBe(9);
    expect(count({}).reduce((a, b) => a + b)).toBe(11);
  });

  test("splitClasses: classes by fraction, count and list", () => {
    const digits = numbered(10, 3);
    const parts = splitClasses(digits, { validation: 2, test: 3, seed: 1 });
    expect([...parts.train, ...parts.validation, ...parts.test].sort()).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(splitClasses(digits, { test: [7, 3] }).test).toEqual([3, 7]);
    expect(() => splitClasses(digits, { test: [10] })).toThrow(
      "splitClasses: expected existing classes in split.test, got 10",
    );
  });
});

describe("episodes", () => {
  test("rows carry the label of their class's place in the task", () => {
    const classes = 7;
    const distribution = episodes(numbered(classes, 9), { ways: 3, shots: 2, queryShots: 4 });
    for (let seed = 0; seed < 50; seed++) {
      const { support, query } = distribution.sample(new Random(seed));
      const classOf = new Map<number, number>();
      for (const { inputs, targets, rows } of [support, query])
        for (let r = 0; r < rows; r++) {
          const one = inputs[2 * r] % classes;
          expect(classOf.get(targets[r]) ?? one).toBe(one);
          classOf.set(targets[r], one);
        }
      expect(new Set(classOf.values()).size).toBe(3);
    }
  });

  test("no class outside the list is ever drawn", () => {
    const distribution = episodes(numbered(8, 4), { ways: 2, shots: 1, classes: [6, 2, 5] });
    expect(distribution.classes).toEqual([2, 5, 6]);
    const seen = new Set<number>();
    for (let seed = 0; seed < 100; seed++) {
      const { support } = distribution.sample(new Random(seed));
      for (let r = 0; r < support.rows; r++) seen.add(support.inputs[2 * r] % 8);
    }
    expect([...seen].sort()).toEqual([2, 5, 6]);
  });

  test.each([
    [{ ways: 6 }, "episodes: expected 2 ≤ ways ≤ 5, got 6"],
    [{ ways: 1 }, "episodes: expected 2 ≤ ways ≤ 5, got 1"],
    [{ shots: 3, queryShots: 2 }, "episodes: expected at least 5 rows in class 0, got 4"],
    [{ classes: [1, 9] }, "episodes: expected existing classes in classes, got 9"],
    [{ classes: [1, 1] }, "episodes: expected each class once in classes, got 1"],
    [{ shots: 0 }, "episodes: expected shots ≥ 1, got 0"],
    [{ way: 5 }, 'episodes: expected options ways, shots, queryShots or classes, got "way"'],
  ])("%o is refused", (change, message) => {
    const options = { ways: 2, shots: 1, ...change };
    expect(() => episodes(numbered(5, 4), options)).toThrow(message);
  });

  test.each([
    [{ inputs: [1, 2, 3] }, "dataset: expected inputs.length 4 (2 labels, inSize 2), got 3"],
    [{ inputs: [1, 2, 3, NaN] }, "dataset: expected finite inputs, got NaN at index 3"],
    [{ labels: [0, -1] }, "dataset: expected an integer ≥ 0 in labels at index 1, got -1"],
    [{ inSize: 0 }, "dataset: expected inSize ≥ 1, got 0"],
  ])("dataset: %o is refused", (change, message) => {
    const options = { inputs: [1, 2, 3, 4], labels: [0, 1], inSize: 2, ...change };
    expect(() => dataset(options)).toThrow(message);
  });
});
