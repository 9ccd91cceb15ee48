import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteImages, dataset, packedImages } from "../src/data/dataset.ts";
import { rotated } from "../src/data/rotated.ts";
import { splitParts } from "../src/data/split.ts";
import { Random } from "../src/random.ts";
import { episodes, splitClasses } from "../src/tasks/episodes.ts";
import { sha256 } from "./golden-problems.js";
import { numbered, rowsOf } from "./sources.ts";

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

  test("a seed's tasks stay what they were", async () => {
    const classes = [1, 2, 3, 5, 8, 13, 21, 22, 23, 24, 25, 26];
    const options = { ways: 5, shots: 2, queryShots: 3, classes };
    const distribution = episodes(numbered(30, 9), options);
    const drawn: number[] = [];
    for (let i = 0; i < 100; i++) {
      const { support, query } = distribution.sample(new Random(7).fork(i, 3));
      for (const { inputs, targets } of [support, query]) {
        // Class by class, as they then stood.
        const order = Array.from(targets, (_, row) => row).sort((a, b) => targets[a] - targets[b]);
        for (const row of order) drawn.push(inputs[2 * row], inputs[2 * row + 1]);
        for (const row of order) drawn.push(targets[row]);
      }
    }
    // As the code drew them before tasks could be turned (rvml 4868803).
    expect(await sha256(Float32Array.from(drawn))).toBe(
      "b9ae18e9814b5d2e8cf9dd5cc368e08fca918f511bde549bd21f94dca89dea8e",
    );
  });

  test("support and query share no row; a task names its classes", () => {
    const sizes = fc.record({
      classes: fc.integer({ min: 2, max: 7 }),
      shots: fc.integer({ min: 1, max: 4 }),
      queryShots: fc.integer({ min: 1, max: 4 }),
      more: fc.nat(3),
    });
    fc.assert(
      fc.property(sizes, fc.nat(), ({ classes, shots, queryShots, more }, seed) => {
        const data = numbered(classes, shots + queryShots + more);
        const options = { ways: 2 + (seed % (classes - 1)), shots, queryShots };
        const task = episodes(data, options).sample(new Random(seed));
        const rows = [...rowsOf(task.support), ...rowsOf(task.query)];
        expect(new Set(rows).size).toBe(options.ways * (shots + queryShots));
        expect(new Set(task.classes).size).toBe(options.ways);
        for (const { inputs, targets, rows: count } of [task.support, task.query])
          for (let r = 0; r < count; r++)
            expect(inputs[2 * r] % classes).toBe(task.classes[targets[r]]);
      }),
      { seed: 1 },
    );
  });

  test("shape and the classes' names are the dataset's", () => {
    const bytes = new Uint8Array(8 * 12);
    const labels = [0, 0, 0, 0, 1, 1, 1, 1];
    const images = byteImages({ bytes, labels, width: 3, height: 4, classNames: ["a", "b"] });
    const distribution = episodes(images, { ways: 2, shots: 1 });
    expect([distribution.shape, distribution.classNames]).toEqual([
      [4, 3, 1],
      ["a", "b"],
    ]);
    const plain = episodes(numbered(3, 4), { ways: 2, shots: 1 });
    expect(plain.shape).toEqual([2]);
    expect(plain).not.toHaveProperty("classNames");
  });

  test("a dataset of plain JavaScript that tells no shape is one of rows", () => {
    const { shape: _, ...bare } = numbered(3, 4);
    const distribution = episodes(bare as never, { ways: 2, shots: 1 });
    expect(distribution.shape).toEqual([2]);
    expect(distribution.sample(new Random(1)).support.rows).toBe(2);
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
    [
      { way: 5 },
      'episodes: expected options ways, shots, queryShots, classes or rotations, got "way"',
    ],
  ])("%o is refused", (change, message) => {
    const options = { ways: 2, shots: 1, ...change };
    expect(() => episodes(numbered(5, 4), options)).toThrow(message);
  });

  test.each([
    [{ rotations: true }, 'episodes: expected rotations "none" or "perTask", got true'],
    [{ rotations: "perTask" }, "episodes: expected inSize a square number, got 2"],
  ])("%o is refused", (change, message) => {
    const options = { ways: 2, shots: 1, ...change };
    expect(() => episodes(numbered(5, 4), options as never)).toThrow(message);
  });

  test.each([
    [{ shape: [3, 1, 1] }, "dataset: expected shape of inSize 2, got [3, 1, 1]"],
    [{ shape: [2, 1] }, "dataset: expected shape [n] or [height, width, channels], got [2, 1]"],
    [{ shape: [2, 1, 0] }, "dataset: expected 1 ≤ shape element ≤ 2147483647, got 0"],
    [{ classNames: ["a"] }, "dataset: expected a label below 1 (classNames) at index 1, got 1"],
    [{ classNames: ["a", 3] }, "dataset: expected text in classNames, got 3"],
    [{ inputs: [1, 2, 3] }, "dataset: expected inputs.length 4 (2 labels, inSize 2), got 3"],
    [{ inputs: [1, "2", 3, 4] }, 'dataset: expected numbers in inputs, got "2" at index 1'],
    [{ inputs: [1, 2, 3, NaN] }, "dataset: expected finite inputs, got NaN at index 3"],
    [{ labels: [0, -1] }, "dataset: expected an integer ≥ 0 in labels at index 1, got -1"],
    [{ inSize: 0 }, "dataset: expected inSize ≥ 1, got 0"],
  ])("dataset: %o is refused", (change, message) => {
    const options = { inputs: [1, 2, 3, 4], labels: [0, 1], inSize: 2, ...change };
    expect(() => dataset(options as never)).toThrow(message);
  });

  test("byteImages: a value is byte/255; sizes are checked", () => {
    const options = { bytes: Uint8Array.of(0, 51, 255, 102), labels: [1, 0], width: 1, height: 2 };
    const images = byteImages(options);
    const into = new Float32Array(4).fill(7);
    images.row(1, into, 1);
    expect(into).toEqual(Float32Array.of(7, 1, 0.4, 7));
    expect(images.shape).toEqual([2, 1, 1]);
    expect(() => byteImages({ ...options, channels: 3 })).toThrow(
      "byteImages: expected bytes.length 12 (2 images of 6 bytes), got 4",
    );
    expect(() => byteImages({ ...options, channels: 0 })).toThrow("expected channels ≥ 1, got 0");
    expect(() => byteImages({ ...options, bytes: [1] as never })).toThrow(
      "byteImages: expected a Uint8Array in bytes, got [1]",
    );
  });
});

describe("rotations", () => {
  /** side×side×channels with a number of its own for every value of every row; six classes of four. */
  function images(side: number, channels: number) {
    const inSize = side * side * channels;
    const inputs = Float32Array.from({ length: 24 * inSize }, (_, i) => i);
    const labels = Int32Array.from({ length: 24 }, (_, r) => r % 6);
    return dataset({ inputs, labels, inSize, shape: [side, side, channels] });
  }
  /** One quarter counterclockwise: what was at the right is on top (numpy.rot90). */
  function quarter(image: readonly number[], side: number, channels: number): number[] {
    const at = (y: number, x: number) =>
      image.slice((y * side + x) * channels, (y * side + x + 1) * channels);
    return Array.from({ length: side * side }, (_, p) =>
      at(p % side, side - 1 - Math.floor(p / side)),
    ).flat();
  }
  function turned(image: readonly number[], quarters: number, side: number, channels: number) {
    let out = [...image];
    for (let q = 0; q < quarters; q++) out = quarter(out, side, channels);
    return out;
  }
  const rowOf = ({ inputs }: { inputs: ArrayLike<number> }, row: number, inSize: number) =>
    Array.from({ length: inSize }, (_, i) => inputs[row * inSize + i]);

  test.each([
    [1, 1],
    [2, 3],
    [3, 1],
    [4, 3],
    [5, 2],
  ])("as classes: %i×%i", (side, channels) => {
    const upright = images(side, channels);
    const all = rotated(upright);
    expect(all.shape).toEqual(upright.shape);
    const [a, b] = [new Float32Array(upright.inSize), new Float32Array(upright.inSize)];
    for (let row = 0; row < 24; row++) {
      upright.row(row, a, 0);
      for (let q = 0; q < 4; q++) {
        all.row(4 * row + q, b, 0);
        expect(Array.from(b)).toEqual(turned(Array.from(a), q, side, channels));
        expect(all.labels[4 * row + q]).toBe(4 * upright.labels[row] + q);
      }
    }
  });

  test("as classes: names", () => {
    const labels = [0, 1];
    const bytes = Uint8Array.of(0, 128);
    const one = packedImages({ bytes, labels, width: 1, height: 1, classNames: ["a", "b"] });
    expect(rotated(one).classNames!.slice(3, 6)).toEqual(["a, 270°", "b", "b, 90°"]);
  });

  test.each([
    [2, 1],
    [3, 3],
  ])("per task: the same rows, a class's all turned alike, %i×%i", (side, channels) => {
    const data = images(side, channels);
    const options = { ways: 5, shots: 1, queryShots: 2 };
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 400; seed++) {
      const plain = episodes(data, options).sample(new Random(seed));
      const task = episodes(data, { ...options, rotations: "perTask" }).sample(new Random(seed));
      expect(task.classes).toEqual(plain.classes);
      for (let label = 0; label < 5; label++) {
        const upright = rowOf(plain.support, label, data.inSize);
        const seen = rowOf(task.support, label, data.inSize).join();
        const quarters = [0, 1, 2, 3].find(
          (q) => turned(upright, q, side, channels).join() === seen,
        )!;
        counts[quarters]++;
        for (const row of [label, 5 + label])
          expect(rowOf(task.query, row, data.inSize)).toEqual(
            turned(rowOf(plain.query, row, data.inSize), quarters, side, channels),
          );
      }
    }
    // 2000 draws of four: 500 each, standard deviation 19.4.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(5 * 19.4);
  });

  test("of what is not square", () => {
    const shape = [2, 3, 1];
    const data = dataset({ inputs: new Float32Array(24), labels: [0, 0, 1, 1], inSize: 6, shape });
    const options = { ways: 2, shots: 1, rotations: "perTask" } as const;
    expect(() => episodes(data, options)).toThrow(
      "episodes: expected images as wide as high, got [2, 3, 1]",
    );
    expect(() => rotated(data)).toThrow("rotated: expected images as wide as high, got [2, 3, 1]");
  });
});
