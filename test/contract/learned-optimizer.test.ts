/** learnedOptimizer: coordinates pass through its cell in blocks of 128, and small gradients are told in another way than large ones. */
import { expect, test } from "vitest";
import { expectClose } from "../close.ts";
import * as oracle from "../oracle/meta.ts";
import { type Model, parameterCount } from "../oracle/network.ts";
import { type Case, learnerOf, tasksOf } from "./cases.ts";
import { expectGradients, TOLERANCE } from "./expect-gradient.ts";
import { oracles } from "./oracles.ts";

const options = {
  innerSteps: 3,
  hiddenSize: 2,
  outputScale: 0.1,
  order: 2 as const,
  learnStart: true,
};

function caseOf(sizes: readonly number[]): Case {
  const model: Model = { sizes, activation: "tanh" };
  const objective = { model, loss: "meanSquaredError" as const };
  const title = String(sizes);
  const shape = { ...objective, name: title };
  return { name: "learnedOptimizer", title, first: true, objective, sizes: shape, options };
}

// Of sizes where no gradient is so small that its roundings, times the slope 1/(pg) of its logarithm, would be more than the tolerance.
test.each([
  [127, [126, 1]],
  [128, [7, 16]],
  [129, [2, 32, 1]],
  [256, [15, 16]],
  [305, [9, 14, 11]],
])("%i coordinates: the oracle's gradient and φ", async (count, sizes) => {
  const each = caseOf(sizes);
  expect(parameterCount(each.objective.model)).toBe(count);
  const learner = await learnerOf(each);
  const [task] = tasksOf(each);
  expectGradients(each, learner, [task]);
  const { adapt } = oracles.learnedOptimizer;
  const phi = adapt(each.objective, learner.metaParameters, task.support, options);
  expectClose(learner.adapt(task.support).parameters, phi, TOLERANCE, "φ");
});

test("gradients on both sides of e⁻¹⁰: the oracle's second derivatives through what is told of them", async () => {
  const each = caseOf([3, 4, 1]);
  const objective = each.objective as oracle.Objective;
  const learner = await learnerOf(each);
  const [{ support, query }] = tasksOf(each);
  // The first layer's weights feel the second and third input, and so their gradients are, hardly.
  const scales = [1, 1e-4, 1e-5];
  const shrunk = {
    ...support,
    inputs: Float32Array.from(support.inputs, (x, i) => x * scales[i % 3]),
  };
  const slopes = oracle.gradient(objective, learner.parameters, shrunk).map(Math.abs);
  const small = slopes.filter((g) => g < Math.exp(-10)).length;
  expect([small, slopes.length - small]).toEqual([8, 13]);
  expectGradients(each, learner, [{ support: shrunk, query }]);
});
