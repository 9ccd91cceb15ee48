/** Batch norm by constant statistics, and what makes it of a model's batch norms. */
import { describe, expect, test } from "vitest";
import {
  activation,
  adam,
  type Algorithm,
  alfa,
  anil,
  batchNorm,
  conv2d,
  createLearner,
  dense,
  evaluate,
  flatten,
  freezeNorms,
  frozenNorm,
  type FrozenNormOptions,
  implicitMaml,
  type Learner,
  loadLearner,
  maml,
  metaSgd,
  type Model,
  Random,
  reptile,
  sequential,
} from "../src/index.ts";
import { core } from "./build.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "./close.ts";
import { type AlgorithmName, oracles } from "./contract/oracles.ts";
import { losses } from "./learners.ts";
import { modelOf } from "./library-model.ts";
import { noise } from "./noise.ts";
import type { Layer, Sequential } from "./oracle/network.ts";
import { withLayers } from "./with-layers.ts";

const statistics = (channels: number) => ({
  mean: Array.from(noise(5, channels), Math.fround),
  variance: Array.from(noise(6, channels), (value) => Math.fround(0.3 + value * value)),
});
const frozen = (channels: number, more: object = {}): Layer => ({
  kind: "frozenNorm",
  ...statistics(channels),
  ...more,
});
const tanh: Layer = { kind: "activation", name: "tanh" };

/** Channels below, at and above a vector's four; with and without γ and β; first of all layers, on rows and on pixels. */
const models: Record<string, Sequential> = {
  rows: {
    inSize: 3,
    layers: [
      frozen(3),
      { kind: "dense", outSize: 7 },
      frozen(7),
      tanh,
      { kind: "dense", outSize: 4 },
      frozen(4, { scale: false, epsilon: 0.1 }),
      { kind: "dense", outSize: 2 },
    ],
  },
  images: {
    inSize: 5 * 4 * 2,
    inShape: [5, 4, 2],
    layers: [
      { kind: "conv2d", filters: 5, kernel: [3, 3], padding: "same" } as Layer,
      frozen(5, { shift: false }),
      tanh,
      { kind: "conv2d", filters: 6, kernel: [3, 3], stride: [2, 2] } as Layer,
      frozen(6),
      { kind: "flatten" },
      { kind: "dense", outSize: 2 },
    ],
  },
};

const batch = (inSize: number, rows: number, seed: number) => ({
  inputs: noise(seed, rows * inSize),
  targets: noise(seed + 1, rows * 2),
  rows,
});
const tasksOf = ({ inSize }: Sequential) => [
  { support: batch(inSize, 5, 10), query: batch(inSize, 9, 12) },
  { support: batch(inSize, 33, 14), query: batch(inSize, 4, 16) },
];

const learner = (model: Model, algorithm: Algorithm, maxRows?: number): Promise<Learner> =>
  createLearner({
    model,
    loss: losses.meanSquaredError(),
    algorithm,
    metaOptimizer: adam({ learningRate: 0.01 }),
    seed: 1,
    core,
    ...(maxRows !== undefined && { maxRows }),
  });

const inner = { innerLearningRate: 0.1, innerSteps: 2 };
const algorithms = {
  maml: maml(inner),
  metaSgd: metaSgd(inner),
  anil: anil(inner),
  alfa: alfa(inner),
};

describe.each(Object.keys(models))("%s", (name) => {
  const model = models[name];
  const objective = { model, loss: "meanSquaredError" } as const;

  test.each(Object.keys(algorithms) as (keyof typeof algorithms & AlgorithmName)[])(
    "%s: the meta-gradient and φ are the f64 oracle's",
    async (algorithm) => {
      const made = await learner(modelOf(model), algorithms[algorithm]);
      const { metaParameters, parameters } = made;
      const random = new Random(3);
      for (let i = 0; i < parameters.length; i++) metaParameters[i] = 0.5 * random.normal();
      const tasks = tasksOf(model);
      const { loss, gradient } = made.metaGradient(tasks);
      const expected = oracles[algorithm].gradient(objective, metaParameters, tasks, inner);
      expectClose(loss, expected.loss, LOSS_TOLERANCE, "loss");
      expectClose(gradient, expected.gradient, 2 * GRADIENT_TOLERANCE, "gradient");
      const phi = oracles[algorithm].adapt(objective, metaParameters, tasks[0].support, inner);
      expectClose(made.adapt(tasks[0].support).parameters, phi, GRADIENT_TOLERANCE, "φ");
    },
  );

  test("implicitMaml: the meta-gradient is the f64 oracle's", async () => {
    // With less λ, ∇²L + λ has negative curvature on the images, and conjugate gradients are not for that.
    const options = {
      innerLearningRate: 0.01,
      lambda: 20,
      damping: 0.5,
      cgSteps: 60,
      tolerance: 1e-5,
    };
    const made = await learner(modelOf(model), implicitMaml(options));
    const tasks = tasksOf(model);
    const { gradient } = made.metaGradient(tasks);
    const asked = [objective, made.metaParameters, tasks, options] as const;
    // As far off as the solver's residual says, a few times.
    expectClose(gradient, oracles.implicitMaml.gradient(...asked).gradient, 6e-5, "gradient");
  });

  test("scale and shift that do not adapt; and where that is refused", async () => {
    const fixed = withLayers(model, (layer) =>
      layer.kind === "frozenNorm" ? { ...layer, adapted: false } : layer,
    );
    const made = await learner(modelOf(fixed), maml(inner));
    const tasks = tasksOf(model);
    const { gradient } = made.metaGradient(tasks);
    const asked = [{ ...objective, model: fixed }, made.metaParameters, tasks, inner] as const;
    expectClose(
      gradient,
      oracles.maml.gradient(...asked).gradient,
      2 * GRADIENT_TOLERANCE,
      "gradient",
    );
    await expect(learner(modelOf(fixed), reptile(inner))).rejects.toThrow("layers that all adapt");
  });
});

/** Dense, batch norm, tanh, batch norm without γ, dense; or the same with convolutions. */
const withBatchNorm = (image: boolean, options: object = {}): Model =>
  sequential([
    image
      ? conv2d({ inShape: [3, 3, 2], filters: 5, kernel: 2 })
      : dense({ inSize: 18, outSize: 5 }),
    batchNorm(options),
    activation("tanh"),
    batchNorm({ scale: false, epsilon: 0.01, ...options }),
    flatten(),
    dense({ outSize: 2 }),
  ]);

describe.each([false, true])("freezeNorms, images: %s", (image) => {
  test.each([{}, { statistics: "support" }])("on the same rows the same, %j", async (options) => {
    const made = await learner(withBatchNorm(image, options), maml(inner), 40);
    const plain = await learner(withBatchNorm(image), maml(inner), 40);
    const inputs = noise(9, 18 * 30).map((value) => 3 * value + 1);
    const model = freezeNorms(made, inputs);
    const after = await learner(model, maml(inner));
    expect(after.parameters.length).toBe(made.parameters.length);
    after.setParameters(made.parameters);
    plain.setParameters(made.parameters);
    expectClose(after.predict(inputs), plain.predict(inputs), 1e-5, "outputs");
    // Row by row, they stay what they are.
    const alone = after.predict(inputs.subarray(18, 36));
    expect(alone).toEqual(after.predict(inputs).subarray(2, 4));
    const loaded = await loadLearner(after.save(), { core });
    expect(loaded.predict(inputs)).toEqual(after.predict(inputs));
    const [judged] = evaluate(after, [tasksOf({ inSize: 18, layers: [] })[0]], { steps: [1] });
    expect(judged.transductive).toBeUndefined();
  });
});

test("the first norm's statistics are those of what it meets", async () => {
  const made = await learner(withBatchNorm(false), maml(inner), 30);
  const inputs = noise(9, 18 * 30);
  const { mean, variance } = freezeNorms(made, inputs).layers[1]
    .spec as unknown as FrozenNormOptions;
  const { parameters } = made;
  for (let j = 0; j < 5; j++) {
    const column = Array.from({ length: 30 }, (_, row) => {
      let sum = parameters[18 * 5 + j];
      for (let i = 0; i < 18; i++) sum += inputs[row * 18 + i] * parameters[i * 5 + j];
      return sum;
    });
    const center = column.reduce((a, b) => a + b) / 30;
    const square = column.reduce((a, b) => a + (b - center) ** 2, 0) / 30;
    expect(Math.abs(mean[j] - center)).toBeLessThan(1e-6);
    expect(Math.abs(variance[j] - square)).toBeLessThan(1e-6);
  }
});

test("what is refused", async () => {
  const made = await learner(withBatchNorm(false), maml(inner), 30);
  expect(() => freezeNorms(made, noise(1, 18 * 31))).toThrow(
    "freezeNorms: expected inputs of 1 … 30 rows of 18, got 558",
  );
  expect(() => freezeNorms(made, noise(1, 17))).toThrow("freezeNorms: expected inputs of");
  expect(() => freezeNorms(made, [NaN, ...noise(1, 17)])).toThrow("freezeNorms: expected");
  expect(() => freezeNorms(made, [1e39, ...noise(1, 17)])).toThrow(
    "freezeNorms: expected inputs of at most 3.4e38, got 1e+39 at index 0",
  );
  expect(() => freezeNorms({} as Learner, [])).toThrow("freezeNorms: expected a learner");
  const none = await learner(sequential([dense({ inSize: 2, outSize: 2 })]), maml(inner));
  expect(() => freezeNorms(none, [1, 2])).toThrow("freezeNorms: expected a model with batchNorm");
  const steps = await learner(withBatchNorm(false, { perStep: 2 }), maml(inner), 30);
  expect(() => freezeNorms(steps, noise(1, 36))).toThrow("batchNorm without perStep, got 2");
  const two = { mean: [0, 1], variance: [1, 2] };
  expect(() => frozenNorm({ ...two, variance: [1, -1] })).toThrow(
    "frozenNorm: expected variance[1] ≥ 0, got -1",
  );
  expect(() => frozenNorm({ ...two, variance: [1] })).toThrow(
    "frozenNorm: expected variance.length 2",
  );
  expect(() => frozenNorm({ mean: [], variance: [] })).toThrow("at least one channel");
  expect(() => frozenNorm({ ...two, mean: [0, Infinity] })).toThrow("frozenNorm: expected");
  expect(() => sequential([dense({ inSize: 1, outSize: 3 }), frozenNorm(two)])).toThrow(
    "frozenNorm: expected inputs of 2 channels, got 3",
  );
});
