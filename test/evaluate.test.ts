import { describe, expect, test } from "vitest";
import { evaluate, maml, type Task } from "../src/index.ts";
import { expectClose, LOSS_TOLERANCE } from "./close.ts";
import { learnerFor } from "./learners.ts";
import { objectives, taskOf } from "./objectives.ts";
import * as oracle from "./oracle/meta.ts";

const [regression, , binary, classes] = objectives;

/** What evaluate is to report of a list of numbers, one a task. */
function statistics(values: readonly number[]) {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b) / n;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1));
  return { mean, interval: (1.96 * deviation) / Math.sqrt(n) };
}

test.each([
  [4, 1.5],
  [5, 2],
])("mean, median and interval over %i tasks", async (count) => {
  const learner = await learnerFor(regression);
  const tasks = Array.from({ length: count }, (_, i) => taskOf(regression, i, 6, 4 + i));
  const found = evaluate(learner, tasks, { steps: [3, 0] });
  expect(found.map(({ steps }) => steps)).toEqual([3, 0]);
  for (const { steps, loss, interval, median, losses, ...rest } of found) {
    const inner = { innerLearningRate: 0.1, innerSteps: steps };
    const expected = tasks.map(({ support, query }) =>
      oracle.loss(regression, oracle.adapt(regression, learner.parameters, support, inner), query),
    );
    expectClose(losses, expected, LOSS_TOLERANCE, "losses");
    const wanted = statistics(losses);
    expect(loss).toBeCloseTo(wanted.mean, 12);
    expect(interval).toBeCloseTo(wanted.interval, 12);
    const sorted = losses.toSorted((a, b) => a - b);
    expect(median).toBe(count === 5 ? sorted[2] : (sorted[1] + sorted[2]) / 2);
    expect(rest).toEqual({});
  }
});

test("one task has no interval", async () => {
  const learner = await learnerFor(regression);
  const [{ interval, loss, median }] = evaluate(learner, [taskOf(regression, 1)], { steps: [1] });
  expect(interval).toBeNaN();
  expect(loss).toBe(median);
});

/** Right answers of a query set, from the outputs that predict gives. */
const rights = {
  crossEntropy: (outputs: Float32Array, targets: ArrayLike<number>) =>
    Array.from(targets, (target, r) => {
      const row = outputs.subarray(5 * r, 5 * r + 5);
      return row.indexOf(Math.max(...row)) === target;
    }),
  binaryCrossEntropy: (outputs: Float32Array, targets: ArrayLike<number>) =>
    Array.from(targets, (target, i) => outputs[i] > 0 === target > 0.5),
};

test.each([
  ["classes", classes],
  ["binary targets", binary],
])("accuracy of %s", async (_, objective) => {
  const learner = await learnerFor(objective, { algorithm: maml({ innerLearningRate: 0.5 }) });
  const tasks = [1, 2, 3, 4, 5, 6].map((seed) => taskOf(objective, seed, 10, 8));
  const [{ accuracy, accuracyInterval }] = evaluate(learner, tasks, { steps: [2] });
  const shares = tasks.map(({ support, query }) => {
    const outputs = learner.adapt(support, { steps: 2 }).predict(query.inputs);
    const right = rights[objective.loss as "crossEntropy"](outputs, query.targets);
    return right.filter(Boolean).length / right.length;
  });
  const wanted = statistics(shares);
  expect(accuracy).toBeCloseTo(wanted.mean, 12);
  expect(accuracyInterval).toBeCloseTo(wanted.interval, 12);
});

test("the same seed judges on the same tasks, another on others", async () => {
  const learner = await learnerFor(regression);
  const source = { inSize: 2, targetSize: 1, sample: draw };
  function draw(random: { bits(): number }): Task {
    return taskOf(regression, random.bits());
  }
  const losses = (seed?: number) =>
    evaluate(learner, source, { tasks: 5, steps: [1], ...(seed !== undefined && { seed }) })[0]
      .losses;
  expect(losses()).toEqual(losses(learner.seed));
  expect(losses(8)).toEqual(losses(8));
  expect(losses(8)).not.toEqual(losses(9));
});

describe("where some tasks diverge", () => {
  const wild = { inputs: [1e19, 1e19], targets: [1e19], rows: 1 };
  const linear = {
    model: { sizes: [2, 1], activation: "linear" },
    loss: "meanSquaredError",
  } as const;

  test("the median is that of the others, NaN counted as the largest", async () => {
    const learner = await learnerFor(linear);
    const fine = [1, 2, 3].map((seed) => taskOf(linear, seed));
    const bad = { support: wild, query: fine[0].query };
    const [calm] = evaluate(learner, fine, { steps: [2] });
    const ordered = calm.losses.toSorted((a, b) => a - b);
    const tasks = [fine[2], bad, fine[0], bad, fine[1]];
    const [{ median, losses, loss }] = evaluate(learner, tasks, { steps: [2] });
    expect(losses.filter(Number.isFinite)).toHaveLength(3);
    expect(losses.filter(Number.isNaN)).toHaveLength(2);
    expect(loss).toBeNaN();
    expect(median).toBe(ordered[2]);
  });

  test("outputs that are not numbers are wrong answers", async () => {
    const model = { sizes: [2, 3], activation: "linear" } as const;
    const learner = await learnerFor({ model, loss: "crossEntropy" });
    learner.parameters.fill(NaN);
    const query = { inputs: [1, 2, 3, 4], targets: [0, 0], rows: 2 };
    const [{ accuracy }] = evaluate(learner, [{ support: query, query }], { steps: [0] });
    expect(accuracy).toBe(0);
  });
});

test.each([
  [{ tasks: 0 }, "evaluate: expected tasks ≥ 1, got 0"],
  [{ steps: [] }, "evaluate: expected a list of steps, got []"],
  [{ steps: [-1] }, "evaluate: expected steps ≥ 0, got -1"],
  [{ seed: -1 }, "evaluate: expected seed ≥ 0, got -1"],
  [{ shots: 1 }, 'evaluate: expected options tasks, steps or seed, got "shots"'],
])("refuses %j", async (options, message) => {
  const learner = await learnerFor(regression);
  const source = { inSize: 2, targetSize: 1, sample: () => taskOf(regression, 1) };
  expect(() => evaluate(learner, source, options as never)).toThrow(message);
});

test("refuses what is no source of tasks", async () => {
  const learner = await learnerFor(regression);
  expect(() => evaluate(learner, [])).toThrow("evaluate: expected at least one task, got 0");
  expect(() => evaluate(learner, {} as never)).toThrow(
    "evaluate: expected a distribution of tasks or a list of them, got {}",
  );
  expect(() => evaluate(learner, [taskOf(regression, 1)], { tasks: 3 })).toThrow(
    "evaluate: expected no count beside a list of tasks, got 3",
  );
  expect(() => evaluate(learner, [taskOf(classes, 1)])).toThrow(
    "evaluate: expected task.support.inputs.length 20 (10 rows of 2), got 40",
  );
});
