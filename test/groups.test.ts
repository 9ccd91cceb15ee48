import { describe, expect, test } from "vitest";
import { standardization } from "../src/data/standardization.ts";
import { table } from "../src/data/table.ts";
import { Random } from "../src/random.ts";
import type { Task } from "../src/task.ts";
import { groups } from "../src/tasks/groups.ts";
import { columns, grouped, rowsOf } from "./sources.ts";

/** One number for a task's rows, whatever their order. */
const meanOf = ({ support, query }: Task) =>
  [...rowsOf(support), ...rowsOf(query)].reduce((sum, row) => sum + Number(row), 0).toFixed(3);

/** The names in the three parts of 20 groups, the table's rows in one order or the other. */
const splitNames = (seed: number, reverse = false) => {
  const group = Array.from({ length: 60 }, (_, i) => `g${Math.floor(i / 3)}`);
  if (reverse) group.reverse();
  const x = group.map((_, i) => i);
  const parts = groups(table({ columns: { group, x, y: x } }), { ...columns, shots: 1, seed });
  return [parts.train.groups, parts.validation.groups, parts.test.groups];
};

describe("groups", () => {
  test.each(["task", "tasks", "sample"] as const)("%s without a Random is refused", (name) => {
    const { train } = groups(grouped(10), { ...columns, shots: 3 });
    const args = name === "task" ? [train.groups[0], undefined] : [undefined];
    expect(() => (train[name] as (...all: unknown[]) => unknown)(...args)).toThrow(
      new TypeError(`${name}: expected a Random, got undefined`),
    );
  });

  test("means, scales and categories come from the training groups only", () => {
    const names = ["a", "b", "c", "d"];
    const build = (shift: number) => {
      const group = names.flatMap((name) => [name, name, name, name]);
      const far = (i: number) => (i >= 8 ? shift : 0);
      const x = group.map((_, i) => (i % 8) + far(i));
      const y = group.map((_, i) => 3 * (i % 8) + far(i));
      const sex = group.map((_, i) => (i % 2 ? "f" : i >= 8 && shift ? "x" : "m"));
      return groups(table({ columns: { group, x, y, sex } }), {
        group: "group",
        inputs: ["x", "sex"],
        target: "y",
        shots: 2,
        unknown: "zeros",
        split: { train: ["a", "b"], validation: ["c"], test: ["d"] },
      });
    };
    const [near, far] = [build(0), build(1e6)];
    expect(far.standardization.inputs).toEqual(near.standardization.inputs);
    expect(far.standardization.target).toEqual(near.standardization.target);
    expect(far.train.tasks(new Random(1))).toEqual(near.train.tasks(new Random(1)));
    expect(far.test.tasks(new Random(1))).not.toEqual(near.test.tasks(new Random(1)));
    // x: 0 … 7 has mean 3.5 and variance (8² − 1)/12 = 5.25; y = 3x.
    const { inputs, target, inputNames } = far.standardization;
    expect(inputs[0]).toMatchObject({ mean: 3.5, scale: Math.sqrt(5.25) });
    expect(target.mean).toBe(10.5);
    expect(target.scale).toBeCloseTo(3 * Math.sqrt(5.25), 14);
    expect(inputNames).toEqual(["x", "sex=f", "sex=m"]);
  });

  test("training inputs and targets have mean 0 and variance 1; unscale takes targets back", () => {
    const { train, standardization } = groups(grouped(10), { ...columns, shots: 3 });
    const tasks = train.tasks(new Random(1));
    for (const key of ["inputs", "targets"] as const) {
      const values = tasks.flatMap(({ support, query }) =>
        [support[key], query[key]].flatMap((array) => Array.from(array)),
      );
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
      expect(Math.abs(mean)).toBeLessThan(1e-6);
      expect(Math.abs(variance - 1)).toBeLessThan(1e-6);
    }
    for (const y of [-3, 0, 17.5])
      expect(standardization.unscale(standardization.scale(y))).toBeCloseTo(y, 12);
  });

  test("a task holds one group's rows, each once", () => {
    const { test: held, standardization } = groups(grouped(10), { ...columns, shots: 3, seed: 4 });
    const [x] = standardization.inputs as unknown as { mean: number; scale: number }[];
    for (const name of held.groups) {
      const { support, query } = held.task(name, new Random(2));
      const rows = [...Array.from(support.inputs), ...Array.from(query.inputs)]
        .map((value) => Math.round(value * x.scale + x.mean))
        .sort((a, b) => a - b);
      const start = 8 * Number(name.slice(1));
      expect(rows).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => start + i));
    }
  });

  test("tasks() goes through every group once; sample() reaches all of them", () => {
    const { train } = groups(grouped(10), { ...columns, shots: 3 });
    const random = new Random(1);
    const wanted = train.groups.map((name) => train.task(name, random));
    expect(train.tasks(new Random(1))).toEqual(wanted);
    const seen = new Set(Array.from({ length: 200 }, () => meanOf(train.sample(random))));
    expect(seen.size).toBe(train.groups.length);
  });

  test("training tasks carry their group's index among the training groups; others carry none", () => {
    const parts = groups(grouped(10), { ...columns, shots: 3 });
    const { train } = parts;
    expect(train.tasks(new Random(1)).map(({ index }) => index)).toEqual([...train.groups.keys()]);
    for (const [index, name] of train.groups.entries())
      expect(train.task(name, new Random(2)).index).toBe(index);
    const random = new Random(3);
    for (let i = 0; i < 20; i++) {
      const task = train.sample(random);
      expect(meanOf(train.task(train.groups[task.index!], random))).toBe(meanOf(task));
    }
    for (const part of [parts.validation, parts.test])
      for (const task of part.tasks(random)) expect(task).not.toHaveProperty("index");
  });

  test("the split depends on the seed and the names, not on the order of the rows", () => {
    expect(splitNames(1)).toEqual(splitNames(1, true));
    expect(splitNames(1)).not.toEqual(splitNames(2));
    expect(splitNames(1).map((part) => part.length)).toEqual([12, 4, 4]);
    expect(splitNames(1).flat().sort()).toEqual(
      Array.from({ length: 20 }, (_, i) => `g${i}`).sort(),
    );
  });

  test("one-hot inputs, codes as categories, and JSON there and back", () => {
    const group = ["a", "a", "b", "b", "c", "c"];
    const rows = { group, diet: [1, 2, 3, 1, 2, 3], sex: ["f", "m", "m", "f", "f", "m"] };
    const source = table({ columns: { ...rows, y: [1, 2, 3, 4, 5, 6] } });
    const { train, standardization: learned } = groups(source, {
      group: "group",
      inputs: ["diet", "sex"],
      target: "y",
      categorical: ["diet"],
      shots: 1,
      split: { validation: 0, test: 1 },
      seed: 1,
    });
    expect(learned.inputNames).toEqual(["diet=1", "diet=2", "diet=3", "sex=f", "sex=m"]);
    expect(train.inSize).toBe(5);
    expect(learned.encode(source).slice(0, 10)).toEqual(
      Float32Array.of(1, 0, 0, 1, 0, 0, 1, 0, 0, 1),
    );
    const revived = standardization(JSON.parse(JSON.stringify(learned)));
    expect(revived.encode(source)).toEqual(learned.encode(source));
    expect(revived.encodeTarget(source, [5])).toEqual(learned.encodeTarget(source, [5]));
    expect(revived.encode(table({ columns: { diet: ["3"], sex: ["m"] } }))).toEqual(
      Float32Array.of(0, 0, 1, 0, 1),
    );
  });

  test("rows that a table does not have are refused, not encoded as NaN", () => {
    const source = table({ columns: { x: [1, 2, 4], y: [1, 2, 3] } });
    const one = (name: string) => ({ name, mean: 1, scale: 2 });
    const units = standardization({ inputs: [one("x")], target: one("y"), unknown: "throw" });
    expect(units.encode(source, [2, 0])).toEqual(Float32Array.of(1.5, 0));
    expect(units.encodeTarget(source, Int32Array.of(2))).toEqual(Float32Array.of(1));
    const cases: [unknown, string][] = [
      [[0, 3], "expected 0 ≤ rows element < 3, got 3"],
      [[-1], "expected 0 ≤ rows element < 3, got -1"],
      [[0.5], "expected integer 0 ≤ rows element < 3, got 0.5"],
      [["0"], 'expected integer 0 ≤ rows element < 3, got "0"'],
      [2, "expected array rows, got 2"],
      [null, "expected array rows, got null"],
    ];
    for (const [rows, message] of cases)
      for (const encode of [units.encode, units.encodeTarget])
        expect(() => encode(source, rows as never)).toThrow(`standardization: ${message}`);
  });

  test("small groups are dropped on request, and named", () => {
    const group = ["a", "a", "a", "b", "c", "c", "c", "d", "d", "d"];
    const source = table({
      columns: { group, x: group.map((_, i) => i), y: group.map((_, i) => i) },
    });
    const options = { ...columns, shots: 2, split: { test: 1 } };
    expect(() => groups(source, options)).toThrow(
      'groups: expected at least 3 rows in group "b", got 1',
    );
    const kept = groups(source, { ...options, tooFew: "drop" });
    expect(kept.dropped).toEqual(["b"]);
    expect([...kept.train.groups, ...kept.test.groups].sort()).toEqual(["a", "c", "d"]);
  });

  test.each([
    [{ target: "z" }, 'table: expected a column out of "group", "x", "y", "k", "t", "m", got "z"'],
    [{ target: "group" }, 'expected a column in one role only (group, target, input), got "group"'],
    [{ inputs: ["y"] }, 'expected a column in one role only (group, target, input), got "y"'],
    [{ inputs: ["x", "x"] }, 'expected a column in one role only (group, target, input), got "x"'],
    [{ inputs: [] }, "groups: expected at least one column in inputs, got []"],
    [
      { inputs: ["k"] },
      'groups: expected training rows with different values in column "k", got 5',
    ],
    [{ inputs: ["m"] }, 'table: expected a number in column "m", row 3, got "n/a"'],
    [{ target: "t" }, 'table: expected a number in column "t", row 1, got "u"'],
    [{ categorical: ["k"] }, 'groups: expected columns of inputs in categorical, got "k"'],
    [{ shots: 0 }, "groups: expected shots ≥ 1, got 0"],
    [{ queryShots: 7 }, 'groups: expected at least 9 rows in group "g0", got 8'],
    [{ tooFew: "ignore" }, 'groups: expected tooFew "throw" or "drop", got "ignore"'],
    [{ split: { train: 3, test: 2 } }, "groups: expected at least 5 groups for this split, got 4"],
    [{ split: { test: 4 } }, "groups: expected at least 5 groups for this split, got 4"],
    [{ split: { train: 0, test: 1 } }, "groups: expected split.train ≥ 1, got 0"],
    [{ split: { test: 0.1 } }, 'expected enough groups for split.test to get one, got "4 groups"'],
    [{ split: { train: 0.9, test: 0.2 } }, "expected fractions in split that add up to 1 at most"],
    [{ split: { test: ["g9"] } }, 'groups: expected existing groups in split.test, got "g9"'],
    [{ split: { train: ["g1"], test: ["g1"] } }, 'groups of split.test once only, got "g1"'],
    [{ split: { train: 2, test: ["g1"] } }, "expected a list in split.train, as elsewhere, got 2"],
    [{ split: { tset: 1 } }, 'groups: expected options train, validation or test, got "tset"'],
    [{ inputs: "x" }, 'groups: expected array inputs, got "x"'],
    [{ group: 3 }, "groups: expected a column name in group, got 3"],
  ])("%o is refused", (change, message) => {
    const group = Array.from({ length: 32 }, (_, i) => `g${i >> 3}`);
    const x = group.map((_, i) => i);
    const m = x.map((value) => (value === 2 ? "n/a" : String(value)));
    const all = { group, x, y: x, k: x.map(() => 5), t: x.map(() => "u"), m };
    const options = { ...columns, shots: 2, split: { test: 1 }, ...change };
    expect(() => groups(table({ columns: all }), options as never)).toThrow(message);
  });

  test("a category that no training group has, a group of another part, an empty part", () => {
    const group = ["a", "a", "b", "b", "c", "c"];
    const sex = ["f", "m", "m", "f", "f", "x"];
    const source = table({ columns: { group, sex, y: [1, 2, 3, 4, 5, 6] } });
    const options = { group: "group", inputs: ["sex"], target: "y", shots: 1 };
    const split = { train: ["a", "b"], test: ["c"] };
    expect(() => groups(source, { ...options, split })).toThrow(
      'standardization: expected a known category in column "sex", row 6, got "x"',
    );
    const zeros = groups(source, { ...options, split, unknown: "zeros" });
    const [{ support, query }] = zeros.test.tasks(new Random(1));
    expect([...rowsOf(support), ...rowsOf(query)].sort()).toEqual(["0,0", "1,0"]);
    expect(() => zeros.test.task("a", new Random(1))).toThrow(
      'groups: expected a group of the test part, got "a"',
    );
    expect(() => zeros.validation.sample(new Random(1))).toThrow(
      "groups: expected groups in the validation part",
    );
  });
});
