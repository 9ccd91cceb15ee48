/** What single algorithms promise beyond the table: closed forms, and what one is when it is another. */
import { describe, expect, test } from "vitest";
import {
  type Algorithm,
  cavia,
  learnedOptimizer,
  maml,
  metaGradCheck,
  reptile,
  sgd,
  warpGrad,
} from "../../src/index.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE, relativeError } from "../close.ts";
import { learnerFor } from "../learners.ts";
import { objectives, parametersOf, taskOf } from "../objectives.ts";
import * as oracle from "../oracle/meta.ts";
import type { Batch } from "../oracle/network.ts";
import { algorithmOf, cases, learnerOf, makers, tasksOf } from "./cases.ts";
import { ROUNDING } from "./expect-gradient.ts";
import type { AlgorithmName } from "./oracles.ts";

const inner = { innerLearningRate: 0.2, innerSteps: 3 };
const [tanh, , , classes] = objectives;

describe.each(objectives)("$name", (objective) => {
  const parameters = parametersOf(objective);
  const task = taskOf(objective, 1);
  const ask = async (algorithm: Algorithm) =>
    (await learnerFor(objective, { parameters, algorithm })).metaGradient([task]);

  test("the orders differ, and what stands between them", async () => {
    const [first, mixed, second] = await Promise.all(
      ([1, [1, 2], 2] as const).map((order) => ask(maml({ ...inner, order }))),
    );
    expect(relativeError(first.gradient, second.gradient)).toBeGreaterThan(1e-2);
    expect(relativeError(mixed.gradient, second.gradient)).toBeGreaterThan(1e-3);
    expect(relativeError(first.gradient, mixed.gradient)).toBeGreaterThan(1e-3);
  });
});

describe("a linear model with squared loss: (I − αH)ᴷ ∇L(θ_K; query), in closed form", () => {
  const objective = { model: { sizes: [3, 1], activation: "linear" }, loss: "meanSquaredError" };
  const linear = objective as oracle.Objective;
  const theta = Float32Array.of(0.5, -1, 2, 0.25);
  const task = taskOf(linear, 4);
  const [alpha, steps] = [0.07, 4];

  /** H = 2/n ΣxxᵀL and c = 2/n Σxt over rows x = (inputs, 1): ∇L(θ) = Hθ − c. */
  function normalEquations({ inputs, targets, rows }: Batch) {
    const row = (r: number) => [...Array.from(inputs).slice(3 * r, 3 * r + 3), 1];
    const mean = (f: (x: number[], r: number) => number) =>
      Array.from({ length: rows }, (_, r) => (2 / rows) * f(row(r), r)).reduce((a, b) => a + b);
    const h = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => mean((x) => x[i] * x[j])));
    const c = [0, 1, 2, 3].map((i) => mean((x, r) => x[i] * targets[r]));
    return { h, c };
  }
  const times = (h: number[][], v: ArrayLike<number>) =>
    h.map((row) => row.reduce((sum, value, j) => sum + value * v[j], 0));

  test.each([1, 2] as const)("order %i", async (order) => {
    const [support, query] = [task.support, task.query].map(normalEquations);
    let phi = Array.from(theta);
    for (let k = 0; k < steps; k++) {
      const slope = times(support.h, phi);
      phi = phi.map((value, i) => value - alpha * (slope[i] - support.c[i]));
    }
    let v = times(query.h, phi).map((value, i) => value - query.c[i]);
    for (let k = 0; k < (order === 2 ? steps : 0); k++) {
      const product = times(support.h, v);
      v = v.map((value, i) => value - alpha * product[i]);
    }
    const algorithm = maml({ innerLearningRate: alpha, innerSteps: steps, order });
    const learner = await learnerFor(linear, { parameters: theta, algorithm });
    expectClose(learner.adapt(task.support).parameters, phi, LOSS_TOLERANCE, "φ");
    expectClose(learner.metaGradient([task]).gradient, v, GRADIENT_TOLERANCE, "meta-gradient");
  });
});

/** Between what metaGradCheck promises for right ones (1e-3) and for wrong ones (0.1 and more). */
const CHECK_BOUND = 0.03;

describe("followsGradient", () => {
  const exact = cases.filter(({ options: { order = 2 } }) => [order].flat().every((o) => o === 2));
  // A kink of ReLU within the difference's step would spoil it.
  const smooth = exact.filter(({ sizes }) => sizes.model.activation !== "relu");

  test.each(smooth)("metaGradCheck passes, or is refused: $title", async (each) => {
    // Only the minimum that the steps tend to has the implicit gradient.
    const minimum = { innerSteps: 300, damping: 0, lambda: 4, tolerance: 1e-6 };
    const learner = await learnerOf(each, each.name === "implicitMaml" ? minimum : {});
    // Behind firstOrderSteps.
    learner.step = 2;
    const check = () => metaGradCheck(learner, tasksOf(each).slice(0, 1));
    if (learner.algorithm.followsGradient) expect(check().error).toBeLessThan(CHECK_BOUND);
    else expect(check).toThrow("expected an algorithm that follows the gradient of a loss");
  });

  const refused = ["cavia", "learnedOptimizer", "reptile", "warpGrad"];
  const cell = { innerSteps: 3, unroll: 3, learnStart: true };

  test("not of θ − φ, of single steps, of what starts anew, of truncated steps; of all else", () => {
    for (const each of smooth)
      if (!refused.includes(each.name))
        expect(algorithmOf(each).followsGradient, each.title).toBe(true);
    const follows = (options: object) => learnedOptimizer({ ...cell, ...options }).followsGradient;
    expect([{}, { unroll: 4 }].map(follows)).toEqual([true, true]);
    expect([{ unroll: 2 }, { learnStart: false }].map(follows)).toEqual([false, false]);
    const others = [reptile(inner), warpGrad(inner), cavia(inner)];
    expect(others.map(({ followsGradient }) => followsGradient)).toEqual([false, false, false]);
  });
});

describe("one algorithm that is another", () => {
  type Call = readonly [name: AlgorithmName, options?: object];
  const [parameters, task] = [parametersOf(tanh), taskOf(tanh, 1)];

  async function same(calls: readonly Call[], objective = tanh) {
    const tasks = [objective === tanh ? task : taskOf(objective, 2)];
    const theta = objective === tanh ? parameters : parametersOf(objective);
    const [one, other] = await Promise.all(
      calls.map(async ([name, options]) => {
        const algorithm = makers[name](options);
        const learner = await learnerFor(objective, { parameters: theta, algorithm });
        const { loss, gradient } = learner.metaGradient(tasks);
        return { loss, gradient, phi: learner.adapt(tasks[0].support).parameters };
      }),
    );
    expect(one).toEqual(other);
  }

  const slow = sgd({ learningRate: 0.1 });
  const still = sgd({ learningRate: 0 });
  const two = { innerSteps: 2 };

  test.each<readonly [string, Call, Call]>([
    ["anil is maml on the last layer", ["anil", inner], ["maml", { ...inner, layers: [4] }]],
    ["boil is maml on the others", ["boil", inner], ["maml", { ...inner, layers: [0, 2] }]],
    ["tNet is maml around every second", ["tNet", inner], ["maml", { ...inner, layers: [0, 4] }]],
    ["a warp layer, named", ["tNet", { ...inner, warpLayers: [2] }], ["tNet", inner]],
    [
      "two of them",
      ["tNet", { ...inner, warpLayers: [4, 2] }],
      ["maml", { ...inner, layers: [0] }],
    ],
    ["layers in any order, twice", ["maml", { ...inner, layers: [4, 0, 4] }], ["tNet", inner]],
    ["all layers", ["maml", { ...inner, layers: [0, 2, 4] }], ["maml", inner]],
    [
      "one step by default",
      ["maml", { innerLearningRate: 0.2 }],
      ["maml", { ...inner, innerSteps: 1 }],
    ],
    [
      "undefined is the default",
      ["maml", { ...inner, order: undefined }],
      ["maml", { ...inner, order: 2 }],
    ],
    [
      "nothing of maml++ is maml",
      ["mamlPlusPlus", { ...inner, learnRates: false }],
      ["maml", inner],
    ],
    [
      "α is sgd's",
      ["reptile", { innerLearningRate: 0.1, ...two }],
      ["reptile", { innerOptimizer: slow, ...two }],
    ],
    [
      "rate 0",
      ["reptile", { innerLearningRate: 0, ...two }],
      ["reptile", { innerOptimizer: still, ...two }],
    ],
  ])("%s", async (_, ...calls) => {
    await same(calls);
  });

  test.each([
    { innerLearningRate: 0.1, innerSteps: 0 },
    { innerLearningRate: 0, innerSteps: 2 },
  ])("protoMaml with %j is prototypical", async (options) => {
    await same([["protoMaml", options], ["prototypical"]], classes);
  });

  test("warpGrad of one step is tNet of one step", async () => {
    const once = { innerLearningRate: 0.2, innerSteps: 1 };
    const [a, b] = await Promise.all(
      (["warpGrad", "tNet"] as const).map(async (name) => {
        const learner = await learnerFor(tanh, { parameters, algorithm: makers[name](once) });
        return learner.metaGradient([task]).gradient;
      }),
    );
    expectClose(a, b, ROUNDING, "meta-gradient");
  });
});

test("reptile takes minibatches of no more rows than there are", async () => {
  const parameters = parametersOf(tanh);
  const task = taskOf(tanh, 5, 10);
  const ask = async (innerBatchSize?: number) => {
    const algorithm = reptile({ innerLearningRate: 0.05, innerSteps: 4, innerBatchSize });
    return (await learnerFor(tanh, { parameters, algorithm })).metaGradient([task]);
  };
  const [whole, ...others] = await Promise.all([undefined, 9, 10, 11, 15].map(ask));
  expect(others.map(({ gradient }) => gradient).slice(1)).toEqual(
    [10, 11, 15].map(() => whole.gradient),
  );
  expect(others[0].gradient).not.toEqual(whole.gradient);
});

test("reptile passes over minibatches whose rows all weigh nothing", async () => {
  const objective = tanh;
  const { support, query } = taskOf(objective, 5, 8);
  const weights = Float32Array.of(1, 2, 0, 0, 0, 0, 3, 1);
  const algorithm = reptile({ innerLearningRate: 0.05, innerSteps: 4, innerBatchSize: 2 });
  const parameters = parametersOf(objective);
  const learner = await learnerFor(objective, { parameters, algorithm });
  const { gradient } = learner.metaGradient([{ support: { ...support, weights }, query }]);
  const half = (from: number) => ({
    inputs: Array.from(support.inputs).slice(2 * from, 2 * from + 4),
    targets: Array.from(support.targets).slice(from, from + 2),
    rows: 2,
    weights: weights.slice(from, from + 2),
  });
  const once = { innerLearningRate: 0.05, innerSteps: 1 };
  const first = oracle.adapt(objective, parameters, half(0), once);
  const phi = oracle.adapt(objective, first, half(6), once);
  const expected = phi.map((value, i) => parameters[i] - value);
  expectClose(gradient, expected, GRADIENT_TOLERANCE, "θ − φ");
});
