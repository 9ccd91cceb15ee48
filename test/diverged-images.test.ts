import { expect, test } from "vitest";
import { drawTasks } from "../src/cli/image-source.ts";
import { imageTasks } from "../src/cli/image-tasks.ts";
import { complete, defaultsOf } from "../src/cli/settings.ts";
import {
  createLearner,
  crossEntropy,
  dataset,
  episodes,
  evaluate,
  maml,
  mlp,
  sgd,
} from "../src/index.ts";

test("a model that diverges is right nowhere, as `evaluate` has it, and in no column of the matrix", async () => {
  const labels = Array.from({ length: 24 }, (_, row) => row % 4);
  const inputs = labels.flatMap((label, row) => [label, row / 24, 1, 0.5]);
  const classNames = ["a", "b", "c", "d"];
  const images = dataset({ inputs, labels, inSize: 4, shape: [2, 2, 1], classNames });
  const learner = await createLearner({
    model: mlp({ sizes: [4, 8, 2], activation: "linear" }),
    loss: crossEntropy(),
    algorithm: maml({ innerLearningRate: 1e38, innerSteps: 3 }),
    metaOptimizer: sgd({ learningRate: 0.1 }),
    seed: 1,
  });
  const heldOut = drawTasks(episodes(images, { ways: 2, shots: 2 }), 3, 1, "judged");
  const settings = { ...complete(defaultsOf("images"), {}), ways: 2, innerSteps: 3 };
  const { samples, confusion } = imageTasks(learner, heldOut, images, settings);
  const tasks = heldOut.flatMap((each) => each.tasks);
  expect(evaluate(learner, tasks, { steps: [3] })[0].accuracy).toBe(0);
  expect(confusion.rows).toBe(12);
  expect(confusion.before.flat().reduce((a, b) => a + b)).toBe(12);
  expect(confusion.after).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(confusion.pairs).toEqual([]);
  expect(samples.map(({ rightAfter }) => rightAfter)).toEqual([0, 0, 0]);
});
