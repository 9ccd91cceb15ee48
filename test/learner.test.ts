import { describe, expect, test } from "vitest";
import {
  adam,
  createLearner,
  crossEntropy,
  DivergedError,
  type LearnerOptions,
  maml,
  meanSquaredError,
  mlp,
  reptile,
  sgd,
  sinusoids,
  metaTrain,
} from "../src/index.ts";
import { core } from "./build.ts";
import { learnerFor } from "./learners.ts";
import { objectives, parametersOf, taskOf } from "./objectives.ts";

const [regression] = objectives;
const options: LearnerOptions = {
  model: mlp({ sizes: [2, 3, 1], activation: "tanh" }),
  loss: meanSquaredError(),
  algorithm: maml({ innerLearningRate: 0.1 }),
  metaOptimizer: adam(),
  seed: 1,
  core,
};

describe("createLearner", () => {
  const refusals: [object, string][] = [
    [
      { learningRate: 1 },
      "createLearner: expected options model, loss, algorithm, metaOptimizer, seed, parameters, maxRows, onDivergence, maxTaskNorm or core, " +
        'got "learningRate"',
    ],
    [{ model: undefined }, "createLearner: expected a model, got undefined"],
    [{ model: { layers: 3 } }, "createLearner: expected a model, got { layers }"],
    [{ loss: meanSquaredError }, "createLearner: expected a loss, got function meanSquaredError"],
    [{ algorithm: undefined }, "createLearner: expected an algorithm, got undefined"],
    [
      { algorithm: adam() },
      "createLearner: expected an algorithm, got { kind, options, allocate }",
    ],
    [
      { metaOptimizer: "adam" },
      'createLearner: expected an optimizer as metaOptimizer, got "adam"',
    ],
    [{ seed: undefined }, "createLearner: expected integer seed ≥ 0, got undefined"],
    [{ seed: -1 }, "createLearner: expected seed ≥ 0, got -1"],
    [{ seed: 0.5 }, "createLearner: expected integer seed ≥ 0, got 0.5"],
    [{ maxRows: 0 }, "createLearner: expected 1 ≤ maxRows ≤ 16777216, got 0"],
    [{ core: {} }, "createLearner: expected a compiled core, got {}"],
    [{ parameters: "θ" }, 'createLearner: expected array parameters, got "θ"'],
    [{ parameters: null }, "createLearner: expected array parameters, got null"],
    [{ parameters: [1, 2] }, "createLearner: expected parameters.length 13, got 2"],
    [
      { parameters: new Float32Array(13).fill(NaN, 4) },
      "createLearner: expected finite parameters, got NaN at index 4",
    ],
    [
      { parameters: new Float64Array(13).fill(1e39, 12) },
      "createLearner: expected parameters of at most 3.4e38, got 1e+39 at index 12",
    ],
  ];

  test.each(refusals)("refuses %j", async (wrong, message) => {
    const error = await createLearner({ ...options, ...wrong }).catch((reason: unknown) => reason);
    expect((error as Error).message).toBe(message);
    expect([RangeError, TypeError]).toContain((error as Error).constructor);
  });

  test("refuses no options at all", async () => {
    await expect(createLearner(undefined as never)).rejects.toThrow(
      "createLearner: expected an object of options, got undefined",
    );
  });

  test("refuses a model too large for 4 GiB", async () => {
    const model = mlp({ sizes: [40_000, 40_000] });
    await expect(createLearner({ ...options, model })).rejects.toThrow(
      /^createLearner: expected at most 4294967296 bytes of memory, got \d+$/,
    );
  });

  test("takes θ as it is given, and hands it out live", async () => {
    const parameters = Array.from({ length: 13 }, (_, i) => i / 8);
    const learner = await createLearner({ ...options, parameters });
    expect(Array.from(learner.parameters)).toEqual(parameters);
    expect(learner.metaParameters).toEqual(learner.parameters);
    expect(learner.metaParameters.buffer).toBe(learner.parameters.buffer);
    learner.setParameters(parameters.map((value) => -value));
    expect(learner.parameters[12]).toBe(-1.5);
    expect(() => learner.setParameters([1])).toThrow(
      "setParameters: expected parameters.length 13, got 1",
    );
  });

  test("another seed draws another θ, the same seed the same", async () => {
    const [a, b, c] = await Promise.all(
      [1, 1, 2].map((seed) => createLearner({ ...options, seed })),
    );
    expect(a.parameters).toEqual(b.parameters);
    expect(a.parameters).not.toEqual(c.parameters);
  });
});

describe("training that diverges", () => {
  test.each([
    ["loss", maml({ innerLearningRate: 0.1 }), /got loss (Infinity|NaN) at meta-step 1$/],
    ["reptile", reptile({ innerLearningRate: 0.1, innerSteps: 5 }), /at meta-step 1$/],
  ])("%s not finite: says at which step, changes nothing", async (_, algorithm, message) => {
    const parameters = parametersOf(regression).fill(1e30);
    const learner = await learnerFor(regression, { parameters, algorithm });
    const before = learner.save();
    const task = taskOf(regression, 1);
    const attempt = () => learner.metaStep([task]);
    expect(attempt).toThrow(DivergedError);
    expect(attempt).toThrow(/^metaStep: expected finite loss and gradient, got /);
    expect(attempt).toThrow(message);
    expect(learner.save()).toEqual(before);
    learner.setParameters(parametersOf(regression));
    expect(learner.metaStep([task]).loss).toBeLessThan(10);
  });

  test("metaTrain stops there; the learner is as after the last good step", async () => {
    const learner = await learnerFor(
      { model: { sizes: [1, 8, 1], activation: "relu" }, loss: "meanSquaredError" },
      { metaOptimizer: sgd({ learningRate: 1e4 }) },
    );
    let last = learner.save();
    const run = async () => {
      for await (const _ of metaTrain(learner, sinusoids(), { steps: 100 })) last = learner.save();
    };
    const error = (await run().catch((reason: unknown) => reason)) as DivergedError;
    expect(error).toBeInstanceOf(DivergedError);
    expect(error.step).toBeGreaterThan(0);
    expect(error.step).toBe(learner.step);
    expect(learner.save()).toEqual(last);
  });

  test("a number lost to Infinity − Infinity shows in the loss, with ReLU too", async () => {
    const objective = { ...regression, model: { sizes: [2, 4, 1], activation: "relu" as const } };
    const learner = await learnerFor(objective);
    learner.parameters[0] = NaN;
    expect(() => learner.metaStep([taskOf(objective, 1)])).toThrow(DivergedError);
  });
});

test("a class that no row has is no obstacle", async () => {
  const model = mlp({ sizes: [2, 3] });
  const learner = await createLearner({ ...options, model, loss: crossEntropy() });
  const batch = { inputs: [1, 2], targets: [2], rows: 1 };
  expect(learner.metaStep([{ support: batch, query: batch }]).loss).toBeGreaterThan(0);
});
