/** Whole-network passes over images against the f64 oracle, with NaN in all workspace before each pass and guards around every run. */
import { describe, expect, test } from "vitest";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "./close.ts";
import { draw, type Draw } from "./draws.ts";
import { expectPasses } from "./expect-passes.ts";
import { GuardedNetwork } from "./guarded-network.ts";
import { noise } from "./noise.ts";
import {
  batchNorm,
  conv,
  dense,
  flatten,
  images,
  maxPool,
  relu,
  tanh,
} from "./oracle/image-layers.ts";
import { gradient, hvp, type Objective } from "./oracle/meta.ts";
import { type Layer, type Sequential, tensorsOf } from "./oracle/network.ts";

const lossNames = ["crossEntropy", "meanSquaredError", "binaryCrossEntropy"] as const;

const activate = (name: "gelu" | "silu" | "leakyRelu" | "softplus"): Layer => ({
  kind: "activation",
  name,
});
const averagePool = (kernel: number | readonly [number, number], rest: object = {}): Layer => ({
  kind: "averagePool",
  kernel,
  ...rest,
});
const groupNorm = (groups: number, rest: object = {}): Layer => ({
  kind: "groupNorm",
  groups,
  ...rest,
});
const layerNorm = (rest: object = {}): Layer => ({ kind: "layerNorm", ...rest });
const mean: Layer = { kind: "globalAveragePool" };

const strided = { stride: 2, padding: "same" };
const neither = { scale: false, shift: false };

const networks: Record<string, Sequential> = {
  "a convolution": images([3, 3, 2], conv(1, 3), flatten),
  "a convolution of everything, no bias": images(
    [3, 4, 5],
    conv(3, [3, 4], { bias: false }),
    flatten,
  ),
  "1×1, side by side with dense": images(
    [2, 2, 3],
    conv(4, 1),
    tanh,
    conv(5, 1),
    flatten,
    dense(2),
  ),
  "stride 2, batch norm without scale": images(
    [7, 5, 1],
    [conv(4, 3, strided), batchNorm({ scale: false, epsilon: 1e-3 }), relu],
    [conv(5, 3, strided), batchNorm({ scale: false, epsilon: 1e-3 }), relu],
    [flatten, dense(5)],
  ),
  "max-pool, batch norm": images(
    [6, 5, 2],
    [conv(5, 3, { padding: 1 }), batchNorm(), relu, maxPool(2)],
    [conv(3, 3, { padding: 1 }), batchNorm({ shift: false }), relu, maxPool(2)],
    [flatten, dense(3)],
  ),
  "overlapping max-pools, group norm": images(
    [5, 6, 3],
    [conv(4, [2, 3], { stride: [1, 2] }), groupNorm(2), activate("gelu")],
    [maxPool(3, { stride: 2, padding: 1 }), maxPool([2, 1], { stride: 1 }), flatten, dense(3)],
  ),
  "average-pools, layer norm": images(
    [6, 6, 1],
    [conv(8, 3, { padding: 2 }), layerNorm(), activate("silu")],
    [averagePool(3, { stride: 2, padding: 1 }), conv(9, 2), layerNorm({ scale: false })],
    [tanh, averagePool([2, 3], { stride: 1 }), flatten, dense(2)],
  ),
  "the mean of each channel": images(
    [4, 5, 2],
    [conv(7, 3), groupNorm(7, { shift: false }), activate("softplus"), mean, dense(4)],
  ),
  "norms ahead of all": images(
    [3, 4, 6],
    [batchNorm(), groupNorm(3), layerNorm(), conv(3, 2), tanh, mean],
  ),
  "norms that have no parameters": images(
    [5, 5, 3],
    [batchNorm(neither), conv(6, 2), groupNorm(2, neither), tanh, conv(4, 2)],
    [layerNorm(neither), tanh, conv(2, 2), batchNorm(neither), tanh, flatten, dense(3)],
  ),
  "windows with gaps between them, and larger than the image": images(
    [5, 5, 2],
    [conv(3, [1, 2], { stride: [2, 3] }), tanh, maxPool(1, { stride: [2, 1] })],
    [averagePool([2, 1], { stride: [1, 2], padding: [1, 0] }), conv(2, 4, { padding: "same" })],
    [tanh, flatten, dense(2)],
  ),
  "group norm of what is flat": images(
    [3, 3, 1],
    [conv(3, 2), tanh, flatten, dense(6), groupNorm(2), tanh, dense(9), groupNorm(3), tanh],
    [layerNorm(), dense(2)],
  ),
  "batch norm of images and of what is flat": images(
    [4, 3, 2],
    [conv(5, 2), batchNorm({ shift: false }), activate("leakyRelu"), flatten, dense(6)],
    [batchNorm({ epsilon: 0.1 }), tanh, dense(3)],
  ),
};

const coupled = ({ layers }: Sequential) => layers.some(({ kind }) => kind === "batchNorm");
const entries = Object.entries(networks).map(([name, model], i) => ({
  name,
  objective: { model, loss: lossNames[i % 3] } as Objective<Sequential>,
}));

describe.each(entries)("$name", ({ objective }) => {
  // 128 rows pass at a time; with batch norm all of them.
  test.each([1, 2, 5, 131])("%i rows", (rows) => {
    agrees(objective, draw(objective, rows, { seed: 2, weighted: rows === 5 }));
  });

  if (coupled(objective.model))
    test.each([
      [7, 3],
      [3, 1],
      [131, 130],
      [4, 4],
    ])("%i rows, of which the statistics of %i count", (rows, counted) => {
      agrees(objective, draw(objective, rows, { seed: 3, weighted: rows === 7, counted }));
    });

  test("a row's outputs are the same bits in any company, if it does not count", () => {
    const counted = coupled(objective.model) ? 5 : 0;
    const { theta, batch } = draw(objective, 131, { seed: 4 });
    const { network, theta: parameters } = new GuardedNetwork(objective, theta);
    const { outSize, inSize } = network;
    const outputs = (inputs: Float32Array) => {
      const out = new Float32Array((inputs.length / inSize) * outSize);
      return [...network.predict(parameters, inputs, out, counted)];
    };
    const all = outputs(batch.inputs);
    for (const row of [5, 6, 7, 127, 128, 130]) {
      const own = batch.inputs.subarray(row * inSize, (row + 1) * inSize);
      const alone = outputs(Float32Array.of(...batch.inputs.subarray(0, counted * inSize), ...own));
      expect(alone.slice(-outSize)).toEqual(all.slice(row * outSize, (row + 1) * outSize));
    }
  });

  test("from a tape: the same bits", () => {
    for (const rows of [1, 5, 32, 33]) {
      const { theta, v, batch } = draw(objective, rows, { seed: 5, weighted: true });
      const network = new GuardedNetwork(objective, theta);
      const taped = true;
      expect(network.gradient(batch, { taped })).toEqual(network.gradient(batch));
      expect(network.hvp(batch, v, { taped })).toEqual(network.hvp(batch, v));
    }
  });

  test("some layers adapt: the others' part is left out, and the product is whole", () => {
    const { theta, v, batch } = draw(objective, 4, { seed: 6 });
    const tensors = tensorsOf(objective.model);
    const parametric = [...new Set(tensors.map(({ layer }) => layer))];
    const choices = [[parametric[0]], parametric.slice(1), parametric.slice(-1)];
    for (const layers of [...choices, parametric.filter((_, i) => i % 2 === 0)]) {
      if (layers.length === 0) continue;
      const network = new GuardedNetwork(objective, theta, batch.rows, layers);
      const chosen = v.slice();
      const expected = gradient(objective, theta, batch);
      for (const { layer, offset, rows, cols } of tensors)
        if (!layers.includes(layer))
          for (const values of [chosen, expected]) values.fill(0, offset, offset + rows * cols);
      const label = `of layers ${layers}`;
      expectClose(network.gradient(batch).gradient, expected, GRADIENT_TOLERANCE, label);
      const product = hvp(objective, theta, batch, chosen);
      expectClose(network.hvp(batch, chosen), product, GRADIENT_TOLERANCE, `product ${label}`);
    }
  });
});

test("conv4 at its size: 28×28, four times 64 filters", () => {
  const norm = batchNorm({ scale: false, epsilon: 1e-3 });
  const block = (): Layer[] => [conv(64, 3, strided), norm, relu];
  const model = images([28, 28, 1], block(), block(), block(), block(), mean, dense(5));
  const objective = { model, loss: "crossEntropy" } as const;
  agrees(objective, draw(objective, 3, { counted: 2 }));
});

describe.each(entries.filter((_, i) => i > 2))("structure: $name", ({ objective }) => {
  const { theta, v, batch } = draw(objective, 6, { seed: 7, weighted: true });
  const u = noise(78, v.length);

  test("gradient, times the factor, and product are added", () => {
    const network = new GuardedNetwork(objective, theta);
    const [g, hv] = [network.gradient(batch).gradient, network.hvp(batch, v)];
    const sum = (values: Float32Array, by: number) => values.map((value) => 1 + by * value);
    const scaled = network.gradient(batch, { start: 1, factor: -0.375 }).gradient;
    expectClose(scaled, sum(g, -0.375), LOSS_TOLERANCE, "gradient");
    expectClose(network.hvp(batch, v, { start: 1 }), sum(hv, 1), LOSS_TOLERANCE, "hvp");
  });

  test("a pass leaves nothing behind: the same bits again, after others and after NaN", () => {
    const network = new GuardedNetwork(objective, theta);
    const first = [network.gradient(batch).gradient, network.hvp(batch, v)];
    network.theta.view.fill(NaN);
    expect(network.loss(batch)).toBeNaN();
    network.hvp(batch, u);
    network.theta.view.set(theta);
    network.predict(batch.inputs);
    network.gradient({ ...batch, counted: 2 });
    expect([network.hvp(batch, v), network.gradient(batch).gradient]).toEqual(first.toReversed());
  });
});

/** Predictions, loss, gradient and product are the oracle's. */
function agrees(objective: Objective<Sequential>, drawn: Draw): void {
  const { theta, batch } = drawn;
  // Room for just these rows: a store behind the last one meets a guard.
  expectPasses(new GuardedNetwork(objective, theta, batch.rows), objective, drawn);
}
