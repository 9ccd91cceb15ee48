import { describe, expect, test } from "vitest";
import { type Algorithm, maml, metaGradCheck, pretrain, reptile } from "../src/index.ts";
import { learnerFor } from "./learners.ts";
import { objectives, parametersOf, taskOf } from "./objectives.ts";

const inner = { innerLearningRate: 0.1, innerSteps: 3 };
/** Between what the docstring promises for right ones (1e-3, with ReLU at times 1e-2) and for wrong ones (0.1 and more). */
const BOUND = 0.03;

/** An algorithm whose meta-gradients are changed behind its back. */
function tampered(algorithm: Algorithm, change: (gradient: Float32Array) => void): Algorithm {
  return {
    ...algorithm,
    bind(context) {
      const bound = algorithm.bind(context);
      return {
        ...bound,
        metaGradient(task, scale, metaStep) {
          const loss = bound.metaGradient(task, scale, metaStep);
          change(context.gradient.view);
          return loss;
        },
      };
    },
  };
}

describe.each(objectives)("$name", (objective) => {
  const parameters = parametersOf(objective);
  const tasks = [taskOf(objective, 1), taskOf(objective, 2)];
  const errorOf = async (algorithm: Algorithm) =>
    metaGradCheck(await learnerFor(objective, { parameters, algorithm }), tasks).error;

  test.each([
    ["maml", maml(inner)],
    ["no inner step", maml({ innerLearningRate: 0.1, innerSteps: 0 })],
    ["pretrain", pretrain()],
  ])("accepts %s", async (_, algorithm) => {
    expect(await errorOf(algorithm)).toBeLessThan(BOUND);
  });

  test.each([
    ["first order", maml({ ...inner, innerLearningRate: 0.3, order: 1 })],
    ["a mean taken twice", tampered(maml(inner), (gradient) => gradient.forEach(halve))],
    ["a sign", tampered(maml(inner), (gradient) => gradient.subarray(0, 9).forEach(negate))],
    ["a layer left out", tampered(maml(inner), (gradient) => gradient.fill(0, -12))],
    ["NaN", tampered(maml(inner), (gradient) => gradient.fill(NaN, 3, 4))],
  ])("flags %s", async (_, algorithm) => {
    expect(await errorOf(algorithm)).not.toBeLessThan(BOUND);
  });

  test("leaves the learner as it is, and gives the same for the same seed", async () => {
    const learner = await learnerFor(objective, { parameters, algorithm: maml(inner) });
    const check = (seed: number) => metaGradCheck(learner, tasks, { directions: 3, seed });
    const first = check(1);
    expect(learner.parameters).toEqual(parameters);
    expect(first.directions).toHaveLength(3);
    expect(check(1)).toEqual(first);
    expect(check(2).directions).not.toEqual(first.directions);
  });
});

const halve = (value: number, i: number, gradient: Float32Array) => void (gradient[i] = value / 2);
const negate = (value: number, i: number, gradient: Float32Array) => void (gradient[i] = -value);

const [smooth] = objectives;

test("a gradient that is zero, and rightly so, is no error", async () => {
  const linear = { model: { sizes: [1, 1], activation: "linear" }, loss: "crossEntropy" } as const;
  const learner = await learnerFor(linear);
  const batch = { inputs: [1], targets: [0], rows: 1 };
  expect(metaGradCheck(learner, [{ support: batch, query: batch }]).error).toBe(0);
});

test("of two directions the error is the mean", async () => {
  const learner = await learnerFor(smooth);
  const tasks = [taskOf(smooth, 1)];
  const { error, directions } = metaGradCheck(learner, tasks, { directions: 2 });
  const { gradient } = learner.metaGradient(tasks);
  const typical = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0) / gradient.length);
  const [a, b] = directions.map(({ slope, difference }) => Math.abs(slope - difference));
  expect(error / ((a + b) / 2 / typical)).toBeCloseTo(1, 5);
});

test.each([
  [{ directions: 0 }, "metaGradCheck: expected directions ≥ 1, got 0"],
  [{ epsilon: 0 }, "metaGradCheck: expected epsilon > 0, got 0"],
  [{ step: 1 }, 'metaGradCheck: expected options directions, epsilon or seed, got "step"'],
])("refuses %j", async (options, message) => {
  const learner = await learnerFor(smooth);
  expect(() => metaGradCheck(learner, [taskOf(smooth, 1)], options as never)).toThrow(message);
});

test("refuses reptile, which follows no gradient; puts θ back where a task does not fit", async () => {
  const algorithm = reptile({ innerLearningRate: 0.1, innerSteps: 1 });
  const learner = await learnerFor(smooth, { algorithm });
  expect(() => metaGradCheck(learner, [taskOf(smooth, 1)])).toThrow(
    'metaGradCheck: expected an algorithm that follows the gradient of a loss, got "reptile"',
  );
});
