/** What an inner loop keeps: as many parameter vectors and tapes as the docstrings say. */
import { describe, expect, test } from "vitest";
import { rowBuffer } from "../../src/algorithms/row-buffer.ts";
import * as rvml from "../../src/index.ts";
import type { Algorithm } from "../../src/index.ts";
import { core } from "../build.ts";

const inner = { innerLearningRate: 0.1, innerSteps: 16 };
/** 3,251 numbers: what a run's alignment takes is small beside them. */
const sizes = [10, 50, 50, 3];
const N = 10 * 50 + 50 + 50 * 50 + 50 + 50 * 3 + 3;

async function memoryOf(algorithm: Algorithm, loss = rvml.meanSquaredError()) {
  const model = rvml.mlp({ sizes });
  const metaOptimizer = rvml.sgd({ learningRate: 1 });
  const learner = await rvml.createLearner({
    model,
    loss,
    algorithm,
    metaOptimizer,
    seed: 1,
    core,
  });
  const { path = 0, tapes = 0 } = learner.memory;
  return { vectors: Math.round(path / 4 / N), tapes };
}

const cell = { hiddenSize: 2, innerSteps: 16 };

describe("vectors of θ's length", () => {
  test.each([
    ["order 1: θₖ and a gradient, however many steps", () => rvml.maml({ ...inner, order: 1 }), 2],
    ["order 2: every θₖ", () => rvml.maml(inner), 16 + 3],
    ["no step", () => rvml.maml({ ...inner, innerSteps: 0, order: 1 }), 2],
    [
      "checkpoint: every fourth, four between",
      () => rvml.maml({ ...inner, checkpoint: true }),
      3 + 4 + 3,
    ],
    [
      "one over a square: five of five, the last not full",
      () => rvml.maml({ ...inner, innerSteps: 17, checkpoint: true }),
      3 + 5 + 3,
    ],
    ["gradients where the rule reads them", () => rvml.metaSgd(inner), 2 * 16 + 2],
    ["momentum is carried", () => rvml.innerMomentum(inner), 1 + 2 + 1 + 1 + 2 * 16 + 1],
    [
      "Adam carries two, reads gradients, and works in two",
      () => rvml.innerAdam(inner),
      2 + 3 + 1 + 2 + 3 * 16 + 16 + 2,
    ],
    ["implicit: no more for more steps", () => rvml.implicitMaml(inner), 6],
    ["reptile: its optimizer's besides", () => rvml.reptile(inner), 2 + 1],
    [
      "reptile with Adam, behind a bound",
      () => {
        const innerOptimizer = rvml.clipNorm(rvml.adam(), 10);
        return rvml.reptile({ innerSteps: 16, innerOptimizer });
      },
      2 + 2,
    ],
    ["pretrain", () => rvml.pretrain(inner), 3],
    ["multiTask", () => rvml.multiTask({ tasks: 3 }), 2 + 2 + 1],
    ["anil: θ once; of the head, 5 % of it, every state", () => rvml.anil(inner), 1 + 1],
    [
      "warpGrad: what maml has, and two states and two gradients",
      () => rvml.warpGrad(inner),
      16 + 3 + 2 + 2,
    ],
    [
      "metaCurvature works in two, and in two of the largest tensor, 77 % of θ",
      () => rvml.metaCurvature(inner),
      2 * 16 + 2 + 2 + 2 * 0.77,
    ],
    [
      "mamlPlusPlus without all that it adds: as maml",
      () => rvml.mamlPlusPlus({ ...inner, learnRates: false, order: 1 }),
      2,
    ],
    [
      "with its loss alone: every θₖ",
      () => rvml.mamlPlusPlus({ ...inner, learnRates: false, order: 1, multiStepLoss: 1 }),
      16 + 3,
    ],
    [
      "a hidden state of two for each number",
      () => rvml.learnedOptimizer(cell),
      2 + 3 + 1 + 2 + 3 * 16 + 16,
    ],
    [
      "of them, four and three",
      () => rvml.learnedOptimizer({ ...cell, checkpoint: true }),
      2 + 3 + 1 + 2 + 3 * 7 + 4,
    ],
  ] as [string, () => Algorithm, number][])("%s", async (_, make, count) => {
    expect((await memoryOf(make())).vectors).toBe(Math.round(count));
  });

  test("multiTask: no more for more tasks", async () => {
    const [few, many] = [2, 70].map((tasks) => memoryOf(rvml.multiTask({ tasks })));
    expect(await many).toEqual(await few);
  });

  test("prototypes: a start and its adjoint besides", async () => {
    const algorithm = rvml.protoMaml({ ...inner, order: 1 });
    expect((await memoryOf(algorithm, rvml.crossEntropy())).vectors).toBe(4);
    const still = rvml.prototypical();
    expect(await memoryOf(still, rvml.crossEntropy())).toEqual({ vectors: 4, tapes: 0 });
  });
});

describe("tapes", () => {
  test("one a step of order 2, or one a step between checkpoints; none at order 1, one for a solver", async () => {
    const { tapes: one } = await memoryOf(rvml.maml({ ...inner, innerSteps: 1 }));
    expect(one).toBeGreaterThan(0);
    const count = async (algorithm: Algorithm) => (await memoryOf(algorithm)).tapes / one;
    expect(await count(rvml.maml(inner))).toBeCloseTo(16, 1);
    expect(await count(rvml.maml({ ...inner, checkpoint: true }))).toBeCloseTo(4, 1);
    expect(await count(rvml.maml({ ...inner, order: 1 }))).toBe(0);
    expect(await count(rvml.learnedOptimizer(cell))).toBe(0);
    expect(await count(rvml.implicitMaml(inner))).toBeCloseTo(1, 1);
  });
});

test("rows outside of linear memory: the same array again and again, a larger one only for more rows than ever", () => {
  const buffer = rowBuffer(3);
  const five = buffer(5);
  expect(five).toHaveLength(15);
  expect(buffer(5)).toBe(five);
  const two = buffer(2);
  expect(two).toHaveLength(6);
  expect(two.buffer).toBe(five.buffer);
  const seven = buffer(7);
  expect(seven).toHaveLength(21);
  for (const rows of [5, 7, 1]) {
    expect(buffer(rows)).toHaveLength(3 * rows);
    expect(buffer(rows).buffer).toBe(seven.buffer);
    expect(buffer(rows)).toBe(buffer(rows));
  }
});
