/** Pools: all four passes against plain loops in f64, ties, NaN. What they are as values is in pool-layer.test.ts. */
import { describe, expect, test } from "vitest";
import { Field, Header } from "../assembly/abi.ts";
import { instantiateCore } from "../src/core.ts";
import {
  activation,
  averagePool,
  conv2d,
  dense,
  flatten,
  globalAveragePool,
  type Layer,
  maxPool,
  meanSquaredError,
  type PoolOptions,
  sequential,
} from "../src/index.ts";
import { Memory } from "../src/memory.ts";
import { stack } from "../src/model.ts";
import { Network } from "../src/network.ts";
import { core } from "./build.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "./close.ts";
import { GuardedNetwork } from "./guarded-network.ts";
import * as naive from "./naive.ts";
import { noise } from "./noise.ts";

const kinds = ["largest", "mean"] as const;
type Kind = (typeof kinds)[number];
const make = { largest: maxPool, mean: averagePool };

/** The options of a case, as the library takes them and as the loops do. */
function both(options: PoolOptions): [PoolOptions, naive.PoolSpec] {
  const pair = (value: number | readonly [number, number]) =>
    typeof value === "number" ? ([value, value] as const) : value;
  const { kernel, stride = kernel, padding = 0 } = options;
  const pad = padding === "same" ? padding : pair(padding === "valid" ? 0 : padding);
  return [options, { kernel: pair(kernel), stride: pair(stride), padding: pad }];
}

/** One to nine channels, images of one pixel and more, windows side by side, overlapping, apart, and reaching out. */
const cases: [naive.Shape, PoolOptions][] = [
  [[1, 1, 1], { kernel: 1 }],
  [[2, 2, 1], { kernel: 2 }],
  [[6, 4, 4], { kernel: 2 }],
  [[7, 5, 3], { kernel: 2 }],
  [[5, 7, 8], { kernel: 3, stride: 2 }],
  [[6, 6, 5], { kernel: 3, stride: 1 }],
  [[4, 9, 2], { kernel: [1, 3], stride: [2, 1] }],
  [[8, 8, 9], { kernel: 2, stride: 3 }],
  [[5, 5, 6], { kernel: 3, stride: 2, padding: 1 }],
  [[4, 6, 7], { kernel: [3, 2], stride: 1, padding: [2, 1] }],
  [[7, 5, 1], { kernel: 3, stride: 2, padding: "same" }],
  [[3, 4, 4], { kernel: 5, stride: 2, padding: "same" }],
  [[6, 7, 12], { kernel: [4, 2], stride: [3, 4], padding: "same" }],
  [[5, 8, 3], { kernel: 3, padding: "valid" }],
];
const named = cases.map(
  ([shape, options]) => [`${shape.join("×")} ${JSON.stringify(options)}`, shape, options] as const,
);
/** Differences take long. */
const small = named.filter(([, [height, width, channels]]) => height * width * channels < 110);

/** A network of pools alone, that gives the inputs' gradient. */
function bare(inShape: naive.Shape, ...layers: Layer[]) {
  const memory = new Memory(instantiateCore(core));
  const options = { maxRows: 200, inputs: "gradient" } as const;
  const network = new Network(memory, stack(layers, inShape), meanSquaredError(), options);
  const theta = network.vector();
  return {
    network,
    predict(inputs: ArrayLike<number>) {
      const rows = inputs.length / network.inSize;
      return network.predict(theta, inputs, new Float32Array(rows * network.outSize));
    },
    /** dx of dy. */
    pullback(inputs: ArrayLike<number>, cotangent: Float32Array) {
      const dInputs = new Float32Array(inputs.length).fill(NaN);
      network.vjp(theta, inputs, cotangent, network.vector(), dInputs);
      return dInputs;
    },
  };
}

describe.each(kinds)("the %s of each window", (kind) => {
  test.each(named)("%s: outputs, and the way back", (_, shape, options) => {
    const [given, spec] = both(options);
    const { seen, shape: outShape } = naive.seenBy(shape, spec);
    const layer = make[kind](given);
    expect(layer.outShape(shape)).toEqual(outShape);
    const { predict, pullback } = bare(shape, layer);
    for (const rows of [1, 3, 130]) {
      const inputs = noise(rows, rows * shape[0] * shape[1] * shape[2]);
      const reference = new naive.NaiveNetwork(shape, [naive.pool(kind, spec)]);
      const outputs = reference.predict([], inputs);
      const cotangent = noise(7, outputs.length);
      const found = predict(inputs);
      if (kind === "largest") expect([...found]).toEqual(outputs);
      else expectClose(found, outputs, LOSS_TOLERANCE, "outputs");
      const back = scattered(kind, inputs, rows, seen, cotangent);
      expectClose(pullback(inputs, cotangent), back, LOSS_TOLERANCE, "dx");
    }
  });

  test.each(named)("%s: a row's outputs are the same bits in any company", (_, shape, options) => {
    const { predict } = bare(shape, make[kind](options));
    const size = shape[0] * shape[1] * shape[2];
    const inputs = noise(3, 131 * size);
    const all = predict(inputs);
    const outSize = all.length / 131;
    for (const row of [0, 1, 127, 128, 130])
      expect(predict(inputs.subarray(row * size, (row + 1) * size))).toEqual(
        all.subarray(row * outSize, (row + 1) * outSize),
      );
  });

  test.each(small)("%s: gradient and product of a network around it", (_, shape, options) => {
    const [given, spec] = both(options);
    agrees(shape, make[kind](given), naive.pool(kind, spec, true));
  });
});

/** dx, by where each output's numbers stand. */
function scattered(
  kind: Kind,
  inputs: Float32Array,
  rows: number,
  seen: readonly (readonly number[])[],
  cotangent: Float32Array,
): Float64Array {
  const dx = new Float64Array(inputs.length);
  const size = inputs.length / rows;
  cotangent.forEach((dy, i) => {
    const [row, places] = [Math.floor(i / seen.length), seen[i % seen.length]];
    const image = inputs.subarray(row * size, (row + 1) * size);
    if (kind === "largest") dx[row * size + naive.largestAt(image, places)] += dy;
    else for (const at of places) dx[row * size + at] += dy / places.length;
  });
  return dx;
}

/** 1×1 convolution, tanh, the pool, flatten, dense: loss, gradient and product, of all layers and of some, against differences in f64. */
function agrees(shape: naive.Shape, layer: Layer, reference: naive.Naive): void {
  const filters = shape[2];
  const layers = [naive.dense(filters), naive.tanh, reference, naive.flatten, naive.dense(2)];
  const network = new naive.NaiveNetwork(shape, layers);
  const model = sequential([
    conv2d({ inShape: shape, filters, kernel: 1 }),
    activation("tanh"),
    layer,
    flatten(),
    dense({ outSize: 2 }),
  ]);
  const { batch, theta, v } = network.draw(2, 10);
  // From here on the largest is taken from where it is now: differences would step over a choice.
  network.values(theta, batch.inputs);
  const [exact, slope] = [network.loss(theta, batch), network.gradient(theta, batch)];
  const head = shape[2] * filters + filters;
  for (const adapting of [undefined, [0], [4]]) {
    const guarded = new GuardedNetwork({ model, loss: "meanSquaredError" }, theta, 2, adapting);
    // What does not adapt has no gradient, and v is zero there.
    const [from, to] =
      adapting === undefined ? [0, 0] : adapting[0] === 0 ? [head, theta.length] : [0, head];
    const [chosen, expected] = [v.slice().fill(0, from, to), slope.slice().fill(0, from, to)];
    const found = guarded.gradient(batch);
    expectClose(found.loss, exact, LOSS_TOLERANCE, "loss");
    expectClose(found.gradient, expected, GRADIENT_TOLERANCE, `gradient, ${adapting}`);
    const product = network.hvp(theta, batch, chosen);
    expectClose(guarded.hvp(batch, chosen), product, GRADIENT_TOLERANCE, `hvp, ${adapting}`);
  }
}

test.each([[[4, 3, 5]], [[1, 1, 4]], [[7, 7, 1]]])(
  "the mean over a whole image of %j: outputs, gradient, product",
  (shape) => {
    const layer = globalAveragePool();
    expect(layer.outShape(shape)).toEqual([shape[2]]);
    agrees(shape, layer, naive.globalMean);
    const inputs = noise(2, 3 * shape[0] * shape[1] * shape[2]);
    const reference = new naive.NaiveNetwork(shape, [naive.globalMean]);
    const found = bare(shape, layer).predict(inputs);
    expectClose(found, reference.predict([], inputs), LOSS_TOLERANCE, "outputs");
  },
);

test("inputs that have no tangent: a product behind a pool that comes first is what it is without", () => {
  for (const layer of [maxPool({ kernel: 2 }), averagePool({ kernel: 2 })]) {
    const model = stack([layer, flatten(), dense({ outSize: 1 })], [4, 4, 3]);
    const products = ([undefined, "gradient"] as const).map((inputs) => {
      const memory = new Memory(instantiateCore(core));
      const network = new Network(memory, model, meanSquaredError(), { maxRows: 8, inputs });
      const [theta, v, out] = network.vectors(3);
      theta.view.set(noise(1, theta.length));
      v.view.set(noise(2, v.length));
      const batch = { rows: 2, inputs: noise(3, 96), targets: noise(4, 2) };
      const tangent = network["plan"]["words"][Header.Length + Field.Length + Field.Tangent];
      if (tangent) new Float32Array(memory.buffer, tangent, 8 * 12).fill(NaN);
      expect(tangent > 0).toBe(inputs === "gradient");
      network.hvp(theta, batch, v, out);
      return out.view.slice();
    });
    expect(products[1]).toEqual(products[0]);
    expect(products[0].some((value) => value !== 0)).toBe(true);
  }
});

describe("max-pool", () => {
  test("of equal numbers the first in row order has the gradient, −0 and 0 among them", () => {
    const side = bare([2, 4, 1], maxPool({ kernel: 2 }));
    const equal = [3, 3, 0, 0, 3, 3, 0, 0];
    expect([...side.predict(equal)]).toEqual([3, 0]);
    expect([...side.pullback(equal, Float32Array.of(5, 7))]).toEqual([5, 0, 7, 0, 0, 0, 0, 0]);
    const zeros = [1, 2, -0, 0, 2, 0, 0, -0];
    expect([...side.pullback(zeros, Float32Array.of(5, 7))]).toEqual([0, 5, 7, 0, 0, 0, 0, 0]);
    const over = bare([3, 3, 1], maxPool({ kernel: 2, stride: 1 }));
    const same = new Array<number>(9).fill(-4);
    const cotangent = Float32Array.of(1, 10, 100, 1000);
    expect([...over.pullback(same, cotangent)]).toEqual([1, 10, 0, 100, 1000, 0, 0, 0, 0]);
    const center = [0, 0, 0, 0, 1, 0, 0, 0, 0];
    expect([...over.pullback(center, cotangent)]).toEqual([0, 0, 0, 0, 1111, 0, 0, 0, 0]);
  });

  test("nothing outside the image is ever the largest, not even of −∞", () => {
    const { predict, pullback } = bare([2, 2, 1], maxPool({ kernel: 2, stride: 1, padding: 1 }));
    expect([...predict([-1, -2, -3, -4])]).toEqual([-1, -1, -2, -1, -1, -2, -3, -3, -4]);
    const lowest = new Array<number>(4).fill(-Infinity);
    expect([...predict(lowest)]).toEqual(new Array<number>(9).fill(-Infinity));
    const back = pullback(lowest, new Float32Array(9).fill(1));
    expect([...back]).toEqual([4, 2, 2, 1]);
  });

  test.each([0, 1, 2, 3])("NaN at %i of a window is its largest, in its own channel only", (at) => {
    for (const channels of [1, 3, 4, 6]) {
      const { predict, pullback } = bare([2, 2, channels], maxPool({ kernel: 2 }));
      for (let channel = 0; channel < channels; channel++) {
        const inputs = noise(at, 4 * channels);
        inputs[at * channels + channel] = NaN;
        const outputs = predict(inputs);
        outputs.forEach((y, c) => expect(Number.isNaN(y)).toBe(c === channel));
        const dx = pullback(inputs, new Float32Array(channels).fill(1));
        expect(dx[at * channels + channel]).toBe(1);
        expect(dx.reduce((a, b) => a + b)).toBe(channels);
      }
    }
  });
});

test("average-pool: at the border the mean is over what there is", () => {
  const options = { kernel: 2, stride: 1, padding: 1 };
  const { predict, pullback } = bare([2, 2, 1], averagePool(options));
  expect([...predict([1, 2, 3, 6])]).toEqual([1, 1.5, 2, 2, 3, 4, 3, 4.5, 6]);
  const dx = pullback([0, 0, 0, 0], Float32Array.of(4, 0, 0, 0, 8, 0, 0, 6, 0));
  expect([...dx]).toEqual([6, 2, 5, 5]);
});
