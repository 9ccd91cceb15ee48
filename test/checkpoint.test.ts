import { describe, expect, test } from "vitest";
import {
  adam,
  batchNorm,
  clipNorm,
  cosine,
  createLearner,
  crossEntropy,
  dense,
  activation,
  layerNorm,
  type Learner,
  linear,
  loadLearner,
  maml,
  metaTrain,
  mlp,
  type Optimizer,
  pretrain,
  Random,
  reptile,
  sequential,
  sgd,
  sinusoids,
} from "../src/index.ts";
import { core } from "./build.ts";
import { learnerOf } from "./learners.ts";
import { readFile } from "./safetensors-reader.ts";

const model = mlp({ sizes: [1, 8, 1], activation: "tanh" });
const start = (metaOptimizer: Optimizer, algorithm = maml({ innerLearningRate: 0.01 })) =>
  learnerOf({ model, algorithm, metaOptimizer, seed: 5 });

async function train(learner: Learner, steps: number): Promise<Learner> {
  for await (const _ of metaTrain(learner, sinusoids(), { steps, metaBatchSize: 3 }));
  return learner;
}

describe("train 20, save, load, train 20 = train 40, to the bit", () => {
  test.each([
    ["sgd", sgd({ learningRate: 0.01 })],
    ["momentum", sgd({ learningRate: 0.01, momentum: 0.9 })],
    ["adam", adam({ learningRate: 0.01 })],
    ["adamW, cosine", adam({ learningRate: cosine({ from: 0.02, steps: 30 }), weightDecay: 0.1 })],
    ["clipNorm(adam, cosine)", clipNorm(adam({ learningRate: cosine({ from: 1, steps: 60 }) }), 1)],
    ["sgd, linear", sgd({ learningRate: linear({ from: 0.02, to: 0.001, steps: 30 }) })],
    ["clipNorm(momentum)", clipNorm(sgd({ learningRate: 0.01, momentum: 0.5 }), 2)],
  ])("%s", async (_, metaOptimizer) => {
    const whole = await train(await start(metaOptimizer), 40);
    const half = await train(await start(metaOptimizer), 20);
    const rest = await train(await loadLearner(half.save(), { core }), 20);
    expect(rest.parameters).toEqual(whole.parameters);
    expect(rest.save()).toEqual(whole.save());
  });

  test.each([
    ["first-order maml", maml({ innerLearningRate: 0.02, innerSteps: 3, order: 1 })],
    ["reptile", reptile({ innerLearningRate: 0.02, innerSteps: 3 })],
    [
      "reptile, Adam inside",
      reptile({
        innerOptimizer: adam({ learningRate: cosine({ from: 0.1, to: 0.01, steps: 5 }), beta1: 0 }),
        innerSteps: 4,
        innerBatchSize: 3,
      }),
    ],
    ["pretrain", pretrain({ innerLearningRate: 0.1, innerSteps: 2 })],
  ])("%s", async (_, algorithm) => {
    const whole = await train(await start(adam(), algorithm), 40);
    const half = await train(await start(adam(), algorithm), 20);
    const rest = await train(await loadLearner(half.save(), { core }), 20);
    expect(rest.save()).toEqual(whole.save());
    const { support } = sinusoids().sample(new Random(3));
    expect(rest.adapt(support).parameters).toEqual(whole.adapt(support).parameters);
  });
});

describe("the file", () => {
  const layered = sequential([
    layerNorm(),
    dense({ inSize: 3, outSize: 4, initialization: "uniform" }),
    batchNorm(),
    activation("gelu"),
    dense({ outSize: 2 }),
  ]);
  const save = async (metadata?: Record<string, string>) => {
    const learner = await createLearner({
      model: layered,
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 0.1 }),
      metaOptimizer: adam(),
      seed: 2 ** 53 - 1,
      maxRows: 77,
      core,
    });
    return { learner, bytes: learner.save(metadata && { metadata }) };
  };

  test("is safetensors, as another reader reads it", async () => {
    const { learner, bytes } = await save();
    const { tensors, metadata } = readFile(bytes);
    expect(tensors.map(({ name, shape }) => `${name} ${shape.join("×")}`)).toEqual([
      "parameters.0.scale 3",
      "parameters.0.shift 3",
      "parameters.1.weight 3×4",
      "parameters.1.bias 4",
      "parameters.2.scale 4",
      "parameters.2.shift 4",
      "parameters.4.weight 4×2",
      "parameters.4.bias 2",
      "metaOptimizer.mean 40",
      "metaOptimizer.variance 40",
    ]);
    const parameters = tensors.filter(({ name }) => name.startsWith("parameters."));
    expect(parameters.flatMap(({ values }) => values)).toEqual(Array.from(learner.parameters));
    expect(Object.keys(metadata)).toEqual(["rvml"]);
    expect(JSON.parse(metadata.rvml)).toMatchObject({ version: 1, seed: 2 ** 53 - 1, maxRows: 77 });
  });

  test("brings back all that the learner was made of", async () => {
    const { learner, bytes } = await save();
    const loaded = await loadLearner(bytes, { core });
    expect(loaded.model.layers.map(({ spec }) => JSON.stringify(spec))).toEqual(
      layered.layers.map(({ spec }) => JSON.stringify(spec)),
    );
    expect(loaded.loss).toEqual(learner.loss);
    expect([loaded.seed, loaded.maxRows, loaded.step]).toEqual([2 ** 53 - 1, 77, 0]);
    expect(loaded.parameters).toEqual(learner.parameters);
    expect(loaded.save()).toEqual(bytes);
  });

  test("keeps the user's own words, whatever they are called", async () => {
    const words = JSON.parse('{ "units": "ms", "__proto__": "own", "": "ω\\u0000\\ud800" }');
    const { bytes } = await save(words);
    const loaded = await loadLearner(bytes, { core });
    expect(Object.entries(loaded.metadata)).toEqual([
      ["units", "ms"],
      ["__proto__", "own"],
      ["", "ω\u0000\ud800"],
    ]);
    expect(readFile(loaded.save()).metadata.units).toBe("ms");
  });

  test("is not written with a number that could not be read back", async () => {
    const learner = await learnerOf();
    learner.parameters[3] = NaN;
    expect(() => learner.save()).toThrow(
      new RangeError("save: expected finite parameters.0.weight, got NaN at index 3"),
    );
  });

  test("may start anywhere in a larger buffer", async () => {
    const { bytes } = await save();
    const shifted = new Uint8Array(bytes.length + 9).fill(255);
    shifted.set(bytes, 3);
    const loaded = await loadLearner(shifted.subarray(3, 3 + bytes.length), { core });
    expect(loaded.save()).toEqual(bytes);
  });

  test.each([
    [{ rvml: "mine" }, 'save: expected metadata under other names than "rvml", got "rvml"'],
    [{ rows: 3 }, "save: expected string metadata.rows, got 3"],
    ["words", 'save: expected metadata of strings, got "words"'],
  ])("refuses metadata %j, which could not be read back", async (metadata, message) => {
    await expect(save(metadata as never)).rejects.toThrow(message);
  });
});
