/** Group norm and layer norm: all four passes against plain loops in f64, what they are as values, and what does not change their bits. */
import { describe, expect, test } from "vitest";
import { instantiateCore } from "../src/core.ts";
import {
  activation,
  conv2d,
  dense,
  flatten,
  groupNorm,
  type GroupNormOptions,
  type Layer,
  layerNorm,
  meanSquaredError,
  sequential,
} from "../src/index.ts";
import { Memory } from "../src/memory.ts";
import { stack } from "../src/model.ts";
import { Network } from "../src/network.ts";
import { core } from "./build.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "./close.ts";
import { comesBack } from "./comes-back.ts";
import { GuardedNetwork } from "./guarded-network.ts";
import * as naive from "./naive.ts";
import { noise } from "./noise.ts";

/** Groups of one to nine channels, of one pixel and more, of whole vectors and not. */
const cases: [naive.Shape, number][] = [
  [[4], 1],
  [[7], 1],
  [[12], 3],
  [[10], 5],
  [[1, 1, 6], 2],
  [[3, 2, 1], 1],
  [[2, 2, 4], 4],
  [[3, 3, 4], 2],
  [[2, 3, 5], 1],
  [[3, 2, 6], 2],
  [[2, 2, 8], 2],
  [[1, 3, 9], 1],
  [[2, 1, 10], 2],
];
const parts = [{}, { scale: false }, { shift: false }, { scale: false, shift: false }] as const;
const named = cases.map(([shape, groups], i) => {
  const rest: naive.NormSpec = i % 3 === 2 ? { ...parts[i % 4], epsilon: 0.01 } : parts[i % 4];
  return { name: `${shape.join("×")} ${JSON.stringify({ groups, ...rest })}`, shape, groups, rest };
});

/** Dense or 1×1 convolution, the norm, tanh, flatten, dense; beside it the same in loops. */
function networks(shape: naive.Shape, layer: Layer, reference: naive.Naive, first = false) {
  const channels = shape.at(-1)!;
  const declared =
    shape.length === 3
      ? conv2d({ inShape: shape, filters: channels, kernel: 1 })
      : dense({ inSize: channels, outSize: channels });
  const layers = [layer, activation("tanh"), flatten(), dense({ outSize: 2 })];
  const loops = [reference, naive.tanh, naive.flatten, naive.dense(2)];
  const model = first ? stack(layers, shape) : sequential([declared, ...layers]);
  const all = first ? loops : [naive.dense(channels), ...loops];
  return { model, network: new naive.NaiveNetwork(shape, all) };
}

describe.each(named)("$name", ({ shape, groups, rest }) => {
  const layer = groupNorm({ groups, ...rest });
  const reference = naive.groupNorm(groups, rest);

  test.each([
    ["behind another layer", false],
    ["ahead of all", true],
  ])("%s: outputs, loss, gradient, product", (_, first) => {
    const { model, network } = networks(shape, layer, reference, first);
    const { batch, theta, v } = network.draw(3, 4);
    const weights = Float32Array.of(1, 0.5, 2);
    const weighted = { ...batch, weights };
    const guarded = new GuardedNetwork({ model, loss: "meanSquaredError" }, theta);
    const outputs = network.predict(theta, batch.inputs);
    expectClose(guarded.predict(batch.inputs), outputs, 2 * LOSS_TOLERANCE, "outputs");
    const found = guarded.gradient(weighted);
    expectClose(found.loss, network.loss(theta, weighted), LOSS_TOLERANCE, "loss");
    const slope = network.gradient(theta, weighted);
    expectClose(found.gradient, slope, GRADIENT_TOLERANCE, "gradient");
    const product = network.hvp(theta, weighted, v);
    expectClose(guarded.hvp(weighted, v), product, GRADIENT_TOLERANCE, "hvp");
  });

  test("some layers adapt: the norm alone, all but the norm", () => {
    const { model, network } = networks(shape, layer, reference);
    const { batch, theta, v } = network.draw(2, 9);
    const [before, own] = network.placed.map(({ parameters }) => parameters);
    const ranges = { 1: [before, before + own], 0: [0, before], 4: [before + own, theta.length] };
    for (const layers of [own > 0 ? [1] : [4], [0, 4]] as (0 | 1 | 4)[][]) {
      const guarded = new GuardedNetwork({ model, loss: "meanSquaredError" }, theta, 2, layers);
      const only = <T extends Float32Array | Float64Array>(values: T): T => {
        const kept = values.slice().fill(0) as T;
        for (const [from, to] of layers.map((each) => ranges[each]))
          kept.set(values.subarray(from, to), from);
        return kept;
      };
      const expected = only(network.gradient(theta, batch));
      expectClose(guarded.gradient(batch).gradient, expected, GRADIENT_TOLERANCE, "gradient");
      const product = network.hvp(theta, batch, only(v));
      expectClose(guarded.hvp(batch, only(v)), product, GRADIENT_TOLERANCE, "hvp");
    }
  });

  test("a row's outputs are the same bits in any company", () => {
    const { model, network } = networks(shape, layer, reference);
    const { batch, theta } = network.draw(131, 6);
    const guarded = new GuardedNetwork({ model, loss: "meanSquaredError" }, theta);
    const all = guarded.predict(batch.inputs);
    const size = batch.inputs.length / 131;
    for (const row of [0, 1, 127, 128, 130]) {
      const alone = guarded.predict(batch.inputs.subarray(row * size, (row + 1) * size));
      expect(alone).toEqual(all.subarray(2 * row, 2 * row + 2));
    }
  });
});

/** Of inputs that have a gradient but no tangent: what is left of the tangent is that of γ and β. */
test("inputs without a tangent: the product is what it is without their gradient", () => {
  const model = stack([groupNorm({ groups: 2 }), activation("tanh"), flatten()], [3, 1, 6]);
  const products = ([undefined, "gradient"] as const).map((inputs) => {
    const memory = new Memory(instantiateCore(core));
    const network = new Network(memory, model, meanSquaredError(), { maxRows: 8, inputs });
    const [theta, v, out] = network.vectors(3);
    theta.view.set(noise(1, 12));
    v.view.set(noise(2, 12));
    const batch = { rows: 2, inputs: noise(3, 36), targets: noise(4, 36) };
    network.hvp(theta, batch, v, out);
    return out.view.slice();
  });
  expect(products[1]).toEqual(products[0]);
  expect(products[0].some((value) => value !== 0)).toBe(true);
});

test("a group far from zero, 50 times its spread: outputs to the inputs' own precision", () => {
  const [shape, groups] = [[4, 4, 6], 3] as const;
  const model = stack([groupNorm({ groups })], shape);
  const theta = Float32Array.of(1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0);
  const inputs = noise(3, 96).map((x) => x + 50);
  const network = new naive.NaiveNetwork(shape, [naive.groupNorm(groups)]);
  const guarded = new GuardedNetwork({ model, loss: "meanSquaredError" }, theta);
  // The mean of 32 numbers around 50 is off by an ulp or two of 50: 4e-6, or 7e-6 in units of the spread, 0.58.
  const expected = network.predict(theta, inputs);
  guarded.predict(inputs).forEach((y, i) => expect(Math.abs(y - expected[i])).toBeLessThan(2e-5));
});

describe("as values", () => {
  test("γ starts at 1, β at 0, one a channel each; the inputs' shape is kept", () => {
    const layer = groupNorm({ groups: 2 });
    expect(layer.outShape([3, 5, 4])).toEqual([3, 5, 4]);
    const tensors = [
      { name: "scale", shape: [4] },
      { name: "shift", shape: [4] },
    ];
    expect(layer.tensors([3, 5, 4])).toEqual(tensors);
    expect(groupNorm({ groups: 2, scale: false }).tensors([4])).toEqual(tensors.slice(1));
    expect(layer.couplesRows).toBe(false);
  });

  test("layer norm of an image is group norm with one group, to the bit", () => {
    const shape = [3, 4, 5];
    const [one, layer] = [groupNorm({ groups: 1 }), layerNorm()].map((norm) => {
      const { model, network } = networks(shape, norm, naive.groupNorm(1));
      const { batch, theta, v } = network.draw(5, 3);
      const guarded = new GuardedNetwork({ model, loss: "meanSquaredError" }, theta);
      return [guarded.gradient(batch), guarded.hvp(batch, v)];
    });
    expect(one).toEqual(layer);
  });

  test.each<[string, () => unknown]>([
    [
      "groupNorm: expected an object of options, got undefined",
      () => groupNorm(undefined as never),
    ],
    ["groupNorm: expected integer 1 ≤ groups", () => groupNorm({} as GroupNormOptions)],
    ["groupNorm: expected 1 ≤ groups ≤ 2147483647, got 0", () => groupNorm({ groups: 0 })],
    [
      "groupNorm: expected integer 1 ≤ groups ≤ 2147483647, got 1.5",
      () => groupNorm({ groups: 1.5 }),
    ],
    [
      "groupNorm: expected options groups, scale, shift, adapted or epsilon, got",
      () => groupNorm({ groups: 1, eps: 1 } as never),
    ],
    [
      "groupNorm: expected scale true or false, got 1",
      () => groupNorm({ groups: 1, scale: 1 as never }),
    ],
    ["groupNorm: expected epsilon > 0, got 0", () => groupNorm({ groups: 1, epsilon: 0 })],
    [
      "groupNorm: expected channels divisible by 8 (groups), got 12",
      () => groupNorm({ groups: 8 }).outShape([4, 4, 12]),
    ],
    [
      "groupNorm: expected channels divisible by 8 (groups), got 12",
      () => sequential([dense({ inSize: 2, outSize: 12 }), groupNorm({ groups: 8 })]),
    ],
    [
      "layerNorm: expected options scale, shift, adapted or epsilon, got",
      () => layerNorm({ groups: 2 } as never),
    ],
  ])("refused: %s", (message, ask) => {
    expect(ask).toThrow(message);
  });

  test("a saved learner comes back with them, to the same bits", async () => {
    const model = sequential([
      conv2d({ inShape: [5, 5, 1], filters: 6, kernel: 3 }),
      groupNorm({ groups: 3, shift: false, epsilon: 1e-3 }),
      layerNorm({ scale: false, adapted: false }),
      flatten(),
      dense({ outSize: 2 }),
    ]);
    const specs = (await comesBack(model)).layers.map(({ spec }) => spec);
    expect(specs[1]).toEqual({ kind: "groupNorm", groups: 3, shift: false, epsilon: 1e-3 });
    expect(specs[2]).toEqual({ kind: "layerNorm", scale: false, adapted: false });
  });
});
