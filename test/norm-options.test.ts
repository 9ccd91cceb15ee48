/** What norms can be asked for: no γ, no β, another ε, none that adapts; and batch norm that takes the statistics of the first rows only. */
import { describe, expect, test } from "vitest";
import {
  activation,
  adam,
  type Algorithm,
  type Batch,
  batchNorm,
  conv2d,
  createLearner,
  dense,
  flatten,
  groupNorm,
  implicitMaml,
  type Layer,
  layerNorm,
  maml,
  meanSquaredError,
  metaGradCheck,
  reptile,
  sequential,
} from "../src/index.ts";
import { core } from "./build.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "./close.ts";
import { GuardedNetwork } from "./guarded-network.ts";
import * as naive from "./naive.ts";
import { noise } from "./noise.ts";

const loss = "meanSquaredError";

/** A layer of five, or a 1×1 convolution, batch norm, tanh, a second batch norm, flatten, dense; beside it the same in loops. */
function networks(shape: naive.Shape, spec: naive.NormSpec) {
  const image = shape.length === 3;
  const declared = image
    ? conv2d({ inShape: shape, filters: 5, kernel: 1 })
    : dense({ inSize: shape[0], outSize: 5 });
  const norms = [batchNorm(spec), activation("tanh"), batchNorm(spec)];
  const model = sequential([declared, ...norms, flatten(), dense({ outSize: 2 })]);
  const loops = [naive.batchNorm(spec), naive.tanh, naive.batchNorm(spec)];
  const all = [naive.dense(5), ...loops, naive.flatten, naive.dense(2)];
  return { model, network: new naive.NaiveNetwork(shape, all) };
}

const specs: naive.NormSpec[] = [
  {},
  { scale: false },
  { shift: false, epsilon: 0.3 },
  { scale: false, shift: false },
];
const shapes: naive.Shape[] = [[3], [2, 2, 3], [1, 3, 2]];
const named = specs.flatMap((spec) =>
  shapes.map(
    (shape) => [`${JSON.stringify(spec)}, rows of ${shape.join("×")}`, shape, spec] as const,
  ),
);

describe("batch norm", () => {
  test.each(named)("%s: loss, gradient, product", (_, shape, spec) => {
    const { model, network } = networks(shape, spec);
    const { batch, theta, v } = network.draw(4, 3);
    agrees(model, network, theta, v, batch);
  });

  // Rows ahead count for the statistics and not in the loss: a support set in front of a query set.
  test.each(named)("%s: of the first rows, which weigh nothing", (_, shape, spec) => {
    const { model, network } = networks(shape, spec);
    const { batch, theta, v } = network.draw(6, 5);
    for (const counted of [1, 3, 5, 6]) {
      if (counted * shape.slice(0, -1).reduce((a, b) => a * b, 1) < 3) continue;
      const weights = noise(8, 6).map((w, i) => (i < counted && counted < 6 ? 0 : 1.2 + w));
      agrees(model, network, theta, v, { ...batch, counted, weights });
    }
  });

  test.each([[[3]], [[2, 2, 3]]])("rows of %j: others are normalized by what counts", (shape) => {
    const { model, network } = networks(shape, {});
    const { batch, theta } = network.draw(9, 7);
    const { network: passes, theta: vector } = new GuardedNetwork({ model, loss }, theta);
    const predict = (inputs: Float32Array, counted?: number) => {
      const rows = inputs.length / passes.inSize;
      return passes.predict(vector, inputs, new Float32Array(2 * rows), counted);
    };
    const found = predict(batch.inputs, 4);
    const expected = network.predict(theta, batch.inputs, 4);
    expectClose(found, expected, 2 * LOSS_TOLERANCE, "outputs");
    // The rows that count do not see the others, and of those each sees the first only.
    const first = batch.inputs.subarray(0, 4 * passes.inSize);
    expect(predict(first)).toEqual(found.subarray(0, 8));
    const last = batch.inputs.subarray(8 * passes.inSize);
    const alone = predict(Float32Array.of(...first, ...last), 4);
    expect(alone.subarray(8)).toEqual(found.subarray(16));
    // As ever, where nothing is said: the next batch is not counted like the last.
    expectClose(predict(batch.inputs), network.predict(theta, batch.inputs), 2e-6, "all rows");
  });
});

function agrees(
  model: ReturnType<typeof sequential>,
  network: naive.NaiveNetwork,
  theta: Float32Array,
  v: Float32Array,
  batch: naive.NaiveBatch,
): void {
  const guarded = new GuardedNetwork({ model, loss }, theta, batch.rows);
  const label = `${batch.counted ?? "all"} rows count`;
  const found = guarded.gradient(batch);
  expectClose(found.loss, network.loss(theta, batch), LOSS_TOLERANCE, `loss, ${label}`);
  const slope = network.gradient(theta, batch);
  expectClose(found.gradient, slope, GRADIENT_TOLERANCE, `gradient, ${label}`);
  const product = network.hvp(theta, batch, v);
  expectClose(guarded.hvp(batch, v), product, GRADIENT_TOLERANCE, `hvp, ${label}`);
}

const sizes = { rows: 5, queryRows: 4 };
const batchOf = (seed: number, rows: number): Batch => ({
  rows,
  inputs: noise(seed, 2 * rows).map((x) => 2 * x),
  targets: noise(seed + 1, rows),
});
const task = { support: batchOf(1, sizes.rows), query: batchOf(3, sizes.queryRows) };

/** Two to six, the norm, tanh, one; γ and β where they are, off where they start. */
async function learnerWith(norm: Layer, algorithm: Algorithm) {
  const layers = [
    dense({ inSize: 2, outSize: 6 }),
    norm,
    activation("tanh"),
    dense({ outSize: 1 }),
  ];
  const learner = await createLearner({
    model: sequential(layers),
    algorithm,
    loss: meanSquaredError(),
    metaOptimizer: adam(),
    seed: 1,
    core,
  });
  const theta = learner.parameters.map((value, i) => value + 0.3 * noise(9, 50)[i]);
  learner.setParameters(theta);
  return learner;
}

const norms: [string, (options: { adapted?: boolean }) => Layer][] = [
  ["batchNorm", batchNorm],
  ["groupNorm", (options) => groupNorm({ groups: 2, ...options })],
  ["layerNorm", layerNorm],
];

describe.each(norms)("%s that does not adapt", (kind, make) => {
  const [from, to] = [18, 30];
  const algorithm = maml({ innerLearningRate: 0.3, innerSteps: 3 });

  test("φ has the γ and β of θ, and of all else its own", async () => {
    const [fixed, free] = await Promise.all(
      [false, true].map((adapted) => learnerWith(make({ adapted }), algorithm)),
    );
    const theta = fixed.parameters;
    const [phi, other] = [fixed, free].map((each) => each.adapt(task.support).parameters);
    expect(phi.slice(from, to)).toEqual(theta.slice(from, to));
    other.slice(from, to).forEach((value, i) => expect(value).not.toBe(theta[from + i]));
    for (const part of [phi.slice(0, 12), phi.slice(to)])
      expect(part.every((value) => !theta.includes(value))).toBe(true);
  });

  test("the meta-gradient is right: of all, and of each γ and β", async () => {
    const learner = await learnerWith(make({ adapted: false }), algorithm);
    expect(metaGradCheck(learner, [task]).error).toBeLessThan(3e-3);
    const { gradient } = learner.metaGradient([task]);
    const theta = learner.parameters.slice();
    const slopes = Array.from({ length: to - from }, (_, i) => {
      const at = (h: number) => {
        learner.setParameters(theta.map((value, j) => (j === from + i ? value + h : value)));
        return learner.metaGradient([task]).loss;
      };
      const [near, far] = [at(0.01) - at(-0.01), at(0.02) - at(-0.02)];
      return (8 * near - far) / 0.12;
    });
    // Losses in f32 of about 0.5, 0.01 apart: 1e-5.
    expectClose(gradient.slice(from, to), slopes, 1e-3, "γ and β");
  });

  test.each([
    ["reptile", reptile({ innerLearningRate: 0.1, innerSteps: 2 })],
    ["implicitMaml", implicitMaml({ innerLearningRate: 0.1 })],
  ])("%s refuses it", async (name, refusing) => {
    await expect(learnerWith(make({ adapted: false }), refusing)).rejects.toThrow(
      `${name}: expected layers that all adapt, got ${kind} that does not`,
    );
    await expect(learnerWith(make({ adapted: true }), refusing)).resolves.toBeDefined();
  });
});

describe("rows that count", () => {
  test.each([
    [0, "query.counted ≤ 4, got 0"],
    [5, "query.counted ≤ 4, got 5"],
    [-1, "query.counted ≤ 4, got -1"],
    [1.5, "query.counted ≤ 4, got 1.5"],
    [NaN, "query.counted ≤ 4, got NaN"],
    ["2", 'query.counted ≤ 4, got "2"'],
  ])("%j are refused, before anything changes", async (counted, message) => {
    const learner = await learnerWith(batchNorm(), maml({ innerLearningRate: 0.1 }));
    const before = learner.metaParameters.slice();
    const odd = { ...task, query: { ...task.query, counted: counted as number } };
    expect(() => learner.metaStep([odd])).toThrow(message);
    expect(() => learner.metaStep([odd])).toThrow("metaStep: expected");
    expect(learner.metaParameters).toEqual(before);
  });

  test("as many as there are is as if nothing were said, to the bit", async () => {
    const learner = await learnerWith(batchNorm(), maml({ innerLearningRate: 0.1 }));
    const { support, query } = task;
    const said = { support, query: { ...query, counted: 4 } };
    expect(learner.metaGradient([said])).toEqual(learner.metaGradient([task]));
  });
});

test.each([
  [null, "batchNorm: expected an object of options, got null"],
  [
    { mode: 1 },
    "batchNorm: expected options scale, shift, adapted, epsilon, statistics or perStep",
  ],
  [{ epsilon: 1e-50 }, "batchNorm: expected epsilon > 0 that f32 can hold, got 1e-50"],
  [{ epsilon: 1e300 }, "batchNorm: expected epsilon > 0 that f32 can hold, got 1e+300"],
  [{ statistics: "query" }, 'batchNorm: expected statistics "batch" or "support", got "query"'],
] as [never, string][])("batchNorm refuses %j", (options, message) => {
  expect(() => batchNorm(options)).toThrow(message);
});
