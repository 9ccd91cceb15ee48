/** What algorithms learn besides θ: under which names a file keeps it, in which shapes, and where it starts. */
import { expect, test } from "vitest";
import { adam, createLearner, crossEntropy, mlp } from "../../src/index.ts";
import { core } from "../build.ts";
import { readFile } from "../safetensors-reader.ts";
import { makers } from "./cases.ts";
import type { AlgorithmName, Options } from "./oracles.ts";

/** Says whether values are as they should start, given θ's. */
type Start = (values: readonly number[], theta: readonly number[]) => void;

const all =
  (value: number): Start =>
  (values) =>
    expect(new Set(values)).toEqual(new Set([Math.fround(value)]));

const identity =
  (n: number): Start =>
  (values) =>
    expect(values).toEqual(Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)));

/** Within the bounds, on both sides of the middle, no two alike. */
const between =
  (from: number, to: number): Start =>
  (values) => {
    expect(Math.min(...values)).toBeGreaterThanOrEqual(from);
    expect(Math.max(...values)).toBeLessThan(to);
    expect(new Set(values.map((value) => value < (from + to) / 2)).size).toBe(2);
    expect(new Set(values).size).toBe(values.length);
  };

/** U(±√(6/(in + out))): the farthest of some dozens is near the bound. Glorot, Bengio 2010. */
const glorot =
  (inSize: number, outSize: number): Start =>
  (values) => {
    const bound = Math.sqrt(6 / (inSize + outSize));
    between(-bound, bound)(values, []);
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.9 * bound);
  };

const K = { innerLearningRate: 0.3, innerSteps: 3 };
/** θ: 0.weight 3×16, 0.bias 16, 2.weight 16×8, 2.bias 8. */
const model = mlp({ sizes: [3, 16, 8] });
const HEAD = 16 * 8 + 8;

const starts: readonly (readonly [AlgorithmName, Options, Readonly<Record<string, Start>>])[] = [
  [
    "metaSgd",
    K,
    {
      "alpha.0.weight 3×16": all(0.3),
      "alpha.0.bias 16": all(0.3),
      "alpha.2.weight 16×8": all(0.3),
      "alpha.2.bias 8": all(0.3),
    },
  ],
  [
    "metaSgd",
    { ...K, innerLearningRate: { from: 0.1, to: 0.4 } },
    {
      "alpha.0.weight 3×16": between(0.1, 0.4),
      "alpha.0.bias 16": between(0.1, 0.4),
      "alpha.2.weight 16×8": between(0.1, 0.4),
      "alpha.2.bias 8": between(0.1, 0.4),
    },
  ],
  ["mamlPlusPlus", K, { "alpha 3×4": all(0.3) }],
  ["mamlPlusPlus", { ...K, learnRates: false }, {}],
  [
    "alfa",
    K,
    {
      "alpha 3×4": all(0.3),
      "beta 3×4": all(1),
      "hidden.weight 8×8": glorot(8, 8),
      "hidden.bias 8": all(0),
      "output.weight 8×8": all(0),
      "output.bias 8": all(0),
    },
  ],
  [
    "metaCurvature",
    K,
    {
      "left.0.weight 3×3": identity(3),
      "right.0.weight 16×16": identity(16),
      "scale.0.bias 16": all(1),
      "left.2.weight 16×16": identity(16),
      "right.2.weight 8×8": identity(8),
      "scale.2.bias 8": all(1),
    },
  ],
  [
    "learnedOptimizer",
    { innerSteps: 3, hiddenSize: 5 },
    {
      "cell.0.weight 7×5": glorot(7, 5),
      "cell.0.bias 5": all(0),
      "cell.2.weight 5×11": glorot(5, 11),
      "cell.2.bias 11": all(0),
    },
  ],
  [
    "multiTask",
    { ...K, tasks: 3 },
    {
      [`heads 3×${HEAD}`]: (values, theta) => {
        const head = theta.slice(-HEAD);
        expect(new Set(head).size).toBeGreaterThan(100);
        expect(values).toEqual([...head, ...head, ...head]);
      },
    },
  ],
];

test.each(starts)("%s %j", async (name, options, expected) => {
  const learner = await createLearner({
    model,
    loss: crossEntropy(),
    algorithm: makers[name](options),
    metaOptimizer: adam(),
    seed: 3,
    core,
  });
  const own = readFile(learner.save()).tensors.filter((each) => each.name.startsWith("algorithm."));
  const titles = own.map((each) => `${each.name} ${each.shape.join("×")}`);
  expect(titles).toEqual(Object.keys(expected).map((title) => `algorithm.${title}`));
  const theta = Array.from(learner.parameters);
  Object.values(expected).forEach((check, i) => check(own[i].values, theta));
  expect(Array.from(learner.metaParameters)).toEqual([
    ...theta,
    ...own.flatMap(({ values }) => values),
  ]);
});
