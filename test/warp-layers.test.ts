/** What warps where nothing is said, in networks with convolutions; dense ones are in contract/facts.test.ts. */
import { expect, test } from "vitest";
import {
  activation,
  batchNorm,
  conv2d,
  conv4,
  createLearner,
  crossEntropy,
  dense,
  globalAveragePool,
  maml,
  metaGradCheck,
  Random,
  sequential,
  sgd,
  type Task,
  tNet,
  warpGrad,
  type Algorithm,
  type Model,
} from "../src/index.ts";

const inner = { innerLearningRate: 0.1, innerSteps: 2 };
const ways = 3;

/** Images of three classes, by their mean, under noise. */
function task(seed: number): Task {
  const random = new Random(seed);
  const draw = (rows: number) => ({
    inputs: Float32Array.from(
      { length: rows * 64 },
      (_, i) => ((i >> 6) % ways) / 2 + random.uniform(-0.5, 0.5),
    ),
    targets: Float32Array.from({ length: rows }, (_, row) => row % ways),
    rows,
  });
  return { support: draw(6), query: draw(6) };
}

const learner = (model: Model, algorithm: Algorithm) =>
  createLearner({
    model,
    loss: crossEntropy(),
    algorithm,
    metaOptimizer: sgd({ learningRate: 0.1 }),
    seed: 1,
    maxRows: 12,
  });

const images = conv4({ inShape: [8, 8, 1], ways, filters: 4 });
const [first, second, third, fourth] = images.layers.flatMap(({ spec }, i) =>
  spec.kind === "conv2d" ? [i] : [],
);
const norms = images.layers.flatMap(({ spec }, i) => (spec.kind === "batchNorm" ? [i] : []));
const head = images.layers.length - 1;

test("tNet on conv4 is maml on the first and third convolution, the norms and the last layer", async () => {
  const layers = [first, third, ...norms, head];
  const [warped, chosen] = await Promise.all([
    learner(images, tNet(inner)),
    learner(images, maml({ ...inner, layers })),
  ]);
  expect(warped.metaGradient([task(1)])).toEqual(chosen.metaGradient([task(1)]));
  const before = warped.parameters.slice();
  const { parameters } = warped.adapt(task(1).support);
  const moved = images.layers.map((_, layer) => {
    const of = warped.internal.network.tensors.filter((tensor) => tensor.layer === layer);
    return of.some(({ offset, length }) =>
      parameters.subarray(offset, offset + length).some((value, i) => value !== before[offset + i]),
    );
  });
  expect(moved.flatMap((moves, layer) => (moves ? [layer] : []))).toEqual(
    layers.toSorted((a, b) => a - b),
  );
});

test("warpGrad on conv4 warps by the second and fourth convolution", async () => {
  const [usual, named] = await Promise.all([
    learner(images, warpGrad(inner)),
    learner(images, warpGrad({ ...inner, warpLayers: [second, fourth] })),
  ]);
  expect(usual.metaGradient([task(2)])).toEqual(named.metaGradient([task(2)]));
});

test.each([
  ["tNet", tNet],
  ["warpGrad", warpGrad],
])("%s learns on conv4 with its defaults", async (_, make) => {
  const one = await learner(images, make(inner));
  const { loss } = one.metaStep([task(3), task(4)]);
  for (let step = 0; step < 30; step++) one.metaStep([task(3), task(4)]);
  expect(one.metaGradient([task(3), task(4)]).loss).toBeLessThan(loss / 2);
});

test("tNet between smooth convolutions: finite differences of its loss", async () => {
  const conv = { filters: 3, kernel: 3, stride: 2, padding: "same" } as const;
  const model = sequential([
    conv2d({ ...conv, inShape: [8, 8, 1] }),
    batchNorm(),
    activation("tanh"),
    conv2d(conv),
    activation("tanh"),
    globalAveragePool(),
    dense({ outSize: ways }),
  ]);
  const one = await learner(model, tNet(inner));
  expect(metaGradCheck(one, [task(5)]).error).toBeLessThan(5e-3);
});
