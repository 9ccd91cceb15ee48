/**
 * Many meta-steps, many learners. In Node: a page cannot measure its heap, and Chromium 156 gives it room for 124 wasm memories
 * (Firefox 153 for 999, WebKitGTK 2.50 for more than 3000).
 */
import v8 from "node:v8";
import vm from "node:vm";
import { expect, test } from "vitest";
import { adam, createLearner, maml, meanSquaredError, mlp } from "../src/index.ts";
import { core } from "./build.ts";
import { learnerFor } from "./learners.ts";
import { objectives, taskOf } from "./objectives.ts";

const [regression] = objectives;

test("after 10,000 meta-steps the buffer is the same object, and the heap has not grown", async () => {
  v8.setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc") as () => void;
  const small = { ...regression, model: { ...regression.model, sizes: [2, 4, 1] } };
  const learner = await learnerFor(small, { algorithm: maml({ innerLearningRate: 0.1 }) });
  const tasks = [taskOf(small, 1), taskOf(small, 2)];
  const { buffer } = learner.parameters;
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  for (let step = 0; step < 2000; step++) learner.metaStep(tasks);
  const growths = [1, 2, 3].map(() => {
    const before = used();
    for (let step = 0; step < 10_000; step++) learner.metaStep(tasks);
    return used() - before;
  });
  // 10,000 objects of the smallest size would be 160 kB, each time; compiled code and the test runner take their share once.
  expect(Math.min(...growths)).toBeLessThan(150_000);
  expect(learner.parameters.buffer).toBe(buffer);
  expect(learner.step).toBe(32_000);
});

test("500 learners live at once, each for itself", async () => {
  const create = (seed: number) =>
    createLearner({
      model: mlp({ sizes: [2, 3, 1], activation: "tanh" }),
      loss: meanSquaredError(),
      algorithm: maml({ innerLearningRate: 0.1 }),
      metaOptimizer: adam(),
      seed,
      core,
    });
  const learners = await Promise.all(Array.from({ length: 500 }, (_, seed) => create(seed)));
  const task = taskOf(regression, 1);
  learners[250].metaStep([task]);
  const again = await create(249);
  expect(learners[249].parameters).toEqual(again.parameters);
  expect(new Set(learners.map(({ parameters }) => parameters.buffer)).size).toBe(500);
});
