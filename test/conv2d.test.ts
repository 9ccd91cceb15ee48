/** Convolutions: all four passes against loops in f64 (conv2d-reference.ts), with NaN in all workspace and guards around every run. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantiateCore } from "../src/core.ts";
import { activation, conv2d, meanSquaredError, sequential } from "../src/index.ts";
import { Memory } from "../src/memory.ts";
import { Network } from "../src/network.ts";
import { core } from "./build.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "./close.ts";
import {
  type Convolution,
  gradient,
  hvp,
  type Image,
  layersOf,
  loss,
  parameterCount,
  predict,
  type Problem,
} from "./conv2d-reference.ts";
import { GuardedNetwork } from "./guarded-network.ts";
import { noise } from "./noise.ts";

const kernels = [
  [1, 1],
  [3, 3],
  [2, 3],
] as const;
const strides = [
  [1, 1],
  [2, 2],
  [2, 1],
] as const;
const paddings = [0, 1, "same", "valid"] as const;
const sizes = [
  [9, 7],
  [4, 4],
  [3, 3],
  [5, 6],
  [1, 1],
  [7, 3],
  [1, 8],
  [2, 2],
] as const;
const channelCounts = [1, 2, 3, 5, 8];
const rowCounts = [1, 2, 5, 130];

/** Whether each of them gets an image as large as its window, and is not padded by a whole one. */
function fits(problem: Problem): boolean {
  return problem.convolutions.every(({ kernel, padding }, i) => {
    const before = layersOf({ ...problem, convolutions: problem.convolutions.slice(0, i) });
    const image = before.at(-1)?.outShape ?? problem.inShape;
    const room = typeof padding === "number" ? padding : 0;
    const inside = (side: 0 | 1) => room < kernel[side] && kernel[side] <= image[side] + 2 * room;
    return padding === "same" || (inside(0) && inside(1));
  });
}

/** Every kernel, stride and padding; images, channels, filters, rows and biases take turns. */
const cases = kernels.flatMap((kernel, a) =>
  strides.flatMap((stride, b) =>
    paddings.flatMap((padding, c) =>
      [0, 1, 2].flatMap((turn) => {
        const at = 7 * a + 5 * b + 3 * c + 4 * turn;
        const [height, width] = sizes[at % sizes.length];
        const inShape: Image = [height, width, channelCounts[(at + turn) % 5]];
        const filters = channelCounts[(a + 2 * b + c + turn) % 5];
        const first: Convolution = { filters, kernel, stride, padding, bias: at % 4 > 0 };
        // Behind it one that is written as the first, and fits whatever comes of that.
        const second: Convolution = {
          filters: channelCounts[(at + 2) % 5],
          kernel: kernels[(a + turn) % 3],
          stride: strides[(b + turn) % 3],
          padding: "same",
          bias: at % 3 > 0,
        };
        const convolutions = turn === 0 ? [first] : turn === 1 ? [first, second] : [second, first];
        const rows = rowCounts[(a + b + c + turn) % 4];
        const problem = { inShape, convolutions };
        return fits(problem) ? [{ name: nameOf(problem, rows), problem, rows }] : [];
      }),
    ),
  ),
);

function nameOf({ inShape, convolutions }: Problem, rows: number): string {
  const each = convolutions.map(({ kernel, stride, padding, filters, bias = true }) =>
    [kernel.join("×"), `/${stride.join(",")}`, padding, `→ ${filters}`, bias ? "" : "no bias"]
      .join(" ")
      .trim(),
  );
  return `${inShape.join("×")}: ${each.join(" | ")}, ${rows} rows`;
}

/** The same as a model. */
function modelOf({ inShape, convolutions }: Problem) {
  return sequential(
    convolutions.flatMap((options, i) =>
      i === 0 ? [conv2d({ inShape, ...options })] : [activation("tanh"), conv2d(options)],
    ),
  );
}

/** Numbers that keep their size on the way. */
function draw(problem: Problem, rows: number, seed = 1) {
  const layers = layersOf(problem);
  const theta = noise(seed, parameterCount(problem));
  for (const { weight, biased, filters } of layers) {
    const scale = 1.7 / Math.sqrt((biased - weight) / filters);
    theta.subarray(weight, biased).forEach((w, i) => (theta[weight + i] = scale * w));
  }
  const outSize = layers.at(-1)!.outShape.reduce((a, b) => a * b);
  const inSize = problem.inShape.reduce((a, b) => a * b);
  const data = {
    rows,
    inputs: noise(seed + 1, rows * inSize),
    targets: noise(seed + 2, rows * outSize),
  };
  return { theta, v: noise(seed + 3, theta.length), data };
}

/** Predictions, loss, gradient and product within tolerance of the loops'. */
function agrees(problem: Problem, rows: number): void {
  const { theta, v, data } = draw(problem, rows);
  const network = new GuardedNetwork({ model: modelOf(problem), loss: "meanSquaredError" }, theta);
  expectClose(
    network.predict(data.inputs),
    predict(problem, theta, data),
    LOSS_TOLERANCE,
    "outputs",
  );
  const exact = loss(problem, theta, data);
  expectClose(network.loss(data), exact, LOSS_TOLERANCE, "loss");
  const slope = gradient(problem, theta, data);
  const product = hvp(problem, theta, data, v);
  for (const taped of [false, true]) {
    expectClose(network.gradient(data, { taped }).gradient, slope, GRADIENT_TOLERANCE, "gradient");
    expectClose(network.hvp(data, v, { taped }), product, GRADIENT_TOLERANCE, "hvp");
  }
}

describe("against loops in f64", () => {
  test.each(cases.map((each) => [each.name, each] as const))("%s", (_, { problem, rows }) =>
    agrees(problem, rows),
  );

  test("the loops' own gradient is the slope of their loss", () => {
    const { problem } = cases.find(({ problem: { convolutions } }) => convolutions.length === 2)!;
    const { theta, v, data } = draw(problem, 2);
    const moved = (h: number) => Float64Array.from(theta, (each, i) => each + h * v[i]);
    const rise = loss(problem, moved(1e-5), data) - loss(problem, moved(-1e-5), data);
    const along = gradient(problem, theta, data).reduce((sum, each, i) => sum + each * v[i], 0);
    expectClose(rise / 2e-5, along, 1e-7, "slope");
  });

  test("three layers, wider than a chunk of windows", () => {
    const [a, b, c] = [5, 8, 3].map((filters, i): Convolution => ({
      filters,
      kernel: [3, 3],
      stride: i === 1 ? [2, 2] : [1, 1],
      padding: "same",
    }));
    agrees({ inShape: [13, 11, 3], convolutions: [a, b, c] }, 3);
  });
});

describe("where not all layers adapt", () => {
  const layer = (filters: number): Convolution => ({
    filters,
    kernel: [3, 3],
    stride: [1, 1],
    padding: 1,
  });
  const problem: Problem = { inShape: [6, 5, 2], convolutions: [layer(5), layer(3), layer(4)] };
  const { theta, v, data } = draw(problem, 4);
  /** By its index in the model, where a tanh stands between each two. */
  const partOf = layersOf(problem).map(({ weight, biased, filters }) => [weight, biased + filters]);
  const keep = (values: Float32Array | Float64Array, adapting: number[]) =>
    values.map((each, i) => {
      const of = partOf.findIndex(([start, end]) => start <= i && i < end);
      return adapting.includes(of) ? each : 0;
    });

  test.each([[[0]], [[1]], [[2]], [[0, 2]], [[0, 1]], [[1, 2]]])("convolutions %j", (adapting) => {
    const layers = adapting.map((i) => 2 * i);
    const model = modelOf(problem);
    const network = new GuardedNetwork({ model, loss: "meanSquaredError" }, theta, 16, layers);
    const slope = keep(gradient(problem, theta, data), adapting);
    expectClose(network.gradient(data).gradient, slope, GRADIENT_TOLERANCE, "gradient");
    const along = keep(v, adapting) as Float32Array;
    const product = hvp(problem, theta, data, along);
    expectClose(network.hvp(data, along), product, GRADIENT_TOLERANCE, "hvp");
  });
});

/** Networks of their own memory, without guards. */
function networkOf(problem: Problem, theta: Float32Array) {
  const memory = new Memory(instantiateCore(core));
  const options = { maxRows: 1, inputs: "gradient" } as const;
  const network = new Network(memory, modelOf(problem), meanSquaredError(), options);
  const [parameters, out] = network.vectors(2);
  parameters.view.set(theta);
  return {
    predict: (inputs: Float32Array, rows: number) =>
      network.predict(parameters, inputs, new Float32Array(rows * network.outSize)),
    dInputs(inputs: Float32Array, cotangent: Float32Array) {
      const into = new Float32Array(inputs.length);
      network.vjp(parameters, inputs, cotangent, out, into);
      return into;
    },
  };
}

const convolutions = fc.record({
  filters: fc.integer({ min: 1, max: 9 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  padding: fc.constantFrom("same" as const, 0 as const),
  bias: fc.boolean(),
});
const problems = fc.record({
  inShape: fc.tuple(
    fc.integer({ min: 4, max: 9 }),
    fc.integer({ min: 4, max: 9 }),
    fc.integer({ min: 1, max: 6 }),
  ),
  convolutions: fc.tuple(convolutions),
});

test("rows one by one or together, in chunks of windows cut elsewhere: the same bits", () => {
  fc.assert(
    fc.property(problems, fc.integer({ min: 2, max: 9 }), (problem, rows) => {
      const { theta, data } = draw(problem, rows);
      const network = networkOf(problem, theta);
      const [inSize, outSize] = [data.inputs.length / rows, data.targets.length / rows];
      const together = network.predict(data.inputs, rows);
      const dTogether = network.dInputs(data.inputs, data.targets);
      for (let row = 0; row < rows; row++) {
        const [x, t] = [inSize, outSize].map((size) => [row * size, (row + 1) * size] as const);
        const inputs = data.inputs.slice(...x);
        expect(network.predict(inputs, 1)).toEqual(together.slice(...t));
        const dInputs = network.dInputs(inputs, data.targets.slice(...t));
        expect(dInputs).toEqual(dTogether.slice(...x));
      }
    }),
    { numRuns: 60, seed: 4 },
  );
});

test("of same, the odd pixel is behind: TensorFlow's windows on 1 2 3 4 with a stride of 2", () => {
  const options = { filters: 1, kernel: [1, 3], stride: [1, 2], padding: "same" } as const;
  const problem = { inShape: [1, 4, 1] as const, convolutions: [{ ...options, bias: false }] };
  const network = networkOf(problem, Float32Array.of(1, 10, 100));
  expect([...network.predict(Float32Array.of(1, 2, 3, 4), 1)]).toEqual([321, 43]);
});
