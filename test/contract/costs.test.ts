/** What a task costs in passes through a network: what the docstrings say, counted at the core. */
import { expect, test } from "vitest";
import * as rvml from "../../src/index.ts";
import type { Algorithm, Learner } from "../../src/index.ts";
import { core as build } from "../build.ts";
import { learnerFor } from "../learners.ts";
import { objectives, taskOf } from "../objectives.ts";

const [tanh, , , classes] = objectives;

/** Calls of the core: a gradient is about three forward passes, a product two gradients (with a tape a third less), a pullback two. */
const passes = ["predict", "loss", "gradient", "gradientTangent", "pullback"] as const;
type Counts = Readonly<Partial<Record<(typeof passes)[number], number>>>;

/** Those that an action takes. All batches here are of one piece, so that a call is a pass. */
function count(learner: Learner, action: () => void): Counts {
  const { memory } = learner.internal.network;
  const { core } = memory;
  const counts: Record<string, number> = {};
  const counting = passes.map((name) => {
    const pass = core[name] as (...values: number[]) => number;
    const counted = (...values: number[]) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return pass(...values);
    };
    return [name, counted];
  });
  Object.assign(memory, { core: { ...core, ...Object.fromEntries(counting) } });
  action();
  Object.assign(memory, { core });
  return counts;
}

const K = 6;
const inner = { innerLearningRate: 0.05, innerSteps: K };
const first = { ...inner, order: 1 } as const;
const exact = { gradient: K + 1, gradientTangent: K };
/** The features, and the way back through the body. */
const body = { predict: 1 + 1, pullback: 1 };

const costs: readonly (readonly [string, () => Algorithm, Counts])[] = [
  ["maml: K + 1 gradients and K products", () => rvml.maml(inner), exact],
  ["order 1: without the products", () => rvml.maml(first), { gradient: K + 1 }],
  ["firstOrderSteps too", () => rvml.maml({ ...inner, firstOrderSteps: 1 }), { gradient: K + 1 }],
  [
    "one product of two steps",
    () => rvml.maml({ ...inner, order: [2, 1] }),
    {
      gradient: K + 1,
      gradientTangent: 1,
    },
  ],
  [
    "checkpoint: again all but the last ⌈√K⌉ steps",
    () => rvml.maml({ ...inner, checkpoint: true }),
    {
      gradient: K + 1 + (K - 3),
      gradientTangent: K,
    },
  ],
  ["anil: the body once, and once back", () => rvml.anil(inner), { ...exact, ...body }],
  ["anil of order 1: not back", () => rvml.anil(first), { gradient: K + 1, predict: 1 }],
  ["boil: all layers at every step", () => rvml.boil(inner), exact],
  ["metaSgd: as maml", () => rvml.metaSgd(inner), exact],
  ["mamlPlusPlus: as maml", () => rvml.mamlPlusPlus(inner), exact],
  [
    "and K − 1 gradients more while the loss moves",
    () => rvml.mamlPlusPlus({ ...inner, multiStepLoss: 10 }),
    { gradient: 2 * K, gradientTangent: K },
  ],
  [
    "warpGrad: 2K gradients and K products more",
    () => rvml.warpGrad(inner),
    {
      gradient: 3 * K + 1,
      gradientTangent: 2 * K,
    },
  ],
  ["order 1: without either's products", () => rvml.warpGrad(first), { gradient: 3 * K + 1 }],
  ["reptile: K gradients and a loss", () => rvml.reptile(inner), { gradient: K, loss: 1 }],
  ["multiTask: two gradients", () => rvml.multiTask({ tasks: 3 }), { gradient: 2 }],
  ["pretrain: two gradients", () => rvml.pretrain(inner), { gradient: 2 }],
];

test.each(costs)("%s", async (_, make, expected) => {
  const learner = await learnerFor(tanh, { algorithm: make() });
  const task = { ...taskOf(tanh, 1), index: 0 };
  expect(count(learner, () => learner.metaGradient([task]))).toEqual(expected);
});

test.each<[string, () => Algorithm, Counts]>([
  [
    "prototypical: a gradient, four forward passes of the body",
    rvml.prototypical,
    {
      gradient: 1,
      ...body,
    },
  ],
  ["protoMaml: as maml, and those", () => rvml.protoMaml(inner), { ...exact, ...body }],
])("%s", async (_, make, expected) => {
  const learner = await learnerFor(classes, { algorithm: make() });
  expect(count(learner, () => learner.metaGradient([taskOf(classes, 1)]))).toEqual(expected);
});

test("implicitMaml: a product for each step of the solver, and one for the residual", async () => {
  const algorithm = rvml.implicitMaml({ ...inner, lambda: 3 });
  const learner = await learnerFor(tanh, { algorithm });
  const counts = count(learner, () => learner.metaGradient([taskOf(tanh, 1)]));
  expect(learner.report.cgSteps).toBeGreaterThan(2);
  // The inner steps, the query set, and the tape that the products go on from.
  expect(counts).toEqual({ gradient: K + 2, gradientTangent: learner.report.cgSteps + 1 });
});

test.each<[string, () => Algorithm, Counts]>([
  ["maml", () => rvml.maml(inner), { gradient: K }],
  ["anil", () => rvml.anil(inner), { gradient: K, predict: 1 }],
  ["mamlPlusPlus", () => rvml.mamlPlusPlus({ ...inner, multiStepLoss: 9 }), { gradient: K }],
  ["implicitMaml", () => rvml.implicitMaml(inner), { gradient: K }],
  ["reptile", () => rvml.reptile(inner), { gradient: K }],
])("to adapt takes K gradients: %s", async (_, make, expected) => {
  const learner = await learnerFor(tanh, { algorithm: make() });
  expect(count(learner, () => learner.adapt(taskOf(tanh, 1).support))).toEqual(expected);
});

test.each<[string, Algorithm, Counts]>([
  ["maml on the first dense layer", rvml.maml({ ...inner, layers: [1] }), exact],
  ["maml on both", rvml.maml({ ...inner, layers: [1, 2] }), exact],
  ["anil", rvml.anil(inner), { ...exact, ...body }],
])("what learns nothing below all that adapts is no body: %s", async (_, algorithm, expected) => {
  const layers = [
    rvml.activation("tanh"),
    rvml.dense({ inSize: 2, outSize: 3 }),
    rvml.dense({ outSize: 1 }),
  ];
  const learner = await learnerOn(rvml.sequential(layers), rvml.meanSquaredError(), algorithm);
  expect(count(learner, () => learner.metaGradient([taskOf(tanh, 1)]))).toEqual(expected);
});

test("prototypes of what learns nothing: no way back", async () => {
  const layers = [rvml.activation("tanh"), rvml.dense({ inSize: 4, outSize: 5 })];
  const learner = await learnerOn(
    rvml.sequential(layers),
    rvml.crossEntropy(),
    rvml.prototypical(),
  );
  const counts = count(learner, () => learner.metaGradient([taskOf(classes, 1)]));
  expect(counts).toEqual({ gradient: 1, predict: 1 });
});

function learnerOn(model: rvml.Model, loss: rvml.Loss, algorithm: Algorithm): Promise<Learner> {
  const metaOptimizer = rvml.adam();
  return rvml.createLearner({ model, loss, algorithm, metaOptimizer, seed: 1, core: build });
}
