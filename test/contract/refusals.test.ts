/** What algorithms refuse, and in which words. */
import { describe, expect, test } from "vitest";
import * as rvml from "../../src/index.ts";
import {
  activation,
  batchNorm,
  context,
  createLearner,
  crossEntropy,
  dense,
  meanSquaredError,
  mlp,
  type Model,
  sequential,
} from "../../src/index.ts";
import { core } from "../build.ts";
import { learnerFor } from "../learners.ts";
import { objectives, taskOf } from "../objectives.ts";
import { makers } from "./cases.ts";
import type { AlgorithmName } from "./oracles.ts";

const messageOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    expect([RangeError, TypeError]).toContain((error as Error).constructor);
    const kind = (error as Error).constructor === TypeError ? "TypeError" : "RangeError";
    return `${kind}: ${(error as Error).message}`;
  }
  return "nothing refused";
};

const LOOP = "innerLearningRate, innerSteps, order, firstOrderSteps";
const RATE = { innerLearningRate: 0.1 };

/** The names of an algorithm's options, as it lists them. */
const options: Partial<Record<AlgorithmName, string>> = {
  maml: `${LOOP}, checkpoint, layers or fastWeights`,
  anil: `${LOOP} or checkpoint`,
  boil: `${LOOP} or checkpoint`,
  tNet: `${LOOP}, checkpoint or warpLayers`,
  metaSgd: `${LOOP} or checkpoint`,
  mamlPlusPlus: `${LOOP}, checkpoint, learnRates or multiStepLoss`,
  alfa: `${LOOP} or checkpoint`,
  metaCurvature: `${LOOP} or checkpoint`,
  innerMomentum: `${LOOP}, checkpoint or momentum`,
  innerAdam: `${LOOP}, checkpoint, beta1, beta2 or epsilon`,
  cavia: `${LOOP} or checkpoint`,
  warpGrad: `${LOOP}, checkpoint or warpLayers`,
  implicitMaml: "innerLearningRate, innerSteps, lambda, cgSteps, damping or tolerance",
  protoMaml: `${LOOP} or checkpoint`,
  prototypical: "",
  learnedOptimizer:
    "innerSteps, order, firstOrderSteps, checkpoint, hiddenSize, unroll, outputScale or learnStart",
  multiTask: "tasks, innerLearningRate or innerSteps",
  reptile: "innerLearningRate, innerOptimizer, innerSteps or innerBatchSize",
  pretrain: "innerLearningRate or innerSteps",
};

const names = Object.keys(options) as AlgorithmName[];
const listed = (name: AlgorithmName, option: string) => options[name]?.includes(option);

describe.each(names)("%s", (name) => {
  const make = (value: unknown) => () => makers[name](value);

  test("knows its options, and no other", () => {
    expect(messageOf(make({ innerRate: 0.1 }))).toBe(
      `TypeError: ${name}: expected options ${options[name]}, got "innerRate"`,
    );
    expect(messageOf(make(3))).toBe(`TypeError: ${name}: expected an object of options, got 3`);
    expect(messageOf(make(null))).toBe(
      `TypeError: ${name}: expected an object of options, got null`,
    );
  });
});

/** What goes for all that have the option, with what else they need. */
const withRate = names.filter((name) => listed(name, "innerLearningRate"));
const withOrder = names.filter((name) => listed(name, "order"));
const needs: Partial<Record<AlgorithmName, object>> = {
  multiTask: { tasks: 2 },
  reptile: { innerSteps: 1 },
};

describe.each(withRate)("%s, α and K", (name) => {
  const refused = (value: object) =>
    messageOf(() => makers[name]({ ...RATE, ...needs[name], ...value }));
  const least = name === "implicitMaml" || name === "reptile" ? 1 : 0;

  test.each([
    [{ innerLearningRate: -0.1 }, "RangeError", "innerLearningRate ≥ 0, got -0.1"],
    [{ innerLearningRate: NaN }, "RangeError", "finite innerLearningRate ≥ 0, got NaN"],
    [{ innerLearningRate: "1" }, "TypeError", 'number innerLearningRate ≥ 0, got "1"'],
    [{ innerSteps: least - 1 }, "RangeError", `innerSteps ≥ ${least}, got ${least - 1}`],
    [{ innerSteps: 1.5 }, "RangeError", `integer innerSteps ≥ ${least}, got 1.5`],
    [{ innerSteps: "2" }, "TypeError", `integer innerSteps ≥ ${least}, got "2"`],
  ])("refuses %j", (value, kind, words) => {
    expect(refused(value)).toBe(`${kind}: ${name}: expected ${words}`);
  });

  test("takes the bounds themselves", () => {
    makers[name]({ ...RATE, ...needs[name], innerLearningRate: 0, innerSteps: least });
  });

  if (name !== "reptile" && name !== "pretrain")
    test("up to 10,000 steps", () => {
      expect(refused({ innerSteps: 10_001 })).toBe(
        `RangeError: ${name}: expected innerSteps ≤ 10000, got 10001`,
      );
      makers[name]({ ...RATE, ...needs[name], innerSteps: 10_000 });
    });
});

describe.each(withOrder)("%s, order and memory", (name) => {
  const valid = name === "learnedOptimizer" ? {} : RATE;
  test.each([
    [{ order: 3 }, "RangeError", "order 1 or 2, got 3"],
    [{ order: "2" }, "TypeError", 'order 1 or 2, got "2"'],
    [{ order: [] }, "TypeError", "order of at least one step, got []"],
    [{ order: [1, 0] }, "RangeError", "order 1 or 2, got 0"],
    [{ firstOrderSteps: -1 }, "RangeError", "firstOrderSteps ≥ 0, got -1"],
    [{ firstOrderSteps: 0.5 }, "RangeError", "integer firstOrderSteps ≥ 0, got 0.5"],
    [{ checkpoint: 1 }, "TypeError", "checkpoint true or false, got 1"],
  ])("refuses %j", (value, kind, words) => {
    expect(messageOf(() => makers[name]({ ...valid, ...value }))).toBe(
      `${kind}: ${name}: expected ${words}`,
    );
  });
});

test.each([
  ["maml", { layers: [] }, "TypeError", "layers as a list of at least one layer's index, got []"],
  ["maml", { layers: 2 }, "TypeError", "layers as a list of at least one layer's index, got 2"],
  ["maml", { layers: [0, -1] }, "RangeError", "layers index ≥ 0, got -1"],
  ["maml", { layers: ["0"] }, "TypeError", 'integer layers index ≥ 0, got "0"'],
  ["tNet", { warpLayers: [1.5] }, "RangeError", "integer warpLayers index ≥ 0, got 1.5"],
  ["warpGrad", { warpLayers: [-2] }, "RangeError", "warpLayers index ≥ 0, got -2"],
  [
    "metaSgd",
    { innerLearningRate: { from: 1 } },
    "TypeError",
    "number innerLearningRate.to ≥ 1, got undefined",
  ],
  [
    "metaSgd",
    { innerLearningRate: { from: 2, to: 1 } },
    "RangeError",
    "innerLearningRate.to ≥ 2, got 1",
  ],
  [
    "metaSgd",
    { innerLearningRate: { from: -1, to: 1 } },
    "RangeError",
    "innerLearningRate.from ≥ 0, got -1",
  ],
  ["metaSgd", { innerLearningRate: { low: 1 } }, "TypeError", 'options from or to, got "low"'],
  ["metaSgd", { innerLearningRate: null }, "TypeError", "number innerLearningRate ≥ 0, got null"],
  ["mamlPlusPlus", { learnRates: 1 }, "TypeError", "learnRates true or false, got 1"],
  ["mamlPlusPlus", { multiStepLoss: -1 }, "RangeError", "multiStepLoss ≥ 0, got -1"],
  ["innerMomentum", { momentum: 1 }, "RangeError", "0 ≤ momentum < 1, got 1"],
  ["innerMomentum", { momentum: -0.1 }, "RangeError", "0 ≤ momentum < 1, got -0.1"],
  ["innerAdam", { beta1: 1 }, "RangeError", "0 ≤ beta1 < 1, got 1"],
  ["innerAdam", { beta1: -1 }, "RangeError", "0 ≤ beta1 < 1, got -1"],
  ["innerAdam", { beta2: 1 }, "RangeError", "0 ≤ beta2 < 1, got 1"],
  ["innerAdam", { beta2: -1 }, "RangeError", "0 ≤ beta2 < 1, got -1"],
  ["innerAdam", { epsilon: 1e-13 }, "RangeError", "epsilon ≥ 1e-12, got 1e-13"],
  ["implicitMaml", { lambda: 0 }, "RangeError", "lambda > 0, got 0"],
  ["implicitMaml", { cgSteps: 0 }, "RangeError", "cgSteps ≥ 1, got 0"],
  ["implicitMaml", { damping: -1 }, "RangeError", "damping ≥ 0, got -1"],
  ["implicitMaml", { tolerance: -1 }, "RangeError", "tolerance ≥ 0, got -1"],
  ["learnedOptimizer", { innerSteps: 0 }, "RangeError", "innerSteps ≥ 1, got 0"],
  ["learnedOptimizer", { innerSteps: 10_001 }, "RangeError", "innerSteps ≤ 10000, got 10001"],
  ["learnedOptimizer", { hiddenSize: 0 }, "RangeError", "1 ≤ hiddenSize ≤ 4096, got 0"],
  ["learnedOptimizer", { hiddenSize: 4097 }, "RangeError", "1 ≤ hiddenSize ≤ 4096, got 4097"],
  ["learnedOptimizer", { unroll: 0 }, "RangeError", "unroll ≥ 1, got 0"],
  ["learnedOptimizer", { outputScale: 0 }, "RangeError", "outputScale > 0, got 0"],
  ["learnedOptimizer", { learnStart: 1 }, "TypeError", "learnStart true or false, got 1"],
  ["multiTask", { tasks: 0 }, "RangeError", "1 ≤ tasks ≤ 16777215, got 0"],
  ["multiTask", { tasks: 0x1000000 }, "RangeError", "1 ≤ tasks ≤ 16777215, got 16777216"],
  ["multiTask", {}, "TypeError", "integer 1 ≤ tasks ≤ 16777215, got undefined"],
  ["reptile", { innerSteps: 1, innerBatchSize: 0 }, "RangeError", "innerBatchSize ≥ 1, got 0"],
  ["reptile", {}, "TypeError", "integer innerSteps ≥ 1, got undefined"],
] as [AlgorithmName, object, string, string][])("%s refuses %j", (name, value, kind, words) => {
  const base = name === "learnedOptimizer" ? {} : RATE;
  expect(messageOf(() => makers[name]({ ...base, ...value }))).toBe(
    `${kind}: ${name}: expected ${words}`,
  );
});

test("reptile: a rate or an optimizer, not both and not neither", () => {
  const innerOptimizer = rvml.sgd({ learningRate: 0.1 });
  const refused = (value: object) => messageOf(() => makers.reptile({ innerSteps: 1, ...value }));
  const either = "TypeError: reptile: expected either innerLearningRate or innerOptimizer, got";
  expect(refused({})).toBe(`${either} { innerSteps }`);
  expect(refused({ ...RATE, innerOptimizer })).toBe(
    `${either} { innerSteps, innerLearningRate, innerOptimizer }`,
  );
  expect(refused({ innerOptimizer: "adam" })).toBe(
    'TypeError: reptile: expected an optimizer as innerOptimizer, got "adam"',
  );
});

const twoLayers = mlp({ sizes: [2, 3, 2] });
const oneLayer = mlp({ sizes: [2, 2] });
const nothingToLearn = sequential([dense({ inSize: 2, outSize: 2 }), activation("tanh")]);
const unbiased = sequential([dense({ inSize: 2, outSize: 2, bias: false })]);
const norms = sequential([dense({ inSize: 2, outSize: 2 }), batchNorm(), activation("tanh")]);
const fixedNorm = sequential([dense({ inSize: 2, outSize: 3 }), batchNorm({ adapted: false })]);
const WARP = "a layer that warps and one that adapts";
const HEAD = "a last layer with parameters that adapts";

test.each([
  ["boil", {}, oneLayer, "a model of at least 2 layers with parameters, got 1"],
  ["boil", {}, nothingToLearn, "a model of at least 2 layers with parameters, got 1"],
  ["cavia", {}, twoLayers, "a model with a context layer, got 0"],
  ["maml", { layers: [0, 1] }, twoLayers, "layers with parameters (of 0, 2), got 1"],
  ["maml", { layers: [3] }, twoLayers, "layers with parameters (of 0, 2), got 3"],
  ["tNet", { warpLayers: [1] }, twoLayers, "warpLayers with parameters (of 0, 2), got 1"],
  ["warpGrad", { warpLayers: [1] }, twoLayers, "warpLayers with parameters (of 0, 2), got 1"],
  ["tNet", {}, oneLayer, `${WARP}, got warpLayers []`],
  ["tNet", {}, norms, `${WARP}, got warpLayers []`],
  ["tNet", { warpLayers: [0, 2] }, twoLayers, `${WARP}, got warpLayers [0, 2]`],
  ["warpGrad", { warpLayers: [0, 2] }, twoLayers, `${WARP}, got warpLayers [0, 2]`],
  ["warpGrad", {}, oneLayer, `${WARP}, got warpLayers []`],
  ["multiTask", { tasks: 3 }, fixedNorm, `${HEAD}, got batchNorm that does not`],
  ["protoMaml", {}, twoLayers, 'crossEntropy as loss, got "meanSquaredError"'],
  ["prototypical", undefined, twoLayers, 'crossEntropy as loss, got "meanSquaredError"'],
] as [AlgorithmName, object, Model, string][])(
  "%s %j refuses a model",
  async (name, value, model, words) => {
    const algorithm = makers[name](value && { ...RATE, ...value });
    const loss = meanSquaredError();
    const learner = createLearner({
      model,
      loss,
      algorithm,
      metaOptimizer: rvml.adam(),
      seed: 1,
      core,
    });
    await expect(learner).rejects.toThrow(new RangeError(`${name}: expected ${words}`));
  },
);

test.each([
  ["protoMaml", nothingToLearn, `a dense layer as the model's last, got "activation"`],
  ["prototypical", nothingToLearn, `a dense layer as the model's last, got "activation"`],
  ["protoMaml", unbiased, "a bias in the model's last layer, got undefined"],
  ["prototypical", unbiased, "a bias in the model's last layer, got undefined"],
] as const)("%s refuses a last layer that holds no prototypes", async (name, model, words) => {
  const learner = createLearner({
    model,
    loss: crossEntropy(),
    algorithm: makers[name](name === "protoMaml" ? RATE : {}),
    metaOptimizer: rvml.adam(),
    seed: 1,
    core,
  });
  await expect(learner).rejects.toThrow(new RangeError(`${name}: expected ${words}`));
});

test("multiTask refuses a task in training that it has no head for", async () => {
  const [objective] = objectives;
  const algorithm = rvml.multiTask({ tasks: 2 });
  const learner = await learnerFor(objective, { algorithm });
  const task = { ...taskOf(objective, 1), index: 0 };
  const before = learner.save();
  const refused = (index: unknown) =>
    messageOf(() => learner.metaStep([task, { ...task, index: index as number }]));
  expect([undefined, "1", 2, -1, 0.5].map(refused)).toEqual([
    "TypeError: multiTask: expected integer 0 ≤ task.index < 2, got undefined",
    'TypeError: metaStep: expected integer 0 ≤ task.index < 16777215, got "1"',
    "RangeError: multiTask: expected 0 ≤ task.index < 2, got 2",
    "RangeError: metaStep: expected 0 ≤ task.index < 16777215, got -1",
    "RangeError: metaStep: expected integer 0 ≤ task.index < 16777215, got 0.5",
  ]);
  expect(learner.save()).toEqual(before);
  learner.adapt(task.support);
  learner.metaStep([{ ...task, index: 1 }]);
});

test("a model of context layers and one dense layer is enough for cavia", async () => {
  const model = sequential([context({ inSize: 2, size: 1 }), dense({ outSize: 1 })]);
  const algorithm = rvml.cavia(RATE);
  const loss = meanSquaredError();
  const learner = await createLearner({
    model,
    loss,
    algorithm,
    metaOptimizer: rvml.adam(),
    seed: 1,
    core,
  });
  const support = { inputs: [1, 2], targets: [3], rows: 1 };
  const { parameters } = learner.adapt(support);
  expect(parameters.slice(1)).toEqual(learner.parameters.slice(1));
  expect(parameters[0]).not.toBe(learner.parameters[0]);
});
