/** mlp's norm: a name, or a layer of the caller's own. */
import { describe, expect, test } from "vitest";
import {
  activation,
  adam,
  batchNorm,
  createLearner,
  dense,
  groupNorm,
  type Layer,
  layerNorm,
  loadLearner,
  maml,
  meanSquaredError,
  mlp,
  type Model,
} from "../src/index.ts";
import { core } from "./build.ts";
import { taskOf } from "./objectives.ts";

const sizes = [3, 8, 6, 2];
const kindsOf = ({ layers }: Model) => layers.map(({ spec }) => spec.kind);
const specsOf = ({ layers }: Model) => layers.map(({ spec }) => spec);

const make = (model: Model) =>
  createLearner({
    model,
    loss: meanSquaredError(),
    algorithm: maml({ innerLearningRate: 0.1, innerSteps: 2 }),
    metaOptimizer: adam(),
    seed: 1,
    core,
  });
const task = taskOf({ model: { sizes, activation: "relu" }, loss: "meanSquaredError" }, 1);

const norms: [string, Layer][] = [
  ["batchNorm", batchNorm({ scale: false, adapted: false })],
  ["layerNorm", layerNorm({ shift: false, epsilon: 0.1 })],
  ["groupNorm", groupNorm({ groups: 2 })],
];

describe.each(norms)("%s", (kind, norm) => {
  const model = mlp({ sizes, norm, activation: "tanh" });

  test("stands behind each dense layer but the last, with its own options", () => {
    const hidden = ["dense", kind, "activation"];
    expect(kindsOf(model)).toEqual([...hidden, ...hidden, "dense"]);
    expect([model.layers[1], model.layers[4]]).toEqual([norm, norm]);
    expect(model.layers[1].spec).toBe(norm.spec);
    const withContext = mlp({ sizes, norm, context: 2 });
    expect(kindsOf(withContext)).toEqual(["context", ...hidden, ...hidden, "dense"]);
    expect(kindsOf(mlp({ sizes: [3, 2], norm }))).toEqual(["dense"]);
  });

  test("is saved and loaded, to the same bits", async () => {
    const learner = await make(model);
    learner.metaStep([task]);
    const loaded = await loadLearner(learner.save(), { core });
    expect(specsOf(loaded.model)).toEqual(specsOf(model));
    expect(loaded.metaStep([task])).toEqual(learner.metaStep([task]));
    expect(loaded.parameters).toEqual(learner.parameters);
  });
});

test.each([
  ["batch", batchNorm()],
  ["layer", layerNorm()],
] as const)('"%s" is short for the layer with the usual options', async (name, norm) => {
  const [short, long] = [mlp({ sizes, norm: name }), mlp({ sizes, norm })];
  expect(specsOf(short)).toEqual(specsOf(long));
  const [a, b] = await Promise.all([make(short), make(long)]);
  expect(a.metaGradient([task])).toEqual(b.metaGradient([task]));
});

test("the layer's own demands hold", () => {
  expect(() => mlp({ sizes, norm: groupNorm({ groups: 4 }) })).toThrow(
    "groupNorm: expected channels divisible by 4 (groups), got 6",
  );
});

test.each([
  [null, "null"],
  [3, "3"],
  ["group", '"group"'],
  [{}, "{}"],
  [{ spec: undefined }, "{ spec }"],
  [{ spec: {} }, "{ spec }"],
  [{ spec: { kind: 3 } }, "{ spec }"],
  [batchNorm, "function batchNorm"],
  [activation("tanh"), "{ inShape"],
  [dense({ outSize: 8 }), "{ inShape"],
])("refuses what is no norm: %o", (norm, got) => {
  expect(() => mlp({ sizes, norm: norm as never })).toThrow(
    `mlp: expected norm "batch", "layer" or undefined, got ${got}`,
  );
});
