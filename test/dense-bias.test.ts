/** Dense layers without a bias, from the public names; their passes are held against the oracle in network.test.ts. */
import { expect, test } from "vitest";
import {
  activation,
  adam,
  type Algorithm,
  createLearner,
  crossEntropy,
  dense,
  type Initialization,
  loadLearner,
  type Loss,
  maml,
  meanSquaredError,
  prototypical,
  Random,
  sequential,
} from "../src/index.ts";
import { core } from "./build.ts";
import { expectClose, GRADIENT_TOLERANCE } from "./close.ts";
import { noise } from "./noise.ts";

const model = sequential([
  dense({ inSize: 3, outSize: 4, bias: false }),
  activation("tanh"),
  dense({ outSize: 2 }),
]);
const learn = (algorithm: Algorithm, loss: Loss, layers = model) =>
  createLearner({ model: layers, loss, algorithm, metaOptimizer: adam(), seed: 3, core });

test("θ is W alone, and a saved learner comes back the same", async () => {
  const learner = await learn(maml({ innerLearningRate: 0.1 }), meanSquaredError());
  expect(learner.parameters.length).toBe(12 + 8 + 2);
  const { support, query } = {
    support: { inputs: noise(1, 15), targets: noise(2, 10), rows: 5 },
    query: { inputs: noise(3, 12), targets: noise(4, 8), rows: 4 },
  };
  learner.metaStep([{ support, query }]);
  const loaded = await loadLearner(learner.save(), { core });
  expect(loaded.model.layers[0].spec).toEqual(model.layers[0].spec);
  expect(loaded.adapt(support).parameters).toEqual(learner.adapt(support).parameters);
});

test("of one layer: y = xW, and a step of descent on the mean square is W − α·2/n·xᵀ(xW − t)", async () => {
  const linear = sequential([dense({ inSize: 2, outSize: 1, bias: false })]);
  const learner = await learn(maml({ innerLearningRate: 0.3 }), meanSquaredError(), linear);
  learner.setParameters([2, -1]);
  expect(learner.predict([1, 1, 3, 0])).toEqual(Float32Array.of(1, 6));
  // Errors 1 and 5 on rows (1, 1) and (3, 0).
  const { parameters } = learner.adapt({ inputs: [1, 1, 3, 0], targets: [0, 1], rows: 2 });
  expectClose(parameters, [2 - 0.3 * 16, -1 - 0.3], GRADIENT_TOLERANCE, "W");
});

test.each(["he", "glorot", "uniform", "truncatedNormal"] as const)(
  "%s draws the W that it draws with a bias",
  (initialization: Initialization) => {
    const draw = (bias: boolean) => {
      const layer = dense({ outSize: 4, bias, initialization });
      const values = new Float32Array(12 + (bias ? 4 : 0));
      layer.initialize([3], values, new Random(1));
      return values.slice(0, 12);
    };
    expect(draw(false)).toEqual(draw(true));
  },
);

test("is refused where a bias is needed, and where it is neither true nor false", async () => {
  const layers = sequential([dense({ inSize: 3, outSize: 2, bias: false })]);
  await expect(learn(prototypical(), crossEntropy(), layers)).rejects.toThrow(
    "prototypical: expected a bias in the model's last layer, got undefined",
  );
  expect(() => dense({ outSize: 2, bias: 0 as never })).toThrow(
    "dense: expected bias true or false, got 0",
  );
});
