/** The network of few-shot images: which layers it is made of, and what it refuses. */
import { describe, expect, test } from "vitest";
import {
  activation,
  adam,
  batchNorm,
  conv4,
  type Conv4Options,
  createLearner,
  crossEntropy,
  groupNorm,
  layerNorm,
  maml,
} from "../src/index.ts";
import { core } from "./build.ts";

const image = { inShape: [28, 28, 1], ways: 5 };

describe("layers", () => {
  /** Shapes behind each of the four blocks, as the papers' nets have them. */
  const shapesOf = ({ layers, inShape }: ReturnType<typeof conv4>, kind: string) => {
    let shape = inShape;
    return layers.flatMap((layer) => {
      shape = layer.outShape(shape);
      return layer.spec.kind === kind ? [shape.join("×")] : [];
    });
  };

  test("stride: 14, 7, 4, 2, and a mean over what is left", () => {
    const model = conv4(image);
    expect(shapesOf(model, "activation")).toEqual(["14×14×64", "7×7×64", "4×4×64", "2×2×64"]);
    expect(shapesOf(model, "globalAveragePool")).toEqual(["64"]);
    expect(model.outSize).toBe(5);
  });

  test("pool: 14, 7, 3, 1, flattened", () => {
    const model = conv4({ ...image, form: "pool", filters: 32 });
    expect(shapesOf(model, "maxPool")).toEqual(["14×14×32", "7×7×32", "3×3×32", "1×1×32"]);
    expect(shapesOf(model, "conv2d")).toEqual(["28×28×32", "14×14×32", "7×7×32", "3×3×32"]);
  });

  test("112,261 parameters", async () => {
    // 3·3·1·64 + 64, three times 3·3·64·64 + 64, four times 2·64, 64·5 + 5.
    const count = 9 * 64 + 64 + 3 * (9 * 64 * 64 + 64) + 4 * 128 + 64 * 5 + 5;
    const learner = await createLearner({
      model: conv4(image),
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 0.4 }),
      metaOptimizer: adam(),
      seed: 1,
      maxRows: 10,
      core,
    });
    expect(count).toBe(112_261);
    expect(learner.parameters.length).toBe(count);
  });

  test("the norm that is asked for, four times", () => {
    for (const norm of [layerNorm(), groupNorm({ groups: 8 }), batchNorm({ perStep: 2 })]) {
      const { layers } = conv4({ ...image, norm });
      expect(layers.filter((layer) => layer === norm).length).toBe(4);
    }
  });
});

test.each([
  [{ ways: 0 }, "conv4: expected"],
  [{ inShape: [28, 28] }, "conv4: expected inShape [n] or [height, width, channels]"],
  [{ filters: 0 }, "conv4: expected 1 ≤ filters"],
  [{ form: "average" }, 'conv4: expected form "stride" or "pool"'],
  [{ norm: activation("relu") }, "conv4: expected a norm, such as batchNorm()"],
  [{ norm: "batch" }, "conv4: expected a norm"],
  [{ inShape: [12, 12, 1], form: "pool" }, "maxPool: expected an image of at least 2×2 pixels"],
  [{ blocks: 3 }, "conv4: expected options"],
])("%j: refused", (options, message) =>
  expect(() => conv4({ ...image, ...options } as Conv4Options)).toThrow(message),
);
