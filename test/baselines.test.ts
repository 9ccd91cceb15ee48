import { describe, expect, test } from "vitest";
import {
  answers,
  fitLine,
  leastSquares,
  meanShift,
  pooledModel,
  shifted,
} from "../src/cli/baselines.ts";
import { type Contender, judge, summary } from "../src/cli/judge.ts";
import { crossEntropy, type Batch, type Learner, type Task } from "../src/index.ts";

const batch = (inputs: number[], targets: number[], rows: number): Batch => ({
  inputs: Float32Array.from(inputs),
  targets: Float32Array.from(targets),
  rows,
});

/** Stands in for a learner: f(x) = 2x, whatever the rows. */
const doubling = {
  predict: (inputs: ArrayLike<number>) => Float32Array.from(inputs, (x) => 2 * x),
} as Learner;

const outputs = (x: number, y: number) => [1 + 2 * x - y, 4 - x];

describe("least squares", () => {
  test("three points, by the normal equations done on paper", () => {
    // x̄ = 2, ȳ = 3; Σ(x − x̄)(y − ȳ) = 7, Σ(x − x̄)² = 8: ŷ = 3 + 7/8 (x − 2)
    const line = fitLine(batch([0, 2, 4], [1, 3.5, 4.5], 3));
    const predicted = line(batch([0, 2, 10], [0, 0, 0], 3));
    [1.25, 3, 10].forEach((y, i) => expect(predicted[i]).toBeCloseTo(y, 7));
  });

  test("a plane through points that lie on one, two outputs", () => {
    const points = [0, 0, 1, 0, 0, 1, 2, 3];
    const targets = [0, 1, 2, 3].flatMap((i) => outputs(points[2 * i], points[2 * i + 1]));
    const plane = fitLine(batch(points, targets, 4));
    const predicted = plane(batch([5, -2, 0.5, 7], [0, 0, 0, 0], 2));
    [...outputs(5, -2), ...outputs(0.5, 7)].forEach((y, i) =>
      expect(predicted[i]).toBeCloseTo(y, 5),
    );
  });

  test("one row gives a constant; rows that share their x give their mean", () => {
    expect([...fitLine(batch([3], [7], 1))(batch([0, 9], [0, 0], 2))]).toEqual([7, 7]);
    const flat = fitLine(batch([3, 3], [6, 8], 2))(batch([0, 9], [0, 0], 2));
    expect([...flat]).toEqual([7, 7]);
  });

  test("two rows in three dimensions: of all that fit, the least slopes", () => {
    // Centered rows ±(1, 2, 2)/2, targets ±9/2: b = t d/|d|² = 9 (1, 2, 2)/9
    const fit = fitLine(batch([0, 0, 0, 1, 2, 2], [0, 9], 2));
    const predicted = fit(batch([1, 2, 2, 1, 0, 0, 2, -1, 0], [0, 0, 0], 3));
    [9, 1, 0].forEach((y, i) => expect(predicted[i]).toBeCloseTo(y, 6));
  });
});

describe("pooled", () => {
  const support = batch([1, 2], [5, 6], 2);
  const query = batch([0, 10], [3, 22.5], 2);
  const task: Task = { support, query };

  test("as it is", () => {
    expect(Array.from(pooledModel(doubling).predict(task, 5))).toEqual([0, 20]);
  });

  test("mean shift adds the mean residual of the support: (3 + 2)/2", () => {
    expect(Array.from(meanShift(doubling).predict(task, 5))).toEqual([2.5, 22.5]);
  });

  test("each output is shifted by its own", () => {
    const two = batch([0, 0], [1, 10, 3, 20], 2);
    expect([...shifted([0, 0, 0, 0], two, [100, 200])]).toEqual([102, 215]);
  });
});

const constant = (name: string, value: number): Contender => ({
  name,
  note: "",
  adapts: false,
  predict: ({ query }) => new Float32Array(query.rows).fill(value),
});
const task = (...targets: number[]): Task => ({
  support: batch([0], [0], 1),
  query: batch(
    targets.map(() => 0),
    targets,
    targets.length,
  ),
});

describe("judge", () => {
  const groups = [
    { name: "a", tasks: [task(1, 1), task(3)] }, // against 0: (1 + 9)/2 = 5
    { name: "b", tasks: [task(2, 2, 2)] }, // 4
  ];
  const options = { steps: [0, 5], innerSteps: 5, unit: 10 };

  test("errors are means over rows, then draws, then groups, in the target's units", () => {
    const { methods } = judge([constant("zero", 0)], groups, { ...options, measure: "MSE" });
    expect(methods[0].perGroup).toEqual([
      [500, 400],
      [500, 400],
    ]);
    expect(methods[0].errors).toEqual([450, 450]);
    const { methods: roots } = judge([constant("0", 0)], groups, { ...options, measure: "RMSE" });
    expect(roots[0].errors[0]).toBeCloseTo(Math.sqrt(450), 12);
  });

  test("95 % half-width: 1.96 s/√n, and by the delta method through the root", () => {
    // mean 4, s² = ((2 − 4)² + 0 + (6 − 4)²)/2 = 4
    const half = (1.96 * 2) / Math.sqrt(3);
    expect(summary([2, 4, 6], "MSE")).toEqual({ error: 4, interval: half });
    expect(summary([2, 4, 6], "RMSE")).toEqual({ error: 2, interval: half / 4 });
    expect(summary([0, 0], "RMSE")).toEqual({ error: 0, interval: 0 });
  });

  test("every contender meets the same tasks", () => {
    const steps: number[] = [];
    const spy = { ...leastSquares(), predict: (_: Task, k: number) => [steps.push(k)] };
    judge([spy], [{ name: "b", tasks: [task(2)] }], { ...options, measure: "MSE" });
    expect(steps).toEqual([0, 5]);
  });
});

describe("classes", () => {
  test("are those that the library's accuracy counts as right: NaN is none, whatever stands behind it", () => {
    const learner = { loss: crossEntropy() } as Learner;
    const outputs = [
      [0, 2, 1],
      [NaN, NaN, NaN],
      [NaN, 5, 1],
      [5, NaN, 1],
      [3, 3, 3],
    ] as const;
    const given = answers(learner, Float32Array.from(outputs.flat()), 5);
    expect(Array.from(given)).toEqual([1, -1, -1, 0, 0]);
  });
});
