/** Layers of images, against loops over their definitions and known numbers. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../close.ts";
import { noise } from "../noise.ts";
import { batchFor } from "./differences.ts";
import { batchNorm, conv, dense, flatten, images, maxPool, relu, tanh } from "./image-layers.ts";
import { imageOf, lengthOf } from "./image.ts";
import type { Shape, Window } from "./image.ts";
import { nearestKink } from "./kinks.ts";
import { gradient, loss, predict } from "./meta.ts";
import type { Objective } from "./meta.ts";
import { parameterCount, shapesOf, tensorsOf } from "./network.ts";
import type { AnyModel, Layer } from "./network.ts";

/** Both sides exact but for f64 rounding. */
const EXACT = 1e-12;

const shapeOf = (model: AnyModel) => shapesOf(model).at(-1)!;

describe("shapes", () => {
  const repeated = (...layers: Layer[]) => [1, 2, 3, 4].flatMap(() => layers);

  test("the two forms of four convolutions on 28×28", () => {
    const strided = images([28, 28, 1], ...repeated(conv(64, 3, { stride: 2, padding: "same" })));
    expect(shapesOf(strided)).toEqual([
      [28, 28, 1],
      [14, 14, 64],
      [7, 7, 64],
      [4, 4, 64],
      [2, 2, 64],
    ]);
    const pooled = images([28, 28, 1], ...repeated(conv(64, 3, { padding: 1 }), maxPool(2)));
    expect(shapesOf(pooled).filter((_, i) => i % 2 === 0)).toEqual([
      [28, 28, 1],
      [14, 14, 64],
      [7, 7, 64],
      [3, 3, 64],
      [1, 1, 64],
    ]);
  });

  test("θ of a convolution, a norm, a dense layer", () => {
    const model = images([5, 4, 2], conv(3, [2, 3]), batchNorm({ shift: false }), flatten);
    const tensors = tensorsOf({ ...model, layers: [...model.layers, dense(2)] });
    expect(tensors.map(({ name, rows, cols }) => [name, rows, cols])).toEqual([
      ["filters", 12, 3],
      ["bias", 1, 3],
      ["scale", 1, 3],
      ["weight", 24, 2],
      ["bias", 1, 2],
    ]);
  });
});

/** Sizes of image, kernel, stride; pixels ahead and number of windows by hand, downwards and across. */
const windows: [Shape, Window, ahead: [number, number], count: [number, number]][] = [
  [[5, 5, 2], { kernel: 3 }, [0, 0], [3, 3]],
  [[5, 4, 1], { kernel: [2, 3], padding: "valid" }, [0, 0], [4, 2]],
  [[5, 4, 3], { kernel: 3, stride: 2, padding: "same" }, [1, 0], [3, 2]],
  [[6, 7, 2], { kernel: [4, 3], stride: [3, 2], padding: "same" }, [0, 1], [2, 4]],
  [[3, 3, 1], { kernel: 4, padding: "same" }, [1, 1], [3, 3]],
  [[4, 4, 2], { kernel: 1, stride: 3, padding: "same" }, [0, 0], [2, 2]],
  [[5, 6, 2], { kernel: 3, stride: 2, padding: 1 }, [1, 1], [3, 3]],
  [[4, 5, 2], { kernel: [3, 2], stride: [1, 2], padding: [2, 1] }, [2, 1], [6, 3]],
  [[1, 1, 3], { kernel: 1 }, [0, 0], [1, 1]],
];

describe.each(windows)("windows on %j: %j", (shape, window, ahead, count) => {
  const [height, width, channels] = imageOf(shape);
  const [kernelHeight, kernelWidth] = pairOf(window.kernel);
  const [strideHeight, strideWidth] = pairOf(window.stride ?? 1);
  const rows = 2;
  const inputs = noise(3, rows * lengthOf(shape));

  /** What window (i, j) sees of channel c of row r: kernel row, kernel column and value. */
  function* seen(r: number, i: number, j: number, c: number) {
    for (let y = 0; y < kernelHeight; y++)
      for (let x = 0; x < kernelWidth; x++) {
        const [v, h] = [i * strideHeight + y - ahead[0], j * strideWidth + x - ahead[1]];
        if (v >= 0 && v < height && h >= 0 && h < width)
          yield [y, x, inputs[((r * height + v) * width + h) * channels + c]];
      }
  }

  function everywhere(outs: number, value: (r: number, i: number, j: number, o: number) => number) {
    const [down, across] = count;
    return Array.from({ length: rows * down * across * outs }, (_, at) => {
      const o = at % outs;
      const j = Math.floor(at / outs) % across;
      const i = Math.floor(at / outs / across) % down;
      return value(Math.floor(at / outs / across / down), i, j, o);
    });
  }

  test("convolution", () => {
    const filters = 3;
    const model = images(shape, conv(filters, window.kernel, window));
    expect(shapeOf(model)).toEqual([...count, filters]);
    const theta = noise(4, parameterCount(model));
    const bias = theta.subarray(theta.length - filters);
    const expected = everywhere(filters, (r, i, j, o) => {
      let sum = bias[o];
      for (let c = 0; c < channels; c++)
        for (const [y, x, value] of seen(r, i, j, c))
          sum += value * theta[((y * kernelWidth + x) * channels + c) * filters + o];
      return sum;
    });
    expectClose(predict(model, theta, inputs), expected, EXACT, "outputs");
    const without = images(shape, conv(filters, window.kernel, { ...window, bias: false }));
    const plain = expected.map((value, at) => value - bias[at % filters]);
    expectClose(predict(without, theta.subarray(0, -filters), inputs), plain, EXACT, "no bias");
  });

  test("pools", () => {
    const values = (r: number, i: number, j: number, c: number) =>
      [...seen(r, i, j, c)].map(([, , value]) => value);
    const pool = (kind: "maxPool" | "averagePool"): AnyModel =>
      images(shape, { stride: 1, ...window, kind });
    expect(shapeOf(pool("maxPool"))).toEqual([...count, channels]);
    const largest = everywhere(channels, (...at) => Math.max(...values(...at)));
    expect([...predict(pool("maxPool"), [], inputs)]).toEqual(largest);
    const mean = everywhere(
      channels,
      (...at) => values(...at).reduce((a, b) => a + b) / values(...at).length,
    );
    expectClose(predict(pool("averagePool"), [], inputs), mean, EXACT, "means");
  });
});

describe("small facts", () => {
  test("of equal values the first has the gradient", () => {
    const model = images([2, 2, 1], conv(1, 1, { bias: false }), maxPool(2), flatten, dense(1));
    const objective: Objective<AnyModel> = { model, loss: "meanSquaredError" };
    // Channel values −1, 3, 3, 3 times w = 1; d loss/dw = 2·(wx)·x with x the first 3.
    const batch = { rows: 1, inputs: [-1, 3, 3, 3], targets: [0] };
    expect(gradient(objective, [1, 1, 0], batch)[0]).toBe(18);
    const [second] = [images([1, 2, 1], maxPool([1, 2]))];
    expect([...predict(second, [], [5, 5, -2, -1])]).toEqual([5, -1]);
  });

  test("the mean of each channel of the whole image", () => {
    const model = images([2, 2, 2], { kind: "globalAveragePool" });
    expect(shapeOf(model)).toEqual([2]);
    expect([...predict(model, [], [1, 10, 2, 20, 3, 30, 6, 40])]).toEqual([3, 25]);
  });

  test("a window moves on by its own size where nothing is said", () => {
    expect(shapeOf(images([6, 7, 1], maxPool([2, 3])))).toEqual([3, 2, 1]);
  });

  test("batch norm takes each channel over rows and pixels, of the rows that count", () => {
    const model = images([1, 2, 2], batchNorm({ epsilon: 1, scale: false, shift: false }));
    const inputs = [1, 7, 3, 7, 5, 7, 7, 7];
    const x = Math.sqrt(5 + 1);
    const all = [-3 / x, 0, -1 / x, 0, 1 / x, 0, 3 / x, 0];
    expectClose(predict(model, [], inputs), all, EXACT, "all rows");
    const one = Math.sqrt(1 + 1);
    const first = [-1 / one, 0, 1 / one, 0, 3 / one, 0, 5 / one, 0];
    const batch = { rows: 2, inputs, counted: 1 };
    // The loss is the mean of squares of what comes out.
    const squares = first.reduce((sum, value) => sum + value ** 2, 0) / 8;
    const objective: Objective<AnyModel> = { model, loss: "meanSquaredError" };
    const zeros = new Array(8).fill(0);
    expectClose(loss(objective, [], { ...batch, targets: zeros }), squares, EXACT, "first row");
  });

  test("group norm takes each row over the pixels and channels of a group", () => {
    const norm: Layer = { kind: "groupNorm", groups: 2, epsilon: 1, scale: false };
    const inputs = [0, 2, 1, 1, 2, 4, 1, 1];
    const x = Math.sqrt(2 + 1);
    const [a, b] = [-2 / x, 2 / x];
    const shift = [0.5, 0, 0, 10];
    const expected = [a + 0.5, 0, 0, 10, 0.5, b, 0, 10];
    expectClose(predict(images([1, 2, 4], norm), shift, inputs), expected, EXACT, "outputs");
  });

  test("layer norm is one group, with a γ and a β for each channel", () => {
    const shape = [2, 3, 4];
    const [theta, inputs] = [noise(1, 8), noise(2, 48)];
    const one = images(shape, { kind: "groupNorm", groups: 1 });
    const layer = images(shape, { kind: "layerNorm" });
    expect(predict(layer, theta, inputs)).toEqual(predict(one, theta, inputs));
    expectClose(
      predict(
        { inSize: 24, layers: [{ kind: "layerNorm", scale: false, shift: false }] },
        [],
        inputs,
      ),
      predict(images(shape, { kind: "layerNorm", scale: false, shift: false }), [], inputs),
      EXACT,
      "of a flat row",
    );
  });

  test("all rows count where nothing is said", () => {
    const model = images([2, 2, 1], conv(2, 2), batchNorm(), tanh, flatten, dense(2));
    const objective: Objective<AnyModel> = { model, loss: "meanSquaredError" };
    const theta = noise(1, parameterCount(model));
    const batch = batchFor(objective, 4, 1);
    const counted = { ...batch, counted: 4 };
    expect(gradient(objective, theta, counted)).toEqual(gradient(objective, theta, batch));
  });

  test("kinks: the smallest |z| of a relu, the smallest lead in a pool, but not of two that are equal", () => {
    const [pool, rectified] = [images([1, 2, 1], maxPool([1, 2])), images([1, 2, 1], relu)];
    const both = images([1, 2, 1], relu, maxPool([1, 2]));
    const at = (model: AnyModel, ...inputs: number[]) =>
      nearestKink(model, [], { rows: 1, inputs });
    expect(at(pool, 1, 1.25)).toBe(0.25);
    expect(at(pool, -1, -1)).toBe(Infinity);
    expect(at(rectified, -0.5, 2)).toBe(0.5);
    expect(at(both, -0.5, -0.75)).toBe(0.5);
    expect(at(both, 3, 3.125)).toBe(0.125);
    expect(at(both, 2, -3)).toBe(2);
    expect(at(images([1, 2, 1], tanh), 0, 0)).toBe(Infinity);
  });
});

function pairOf(pair: Window["kernel"]): readonly [number, number] {
  return typeof pair === "number" ? [pair, pair] : pair;
}
