/** Networks of images, against differences of their losses. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../close.ts";
import { noise } from "../noise.ts";
import { batchFor, DIFFERENCE_TOLERANCE, differences } from "./differences.ts";
import { family } from "./family.ts";
import { batchNorm, conv, dense, flatten, images, maxPool, relu, tanh } from "./image-layers.ts";
import { nearestKink } from "./kinks.ts";
import { gradient, hvp, loss } from "./meta.ts";
import type { Objective } from "./meta.ts";
import { parameterCount, tensorsOf } from "./network.ts";
import type { AnyModel, Batch, Sequential } from "./network.ts";

/** Both sides exact but for f64 rounding. */
const EXACT = 1e-12;

const networks: Record<string, Sequential> = {
  "stride 2, batch norm without scale": images(
    [5, 5, 2],
    conv(3, 3, { stride: 2, padding: "same" }),
    batchNorm({ scale: false, epsilon: 1e-2 }),
    relu,
    conv(2, [2, 3], { bias: false }),
    tanh,
    flatten,
    dense(3),
  ),
  "max-pool, group norm": images(
    [3, 4, 1],
    conv(4, 3, { padding: 1 }),
    { kind: "groupNorm", groups: 2 },
    relu,
    maxPool([2, 3], { stride: 2, padding: 1 }),
    { kind: "layerNorm", shift: false },
    flatten,
    dense(3),
  ),
  "average-pool, batch norm of what is flat, too": images(
    [5, 4, 1],
    conv(2, [3, 2], { padding: [2, 0] }),
    batchNorm(),
    tanh,
    { kind: "averagePool", kernel: 3, stride: 2, padding: "same" },
    conv(3, 2),
    { kind: "globalAveragePool" },
    batchNorm({ epsilon: 0.1 }),
    dense(3),
  ),
};

describe.each(Object.entries(networks))("against differences: %s", (_, model) => {
  const losses = ["crossEntropy", "meanSquaredError", "binaryCrossEntropy"] as const;
  const objective: Objective<AnyModel> = {
    model,
    loss: losses[Object.values(networks).indexOf(model)],
  };
  const { theta, support, query } = drawn(objective);

  test.each([undefined, 2])("gradient and Hessian-vector product, %s rows counted", (counted) => {
    const batch = { ...support, ...(counted && { counted }) };
    const slopes = differences((x) => loss(objective, x, batch), theta);
    expectClose(gradient(objective, theta, batch), slopes, DIFFERENCE_TOLERANCE, "gradient");
    const v = noise(6, theta.length);
    const along = (x: Float64Array) =>
      gradient(objective, x, batch).reduce((sum, value, i) => sum + value * v[i], 0);
    const products = differences(along, theta);
    expectClose(hvp(objective, theta, batch, v), products, DIFFERENCE_TOLERANCE, "hvp");
  });

  test("meta-gradient", () => {
    const inner = { innerLearningRate: 0.1, innerSteps: 2 };
    const after = (at: Float64Array) =>
      loss(objective, family.maml.adapt(objective, at, support, inner), query);
    const maml = family.maml.gradient(objective, theta, [{ support, query }], inner);
    expectClose(maml.loss, after(theta), EXACT, "loss");
    expectClose(maml.gradient, differences(after, theta), DIFFERENCE_TOLERANCE, "meta-gradient");
  });
});

describe("what does not adapt", () => {
  const adapted = false;
  // No bias: batch norm would take it away again, and its gradient with it.
  const first = conv(2, 2, { bias: false });
  const model = images([3, 3, 1], first, batchNorm({ adapted }), tanh, flatten, dense(2));
  const objective: Objective<AnyModel> = { model, loss: "meanSquaredError" };
  const { theta, support, query } = drawn(objective);
  const [scale, shift] = tensorsOf(model).filter(({ layer }) => layer === 1);
  const names = ["maml", "metaSgd", "mamlPlusPlus", "alfa", "innerMomentum", "learnedOptimizer"];

  test.each(names)("%s: γ and β stay, all else moves", (name) => {
    const options = { innerLearningRate: 0.1, innerSteps: 2, hiddenSize: 2, learnStart: true };
    const own = noise(9, family[name].ownCount(objective, options));
    const meta = Float64Array.of(...theta, ...own);
    const phi = family[name].adapt(objective, meta, support, options);
    const end = shift.offset + shift.cols;
    expect(phi.subarray(scale.offset, end)).toEqual(theta.subarray(scale.offset, end));
    const stayed = phi.filter((value, i) => value === theta[i]).length;
    expect(stayed).toBe(scale.cols + shift.cols);
  });

  test("γ and β are learned all the same", () => {
    const inner = { innerLearningRate: 0.1, innerSteps: 2 };
    const ask = (at: Float64Array) =>
      family.maml.gradient(objective, at, [{ support, query }], inner);
    const expected = differences((at) => ask(at).loss, theta);
    expectClose(ask(theta).gradient, expected, DIFFERENCE_TOLERANCE, "meta-gradient");
  });

  test("but where layers are named", () => {
    const named = { innerLearningRate: 0.1, innerSteps: 1, layers: [1] };
    const phi = family.maml.adapt(objective, theta, support, named);
    const stayed = phi.filter((value, i) => value === theta[i]).length;
    expect(stayed).toBe(theta.length - scale.cols - shift.cols);
  });
});

/** θ and two batches, farther from any kink than differences reach. */
function drawn(objective: Objective<AnyModel>) {
  for (let seed = 1; seed < 100; seed++) {
    const theta = Float64Array.from(noise(seed, parameterCount(objective.model)));
    const [support, query] = [1, 2].map((i): Batch => batchFor(objective, 3, 10 * seed + 3 * i));
    const kinks = [support, query].map((batch) => nearestKink(objective.model, theta, batch));
    if (Math.min(...kinks) > 1e-3) return { theta, support, query };
  }
  throw new Error("drawn: expected a draw away from kinks");
}
