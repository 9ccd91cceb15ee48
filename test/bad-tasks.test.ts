import { describe, expect, test } from "vitest";
import type { Batch } from "../src/index.ts";
import { learnerFor } from "./learners.ts";
import { objectives, taskOf } from "./objectives.ts";

const [regression, normed, , classes] = objectives;

function thrown(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error, got none");
}

describe("what does not fit", () => {
  const good = taskOf(regression, 1, 3, 3);
  const support = (change: object) => ({ ...good, support: { ...good.support, ...change } });
  const values = (...list: number[]) => Float32Array.from(list);
  const tiny = (n: number) => new Float64Array(3).fill(n);

  const refusals: [string, unknown, string][] = [
    ["no list", good, "a list of tasks, got { support, query }"],
    ["no task", [], "at least one task, got 0"],
    ["nothing", [undefined], "task { support, query }, got undefined"],
    [
      "no query",
      [{ support: good.support }],
      "task.query { inputs, targets, rows }, got undefined",
    ],
    [
      "empty support",
      [support({ rows: 0, inputs: [], targets: [] })],
      "task.support.rows ≥ 1, got 0",
    ],
    ["half a row", [support({ rows: 2.5 })], "integer task.support.rows ≥ 1, got 2.5"],
    ["no inputs", [support({ inputs: undefined })], "array task.support.inputs, got undefined"],
    [
      "a row too few",
      [support({ inputs: values(1, 2, 3, 4) })],
      "task.support.inputs.length 6 (3 rows of 2), got 4",
    ],
    [
      "a target too many",
      [support({ targets: values(1, 2, 3, 4) })],
      "task.support.targets.length 3 (3 rows of 1), got 4",
    ],
    [
      "NaN",
      [good, support({ inputs: values(1, 2, 3, 4, NaN, 6) })],
      "finite task.support.inputs, got NaN at index 4",
    ],
    [
      "Infinity",
      [support({ targets: [1, -Infinity, 2] })],
      "finite task.support.targets, got -Infinity at index 1",
    ],
    [
      "too large for f32",
      [support({ targets: [1, 1e39, 2] })],
      "task.support.targets of at most 3.4e38, got 1e+39 at index 1",
    ],
    [
      "text",
      [support({ targets: [1, "2", 3] })],
      'numbers in task.support.targets, got "2" at index 1',
    ],
    [
      "a negative weight",
      [support({ weights: values(1, -1, 1) })],
      "task.support.weights ≥ 0, got -1",
    ],
    [
      "weights of zero",
      [support({ weights: values(0, 0, 0) })],
      "task.support.weights with a sum > 0, got 0",
    ],
    [
      "weights of zero in f32",
      [support({ weights: tiny(1e-50) })],
      "task.support.weights with a sum > 0, got 0",
    ],
    [
      "too few weights",
      [support({ weights: values(1) })],
      "task.support.weights.length 3 (3 rows of 1), got 1",
    ],
  ];

  test.each(refusals)("%s", async (_, tasks, message) => {
    const learner = await learnerFor(regression);
    const before = learner.save();
    for (const call of ["metaStep", "metaGradient"] as const) {
      const error = thrown(() => learner[call](tasks as never));
      expect(error.message).toBe(`${call}: expected ${message}`);
      expect([RangeError, TypeError]).toContain(error.constructor);
    }
    expect(learner.save()).toEqual(before);
  });

  test.each([
    ["out of range", 5, "targets whole and from 0 to 4 (crossEntropy), got 5"],
    ["negative", -1, "targets whole and from 0 to 4 (crossEntropy), got -1"],
    ["not whole", 1.5, "targets whole and from 0 to 4 (crossEntropy), got 1.5"],
  ])("a label %s", async (_, label, message) => {
    const learner = await learnerFor(classes);
    const { support, query } = taskOf(classes, 1, 3);
    const bad = { ...support, targets: [0, label, 1] };
    expect(() => learner.metaStep([{ support: bad, query }])).toThrow(
      `metaStep: expected ${message}`,
    );
    expect(() => learner.adapt(bad)).toThrow(`adapt: expected ${message}`);
  });

  test("more rows than a model with batch norm has room for", async () => {
    const learner = await learnerFor(normed, { maxRows: 8 });
    const task = taskOf(normed, 1, 8, 9);
    const room = "(batch norm; see createLearner's maxRows)";
    expect(() => learner.metaStep([task])).toThrow(
      `metaStep: expected at most 8 rows in task.query ${room}, got 9`,
    );
    expect(() => learner.predict(task.query.inputs)).toThrow(
      `predict: expected at most 8 rows in inputs ${room}, got 9`,
    );
    expect(learner.adapt(task.support).predict(task.support.inputs)).toHaveLength(16);
  });

  test("adapt and predict", async () => {
    const learner = await learnerFor(regression);
    const adapt = (batch: unknown, steps?: unknown) => () =>
      learner.adapt(batch as Batch, steps === undefined ? {} : { steps: steps as number });
    expect(adapt(null)).toThrow("adapt: expected support { inputs, targets, rows }, got null");
    expect(adapt(good.support, -1)).toThrow("adapt: expected steps ≥ 0, got -1");
    expect(adapt(good.support, 1.5)).toThrow("adapt: expected integer steps ≥ 0, got 1.5");
    expect(() => learner.adapt(good.support, { step: 1 } as never)).toThrow(
      'adapt: expected options steps, got "step"',
    );
    const { predict } = learner.adapt(good.support);
    expect(() => predict([1, 2, 3])).toThrow(
      "predict: expected inputs.length a multiple of 2, got 3",
    );
    expect(() => predict([1, NaN])).toThrow("predict: expected finite inputs, got NaN at index 1");
    expect(() => learner.predict(3 as never)).toThrow("predict: expected array inputs, got 3");
    expect(predict([])).toEqual(new Float32Array(0));
  });
});
