/** Convolutions as values: shapes, initial parameters, what they refuse, files. Their passes are in conv2d.test.ts. */
import { describe, expect, test } from "vitest";
import { Field, LayerKind } from "../assembly/abi.ts";
import {
  activation,
  adam,
  conv2d,
  type Conv2dOptions,
  createLearner,
  crossEntropy,
  dense,
  flatten,
  type Initialization,
  loadLearner,
  maml,
  Random,
  sequential,
} from "../src/index.ts";
import { core } from "./build.ts";
import { Heap } from "./heap.ts";
import { noise } from "./noise.ts";

describe("the layer", () => {
  const shapeOf = (options: Partial<Conv2dOptions>, inShape: number[]) =>
    conv2d({ filters: 64, kernel: 3, ...options }).outShape(inShape);

  test("its outputs: the published shapes of the four-layer networks", () => {
    const form = (options: Partial<Conv2dOptions>, from: number[]) =>
      [1, 2, 3, 4].reduce<number[][]>(
        (all) => [...all, [...shapeOf(options, all.at(-1)!)]],
        [from],
      );
    const sides = (all: number[][]) => all.map(([height]) => height);
    expect(sides(form({ stride: 2, padding: "same" }, [28, 28, 1]))).toEqual([28, 14, 7, 4, 2]);
    expect(sides(form({ stride: 2, padding: 1 }, [28, 28, 1]))).toEqual([28, 14, 7, 4, 2]);
    expect(sides(form({ padding: "valid" }, [28, 28, 1]))).toEqual([28, 26, 24, 22, 20]);
    expect(shapeOf({ kernel: [2, 5], stride: [2, 3], padding: [1, 2] }, [6, 7, 3])).toEqual([
      4, 3, 64,
    ]);
  });

  test.each([
    [{ filters: 0 }, "expected 1 ≤ filters ≤ 2147483647, got 0"],
    [{ kernel: 0 }, "expected 1 ≤ kernel ≤ 2147483647, got 0"],
    [{ kernel: "3" }, 'expected kernel n or [height, width], got "3"'],
    [{ kernel: [3] }, "expected kernel n or [height, width], got [3]"],
    // oxlint-disable-next-line no-sparse-arrays -- that is what is refused
    [{ stride: [1, ,] }, "expected integer 1 ≤ stride ≤"],
    [{ kernel: [3, 1.5] }, "expected integer 1 ≤ kernel ≤ 2147483647, got 1.5"],
    [{ stride: 0 }, "expected 1 ≤ stride ≤ 2147483647, got 0"],
    [{ padding: 3 }, "expected padding < 3 (the kernel), got 3"],
    [{ kernel: [3, 1], padding: 1 }, "expected padding < 1 (the kernel), got 1"],
    [{ padding: -1 }, "expected 0 ≤ padding ≤ 2147483647, got -1"],
    [{ padding: "full" }, 'expected padding "same", "valid", n or [height, width], got "full"'],
    [{ padding: true }, 'expected padding "same", "valid", n or [height, width], got true'],
    [{ bias: 1 }, "expected bias true or false, got 1"],
    [{ inShape: [28, 28] }, "expected inShape [n] or [height, width, channels], got [28, 28]"],
    [{ inShape: [784] }, "expected inShape [height, width, channels], got [784]"],
    [{ initialization: "xavier" }, "expected initialization"],
    [{ strides: 2 }, "expected options inShape, filters, kernel"],
  ])("refuses %j", (options, message) => {
    expect(() => conv2d({ filters: 8, kernel: 3, ...options } as Conv2dOptions)).toThrow(
      `conv2d: ${message}`,
    );
  });

  test("refuses what is no image, one that is too small, and another than declared", () => {
    const convolution = conv2d({ inShape: [5, 5, 2], filters: 1, kernel: 3 });
    const refused = (inShape: number[]) => expect(() => convolution.outShape(inShape));
    refused([50]).toThrow("conv2d: expected an image [height, width, channels], got [50]");
    refused([2, 9, 2]).toThrow("conv2d: expected an image of at least 3×3 pixels, got [2, 9, 2]");
    refused([5, 5, 1]).toThrow('sequential: expected conv2d for inputs of 5×5×1, got "5×5×2"');
    expect(() => shapeOf({ kernel: 5, padding: 1 }, [2, 9, 1])).toThrow(
      "conv2d: expected an image of at least 5×5 pixels, padding 1 on each side, got [2, 9, 1]",
    );
  });
});

describe("initial parameters", () => {
  // 2·5·3 = 30 numbers a window, 2·5·400 = 4,000 that one pixel goes into.
  const drawn = (initialization: Initialization) => {
    const layer = conv2d({ filters: 400, kernel: [2, 5], initialization });
    const values = new Float32Array(12_000 + 400);
    layer.initialize([6, 6, 3], values, new Random(1));
    const [w, b] = [values.slice(0, 12_000), values.slice(12_000)];
    const deviation = Math.sqrt(w.reduce((sum, each) => sum + each * each, 0) / w.length);
    const largest = (list: Float32Array) => Math.max(...list.map(Math.abs));
    return { deviation, w: largest(w), b: largest(b) };
  };
  /** Within 5 of the 0.65 % that the deviation of 12,000 draws has at most. */
  const near = (value: number, expected: number) =>
    expect(Math.abs(value / expected - 1)).toBeLessThan(0.033);

  test("glorot: U(±√(6/(30 + 4000))), b = 0", () => {
    const { w, b } = drawn("glorot");
    near(w, Math.sqrt(6 / 4030));
    expect(w).toBeLessThanOrEqual(Math.sqrt(6 / 4030));
    expect(b).toBe(0);
  });

  test("uniform: W and b in U(±1/√30), as PyTorch's", () => {
    const { w, b } = drawn("uniform");
    near(w, 1 / Math.sqrt(30));
    near(b, 1 / Math.sqrt(30));
    expect(Math.max(w, b)).toBeLessThanOrEqual(1 / Math.sqrt(30));
  });

  test("he: N(0, 2/30); truncatedNormal: N(0, 0.01²) within two deviations", () => {
    near(drawn("he").deviation, Math.sqrt(2 / 30));
    // Var = 1 − 2·2φ(2)/(2Φ(2) − 1), φ(2) = 0.05399, Φ(2) = 0.97725.
    near(drawn("truncatedNormal").deviation, 0.01 * Math.sqrt(1 - 0.21596 / 0.9545));
    expect(drawn("truncatedNormal").w).toBeLessThanOrEqual(0.02);
  });
});

test("a saved learner comes back the same", async () => {
  const model = sequential([
    conv2d({ inShape: [6, 5, 2], filters: 3, kernel: [3, 2], stride: 2, padding: "same" }),
    activation("relu"),
    conv2d({ filters: 4, kernel: 2, padding: [1, 0], bias: false, initialization: "he" }),
    flatten(),
    dense({ outSize: 2 }),
  ]);
  const learner = await createLearner({
    model,
    loss: crossEntropy(),
    algorithm: maml({ innerLearningRate: 0.1 }),
    metaOptimizer: adam(),
    seed: 3,
    core,
  });
  // 3·2·2·3 + 3, 2·2·3·4, and 4×2 windows of 4 filters into 2.
  expect(learner.parameters.length).toBe(39 + 48 + (4 * 2 * 4 * 2 + 2));
  const batch = (seed: number) => ({ inputs: noise(seed, 180), targets: [0, 1, 1], rows: 3 });
  const task = { support: batch(1), query: batch(2) };
  learner.metaStep([task]);
  const loaded = await loadLearner(learner.save(), { core });
  expect(loaded.model.layers.map(({ spec }) => spec)).toEqual(model.layers.map(({ spec }) => spec));
  expect(loaded.adapt(task.support).parameters).toEqual(learner.adapt(task.support).parameters);
  expect(loaded.metaStep([task])).toEqual(learner.metaStep([task]));
  expect(loaded.metaParameters).toEqual(learner.metaParameters);
});

test("a workspace larger than any memory is asked for as such, and so refused", () => {
  const heap = new Heap(1024);
  const words = new Int32Array(2 * Field.Length);
  const set = (layer: number, values: Partial<Record<Field, number>>) => {
    for (const [field, value] of Object.entries(values))
      words[layer * Field.Length + Number(field)] = value;
  };
  set(0, { [Field.Channels]: 1 });
  set(1, { [Field.Kind]: LayerKind.Conv2d, [Field.Height]: 2 ** 25, [Field.Width]: 1 });
  set(1, { [Field.KernelHeight]: 2 ** 25, [Field.KernelWidth]: 1, [Field.Channels]: 1 });
  heap.place(4, new Float32Array(words.buffer));
  const record = heap.pointer(4 + Field.Length);
  expect(heap.core.workspaceFloats(record, 128)).toBe(2 ** 31 - 1);
});
