import { describe, expect, test } from "vitest";
import { Random } from "../src/random.ts";
import type { TaskDistribution } from "../src/task.ts";
import { episodes } from "../src/tasks/episodes.ts";
import { groups } from "../src/tasks/groups.ts";
import { sinusoids } from "../src/tasks/sinusoids.ts";
import { columns, grouped, numbered, rowsOf } from "./sources.ts";

interface Contract {
  name: string;
  distribution: TaskDistribution;
  supportRows: number;
  queryRows: number;
  /** Classes a task, for classification. */
  ways?: number;
}

const contracts: Contract[] = [
  { name: "sinusoids()", distribution: sinusoids(), supportRows: 10, queryRows: 10 },
  {
    name: "sinusoids({ shots: 5, queryShots: 3, frequency })",
    distribution: sinusoids({ shots: 5, queryShots: 3, frequency: [0.5, 2] }),
    supportRows: 5,
    queryRows: 3,
  },
  {
    name: "groups(), the rest as query",
    distribution: groups(grouped(10), { ...columns, shots: 3 }).train,
    supportRows: 3,
    queryRows: 5,
  },
  {
    name: "groups({ queryShots: 2 })",
    distribution: groups(grouped(10), { ...columns, shots: 3, queryShots: 2 }).test,
    supportRows: 3,
    queryRows: 2,
  },
  {
    name: "episodes(), all rows of every class in use",
    distribution: episodes(numbered(5, 6), { ways: 5, shots: 2, queryShots: 4 }),
    supportRows: 10,
    queryRows: 20,
    ways: 5,
  },
  {
    name: "episodes({ classes })",
    distribution: episodes(numbered(9, 20), { ways: 2, shots: 3, classes: [1, 4, 7] }),
    supportRows: 6,
    queryRows: 6,
    ways: 2,
  },
];

describe.each(contracts)("contract: $name", ({ distribution, supportRows, queryRows }) => {
  const sample = (seed: number) => distribution.sample(new Random(seed));

  test.each([undefined, 7, Math.random])("no task is drawn with %s", (random) => {
    const draw = () => distribution.sample(random as never);
    expect(draw).toThrow(/^sample: expected a Random, got (undefined|7|function random)$/);
    expect(draw).toThrow(TypeError);
  });

  test("same stream, same task; another stream, another task", () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(sample(seed)).toEqual(sample(seed));
      expect(sample(seed)).not.toEqual(sample(seed + 1));
    }
  });

  test("shapes", () => {
    const { support, query } = sample(1);
    for (const [batch, rows] of [
      [support, supportRows],
      [query, queryRows],
    ] as const) {
      expect(batch.rows).toBe(rows);
      expect(batch.inputs).toBeInstanceOf(Float32Array);
      expect(batch.targets).toBeInstanceOf(Float32Array);
      expect(batch.inputs.length).toBe(rows * distribution.inSize);
      expect(batch.targets.length).toBe(rows * distribution.targetSize);
    }
  });

  test("support and query share no row, and no row comes twice", () => {
    for (let seed = 0; seed < 50; seed++) {
      const { support, query } = sample(seed);
      const rows = [...rowsOf(support), ...rowsOf(query)];
      expect(new Set(rows).size).toBe(supportRows + queryRows);
    }
  });

  test("tasks own their arrays", () => {
    const [first, again] = [sample(3), sample(3)];
    (first.support.inputs as Float32Array).fill(NaN);
    expect(sample(3)).toEqual(again);
  });
});

test.each(contracts.filter(({ ways }) => ways))(
  "labels of $name: 0 … ways − 1, round and round, each as often",
  ({ distribution, ways }) => {
    const { support, query } = distribution.sample(new Random(2));
    for (const batch of [support, query]) {
      expect(batch.rows % ways!).toBe(0);
      const wanted = Float32Array.from({ length: batch.rows }, (_, i) => i % ways!);
      expect(batch.targets).toEqual(wanted);
    }
  },
);

describe("sinusoids", () => {
  test("y = A sin(ω x − φ) of the task's own A, φ, ω; all within their ranges", () => {
    const distribution = sinusoids({ frequency: [0.5, 2] });
    for (let seed = 0; seed < 200; seed++) {
      const task = distribution.sample(new Random(seed));
      const { amplitude, phase, frequency } = task;
      expect(amplitude >= 0.1 && amplitude < 5 && phase >= 0 && phase < Math.PI).toBe(true);
      expect(frequency >= 0.5 && frequency < 2).toBe(true);
      for (const { inputs, targets, rows } of [task.support, task.query])
        for (let i = 0; i < rows; i++) {
          expect(inputs[i] >= -5 && inputs[i] <= 5).toBe(true);
          const y = amplitude * Math.sin(frequency * inputs[i] - phase);
          expect(Math.abs(targets[i] - y)).toBeLessThan(5 * 2 ** -24); // f32 rounding of |y| < 5
        }
    }
  });

  test("moments: E A = 2.55, E φ = π/2, E x² = 25/3", () => {
    const n = 4000;
    let [a, phi, square] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const task = sinusoids({ shots: 1, queryShots: 1 }).sample(new Random(1).fork(i));
      a += task.amplitude / n;
      phi += task.phase / n;
      square += task.support.inputs[0] ** 2 / n;
    }
    expect(Math.abs(a - 2.55)).toBeLessThan((5 * 4.9) / Math.sqrt(12 * n));
    expect(Math.abs(phi - Math.PI / 2)).toBeLessThan((5 * Math.PI) / Math.sqrt(12 * n));
    expect(Math.abs(square - 25 / 3)).toBeLessThan((5 * 25 * Math.sqrt(4 / 45)) / Math.sqrt(n));
  });

  test.each([
    [{ shots: 0 }, "sinusoids: expected shots ≥ 1, got 0"],
    [
      { shot: 5 },
      'sinusoids: expected options shots, queryShots, amplitude, phase, inputs or frequency, got "shot"',
    ],
    [{ inputs: [5, -5] }, "sinusoids: expected inputs [from, to] with from ≤ to, got [5, -5]"],
    [{ phase: [0] }, "sinusoids: expected phase.length 2 (from and to), got 1"],
    [{ phase: 3 }, "sinusoids: expected array phase, got 3"],
    [{ amplitude: [0, NaN] }, "sinusoids: expected finite amplitude, got NaN at index 1"],
    [{ frequency: [1, 1e9] }, "sinusoids: expected |ω x − φ| ≤ 1048576, got 50000000"],
  ])("%o is refused", (options, message) =>
    expect(() => sinusoids(options as never)).toThrow(message),
  );
});
