import { describe, expect, test } from "vitest";
import {
  adam,
  type Algorithm,
  createLearner,
  innerAdam,
  type InnerLoopOptions,
  type Learner,
  maml,
  mamlPlusPlus,
  meanSquaredError,
  metaSgd,
  mlp,
} from "../src/index.ts";
import { core } from "./build.ts";
import { learnerFor } from "./learners.ts";
import { objectives, parametersOf, taskOf } from "./objectives.ts";

const [tanh, batchNorm] = objectives;

const make = (algorithm: Algorithm) =>
  createLearner({
    model: mlp({ sizes: [2, 16, 16, 1], activation: "tanh" }),
    loss: meanSquaredError(),
    algorithm,
    metaOptimizer: adam(),
    seed: 1,
    core,
  });

type Part = Exclude<keyof Learner["memory"], "total">;

/** Bytes of one part of the memory, by the number of inner steps. */
async function bytesOf(part: Part, of: (innerSteps: number) => Algorithm, steps: number[]) {
  const learners = await Promise.all(steps.map((innerSteps) => make(of(innerSteps))));
  return learners.map(({ memory }) => memory[part] ?? 0);
}

const inner = { innerLearningRate: 0.05 };
const algorithms: [string, (options: InnerLoopOptions) => Algorithm][] = [
  ["maml", maml],
  ["metaSgd", metaSgd],
  ["innerAdam", innerAdam],
  ["mamlPlusPlus", (options) => mamlPlusPlus({ ...options, multiStepLoss: 10 })],
];

describe.each(algorithms)("memory of %s", (_, of) => {
  test("its parts are its total, and all of it is there from the start", async () => {
    const learner = await make(of({ ...inner, innerSteps: 3 }));
    const before = learner.memory;
    const { total, ...parts } = before;
    expect(Object.values(parts).reduce((a, b) => a + b)).toBe(total);
    expect(Object.keys(parts).sort()).toEqual([
      "core",
      "metaGradient",
      "metaOptimizer",
      "metaParameters",
      "path",
      "tapes",
      "workspace",
    ]);
    expect(total).toBeLessThanOrEqual(learner.parameters.buffer.byteLength);
    learner.metaStep([taskOf(tanh, 1)]);
    expect(learner.memory).toEqual(before);
  });

  test("path and tapes grow by the same for each inner step; nothing else does", async () => {
    for (const part of ["path", "tapes"] as const) {
      const bytes = await bytesOf(
        part,
        (innerSteps) => of({ ...inner, innerSteps }),
        [2, 4, 8, 16, 32],
      );
      const perStep = (bytes[4] - bytes[0]) / 30;
      expect(perStep, part).toBeGreaterThan(1000);
      bytes.forEach((each, i) =>
        // Runs are rounded up to cache lines.
        expect(Math.abs(each - bytes[0] - perStep * (2 ** (i + 1) - 2)), part).toBeLessThanOrEqual(
          64 * 8,
        ),
      );
    }
    const workspace = await bytesOf(
      "workspace",
      (innerSteps) => of({ ...inner, innerSteps }),
      [2, 32],
    );
    expect(Math.abs(workspace[1] - workspace[0])).toBeLessThanOrEqual(128);
  });

  test("with checkpoint they grow with the root: √K tapes, 2√K states", async () => {
    const steps = [1, 4, 16, 64, 100];
    const kept = (part: Part, checkpoint: boolean) =>
      bytesOf(part, (innerSteps) => of({ ...inner, innerSteps, checkpoint }), steps);
    const [tapes, fewerTapes] = [await kept("tapes", false), await kept("tapes", true)];
    const [path, shorterPath] = [await kept("path", false), await kept("path", true)];
    const [perTape, perState] = [(tapes[4] - tapes[0]) / 99, (path[4] - path[0]) / 99];
    steps.forEach((K, i) => {
      const root = Math.sqrt(K);
      expect(fewerTapes[i] / perTape / root, `tapes, K = ${K}`).toBeCloseTo(1, 1);
      // What a step adds to the path is its state, and with some rules its gradient, which only the steps at hand keep.
      const states = (shorterPath[i] - shorterPath[0]) / perState;
      expect(states, `path, K = ${K}`).toBeLessThan(2.05 * (root - 1) + 0.05);
      expect(states, `path, K = ${K}`).toBeGreaterThan(1.45 * (root - 1) - 0.05);
    });
    expect(shorterPath[4] + fewerTapes[4]).toBeLessThan((path[4] + tapes[4]) / 4);
  });
});

test("maml of order 1 keeps no path at all", async () => {
  const [few, many] = await bytesOf(
    "path",
    (innerSteps) => maml({ ...inner, innerSteps, order: 1 }),
    [1, 100],
  );
  expect(many).toBe(few);
  expect((await make(maml({ ...inner, innerSteps: 100, order: 1 }))).memory.tapes).toBeUndefined();
});

describe.each(algorithms)("checkpoint of %s: the same bits as without", (_, of) => {
  test.each([0, 1, 2, 3, 7, 16, 100])("%i inner steps", async (innerSteps) => {
    for (const objective of [tanh, batchNorm])
      for (const order of [1, 2, [1, 2], [2, 1, 2, 1, 1, 2, 1]] as const) {
        const parameters = parametersOf(objective);
        const run = async (checkpoint: boolean) => {
          const algorithm = of({ ...inner, innerSteps, order, checkpoint });
          const learner = await learnerFor(objective, { parameters, algorithm });
          const losses = [1, 2].map((seed) => {
            const tasks = [taskOf(objective, seed), taskOf(objective, seed + 5, 40)];
            return learner.metaStep(tasks).loss;
          });
          return { losses, metaParameters: Array.from(learner.metaParameters) };
        };
        const [shorter, whole] = [await run(true), await run(false)];
        expect(shorter.losses, String(order)).toEqual(whole.losses);
        expect(shorter.metaParameters, String(order)).toEqual(whole.metaParameters);
        expect(shorter.losses.every(Number.isFinite)).toBe(true);
      }
  });
});
