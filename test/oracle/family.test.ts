import { describe, expect, test } from "vitest";
import { expectClose } from "../close.ts";
import { noise } from "../noise.ts";
import { batchFor, DIFFERENCE_TOLERANCE, differences } from "./differences.ts";
import { family } from "./family.ts";
import type { IndexedTask, Options } from "./family.ts";
import { gradient, loss, mamlGradient } from "./meta.ts";
import type { Objective } from "./meta.ts";
import { parameterCount, tensorsOf } from "./network.ts";
import type { AnyModel, PlacedTensor } from "./network.ts";

/** Both sides exact but for f64 rounding. */
const EXACT = 1e-12;
const RATE = 0.2;

const regression = objectiveOf({ sizes: [2, 3, 2], activation: "tanh" });
const deep = objectiveOf({ sizes: [2, 3, 3, 2], activation: "tanh" });
const normed = objectiveOf({ sizes: [2, 3, 2], activation: "tanh", norm: "batch" });
const classes = objectiveOf({ sizes: [2, 4, 3], activation: "tanh" }, "crossEntropy");
const contextual = objectiveOf({ sizes: [2, 3, 2], activation: "tanh", context: 2 });
const late = objectiveOf({
  inSize: 2,
  layers: [
    { kind: "dense", outSize: 3 },
    { kind: "activation", name: "tanh" },
    { kind: "context", size: 2 },
    { kind: "dense", outSize: 2 },
  ],
});

function objectiveOf(
  model: AnyModel,
  loss: Objective["loss"] = "meanSquaredError",
): Objective<AnyModel> {
  return { model, loss };
}

const thetaOf = ({ model }: Objective<AnyModel>) => [...noise(1, parameterCount(model))];

function tasksFor(objective: Objective<AnyModel>): IndexedTask[] {
  return [0, 1].map((i) => ({
    support: batchFor(objective, 6 - i, 10 * i + 2),
    query: batchFor(objective, 5, 10 * i + 7),
    index: 2 * i,
  }));
}

/** Own meta-parameters at which an algorithm is MAML with the rate RATE. */
function neutral(name: string, objective: Objective<AnyModel>, options: Options): number[] {
  const count = family[name].ownCount(objective, options);
  const tensors = tensorsOf(objective.model);
  if (name === "metaSgd" || name === "mamlPlusPlus") return filled(count, RATE);
  if (name === "metaCurvature") return tensors.flatMap(uncurved);
  if (name !== "alfa") return filled(count, 0);
  const [rates, T] = [(options.innerSteps ?? 1) * tensors.length, tensors.length];
  const hidden = [...noise(3, 4 * T * T + 2 * T)];
  return [...filled(rates, RATE), ...filled(rates, 1), ...hidden, ...filled(hidden.length, 0)];
}

const filled = (count: number, value: number) => Array.from({ length: count }, () => value);

function uncurved({ name, rows, cols }: PlacedTensor): number[] {
  const identity = (n: number) =>
    Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  return name === "weight" ? [...identity(rows), ...identity(cols)] : filled(cols, 1);
}

const inner = { innerLearningRate: RATE, innerSteps: 2 };
const isContext = ({ name }: PlacedTensor) => name === "context";

/** Every algorithm, with the tensors of θ whose meta-gradient is by definition not that of the loss. */
const cases: [
  name: string,
  objective: Objective<AnyModel>,
  options: Options,
  except?: (tensor: PlacedTensor) => boolean,
][] = [
  ["maml", normed, { ...inner, layers: [0, 1] }],
  ["maml", late, { ...inner, layers: [2, 3] }],
  ["anil", deep, inner],
  ["boil", classes, inner],
  ["tNet", deep, inner],
  ["tNet", normed, { ...inner, warpLayers: [0, 1] }],
  ["metaSgd", normed, inner],
  ["mamlPlusPlus", regression, { ...inner, multiStepLoss: 5 }],
  ["mamlPlusPlus", classes, { ...inner, multiStepLoss: 2 }],
  ["mamlPlusPlus", regression, { ...inner, learnRates: false, multiStepLoss: 4 }],
  ["alfa", regression, inner],
  ["metaCurvature", regression, inner],
  ["metaCurvature", normed, inner],
  ["innerMomentum", regression, { ...inner, innerSteps: 3, momentum: 0.7 }],
  ["innerAdam", classes, { ...inner, innerSteps: 3, beta1: 0.8, epsilon: 1e-2 }],
  ["cavia", contextual, inner, isContext],
  ["cavia", late, inner, isContext],
  ["warpGrad", deep, inner, ({ layer }) => layer === 2],
  ["implicitMaml", classes, { innerLearningRate: 0.4, innerSteps: 40, lambda: 2 }],
  ["protoMaml", classes, inner],
  ["prototypical", classes, {}],
  ["learnedOptimizer", regression, { ...learned(3), order: 2, learnStart: true }],
  ["learnedOptimizer", classes, { ...learned(2), order: 2, learnStart: false }, () => true],
  ["multiTask", classes, { ...inner, tasks: 3 }],
];

/** Small enough a scale that no gradient along the way is as near to 0, where sign and logarithm turn, as a difference reaches. */
function learned(innerSteps: number): Options {
  return { innerSteps, hiddenSize: 3, outputScale: 0.05, unroll: innerSteps };
}

describe.each(cases)("%s against differences (case %#)", (name, objective, options, except) => {
  const ownSize = name === "learnedOptimizer" || name === "multiTask" ? 0.7 : 0.1;
  const start = neutral(name, objective, options);
  const own = [...noise(4, start.length)].map((value, i) => start[i] + ownSize * value);
  const meta = Float64Array.of(...thetaOf(objective), ...own);
  const tasks = tasksFor(objective).slice(0, name === "alfa" ? 1 : 2);
  const ask = (at: Float64Array) => family[name].gradient(objective, at, tasks, options, 1);

  test("the meta-gradient is that of the loss", () => {
    const [actual, expected] = [ask(meta).gradient, differences((at) => ask(at).loss, meta)];
    expect(actual.length).toBe(meta.length);
    for (const tensor of tensorsOf(objective.model)) {
      if (!except?.(tensor)) continue;
      const [from, to] = [tensor.offset, tensor.offset + tensor.rows * tensor.cols];
      if (name !== "warpGrad")
        expectClose(actual.slice(from, to), filled(to - from, 0), 0, "fixed");
      for (const each of [actual, expected]) each.fill(0, from, to);
    }
    expectClose(actual, expected, DIFFERENCE_TOLERANCE, "meta-gradient");
  });
});

/** With own meta-parameters that change nothing, and without steps or at rate 0. */
describe.each([
  ["maml", {}],
  ["metaSgd", {}],
  ["mamlPlusPlus", {}],
  ["mamlPlusPlus", { learnRates: false }],
  ["alfa", {}],
  ["metaCurvature", {}],
  ["innerMomentum", { momentum: 0 }],
] as [string, Options][])("%s where it is MAML, %o", (name, extra) => {
  const theta = thetaOf(normed);
  const tasks = tasksFor(normed);

  test.each([0, 1, 3])("K = %i", (innerSteps) => {
    const options = { ...inner, ...extra, innerSteps };
    const meta = [...theta, ...neutral(name, normed, options)];
    for (const order of [1, 2] as const) {
      const actual = family[name].gradient(normed, meta, tasks, { ...options, order });
      const expected = mamlGradient(normed as Objective, theta, tasks, {
        ...inner,
        innerSteps,
        order,
      });
      expectClose(actual.loss, expected.loss, EXACT, "loss");
      const part = actual.gradient.slice(0, theta.length);
      expectClose(part, expected.gradient, EXACT, `order ${order}`);
    }
    const phi = family[name].adapt(normed, meta, tasks[0].support, options);
    const expected = family.maml.adapt(normed, theta, tasks[0].support, options);
    expectClose(phi, expected, EXACT, "φ");
  });
});

test("innerMomentum with momentum, innerAdam: φ step by step", () => {
  const { support } = tasksFor(regression)[0];
  const options = { ...inner, innerSteps: 3 };
  const [byMomentum, byAdam] = [0, 1].map(() => thetaOf(regression));
  const [v, m, s] = [0, 1, 2].map(() => filled(byAdam.length, 0));
  for (let k = 1; k <= 3; k++) {
    gradient(regression, byMomentum, support).forEach((g, i) => {
      v[i] = 0.9 * v[i] + g;
      byMomentum[i] -= RATE * v[i];
    });
    gradient(regression, byAdam, support).forEach((g, i) => {
      m[i] = 0.9 * m[i] + 0.1 * g;
      s[i] = 0.999 * s[i] + 0.001 * g * g;
      const size = Math.sqrt(s[i] / (1 - 0.999 ** k) + 1e-8);
      byAdam[i] -= (RATE * (m[i] / (1 - 0.9 ** k))) / size;
    });
  }
  const adapt = (name: string) =>
    family[name].adapt(regression, thetaOf(regression), support, options);
  expectClose(adapt("innerMomentum"), byMomentum, EXACT, "momentum");
  expectClose(adapt("innerAdam"), byAdam, EXACT, "Adam");
});

describe.each(["maml", "anil", "boil", "tNet", "innerMomentum", "innerAdam", "cavia", "warpGrad"])(
  "%s without steps, and with steps of rate 0",
  (name) => {
    const theta = thetaOf(contextual);
    const tasks = tasksFor(contextual).slice(0, 1);
    const expected = gradient(contextual, theta, tasks[0].query);
    if (name === "cavia") expected.fill(0, 0, 2);

    test.each([
      { innerLearningRate: RATE, innerSteps: 0 },
      { innerLearningRate: 0, innerSteps: 2 },
    ])("$innerSteps steps", (options) => {
      const actual = family[name].gradient(contextual, theta, tasks, options);
      expectClose(actual.loss, loss(contextual, theta, tasks[0].query), EXACT, "loss");
      expectClose(actual.gradient, expected, EXACT, "gradient");
    });
  },
);
