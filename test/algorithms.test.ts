import { describe, expect, test } from "vitest";
import { adam, type Algorithm, evaluate, maml, pretrain, reptile } from "../src/index.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE, relativeError } from "./close.ts";
import { learnerFor } from "./learners.ts";
import { objectives, parametersOf, taskOf, weighted } from "./objectives.ts";
import { adamAdapt, adamReptileGradient, type InnerAdam } from "./oracle/inner-adam.ts";
import * as oracle from "./oracle/meta.ts";
import type { Batch } from "./oracle/network.ts";

interface Contract {
  readonly name: string;
  make(inner: oracle.InnerLoop): Algorithm;
  gradient(
    objective: oracle.Objective,
    parameters: ArrayLike<number>,
    tasks: readonly oracle.Task[],
    inner: oracle.InnerLoop,
  ): oracle.MetaGradient;
  adapt: typeof oracle.adapt;
  /** The meta-gradient is θ − φ. */
  readonly difference?: true;
}

/**
 * ε well above the 1e-9 that f32 leaves of gradients that are zero (a bias ahead of batch norm), which Adam would otherwise
 * blow up to whole steps.
 */
const ADAM = { beta1: 0, beta2: 0.999, epsilon: 1e-2 };

function innerAdam({ innerLearningRate, innerSteps }: oracle.InnerLoop): InnerAdam {
  return { ...ADAM, innerSteps, innerBatchSize: 4, learningRate: innerLearningRate / 10 };
}

/** A new algorithm adds its row, and passes all that follows. */
const algorithms: Contract[] = [
  {
    name: "maml, order 2",
    make: (inner) => maml(inner),
    gradient: (objective, parameters, tasks, inner) =>
      oracle.mamlGradient(objective, parameters, tasks, { ...inner, order: 2 }),
    adapt: oracle.adapt,
  },
  {
    name: "maml, order 1",
    make: (inner) => maml({ ...inner, order: 1 }),
    gradient: (objective, parameters, tasks, inner) =>
      oracle.mamlGradient(objective, parameters, tasks, { ...inner, order: 1 }),
    adapt: oracle.adapt,
  },
  {
    name: "reptile",
    make: (inner) => reptile(inner),
    gradient: oracle.reptileGradient,
    adapt: oracle.adapt,
    difference: true,
  },
  {
    name: "reptile, Adam on minibatches",
    make: ({ innerLearningRate, innerSteps }) =>
      reptile({
        innerSteps,
        innerBatchSize: 4,
        innerOptimizer: adam({ ...ADAM, learningRate: innerLearningRate / 10 }),
      }),
    gradient: (objective, parameters, tasks, inner) =>
      adamReptileGradient(objective, parameters, tasks, innerAdam(inner)),
    adapt: (objective, parameters, support, inner) =>
      adamAdapt(objective, parameters, support, innerAdam(inner)),
    difference: true,
  },
  {
    name: "pretrain",
    make: (inner) => pretrain(inner),
    gradient: oracle.jointGradient,
    adapt: oracle.adapt,
  },
];

/** A rounding or two more or less of each number. */
const ROUNDING = 3e-7;

/** φ as f32 holds it: within half an ulp. In a difference that is small beside θ this is more than GRADIENT_TOLERANCE. */
const HALF_ULP = 2 ** -24;

const inner = { innerLearningRate: 0.2, innerSteps: 3 };
/** ‖a‖/‖b‖. */
function relativeSize(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.hypot(...Array.from(a)) / Math.hypot(...Array.from(b));
}

const cases = algorithms.flatMap((contract) =>
  objectives.map((objective) => ({
    ...contract,
    title: `${contract.name}: ${objective.name}`,
    objective,
  })),
);

describe.each(cases)("$title", ({ objective, make, gradient, adapt, difference }) => {
  const parameters = parametersOf(objective);
  // Rows below, at and above what is held and what passes at a time (32 and 128).
  const tasks = [
    taskOf(objective, 1),
    weighted(taskOf(objective, 2, 5, 140), 1),
    weighted(taskOf(objective, 3, 32, 9), 2),
    taskOf(objective, 4, 33, 4),
    taskOf(objective, 5, 129, 128),
  ];
  const start = () => learnerFor(objective, { parameters, algorithm: make(inner) });

  test("the meta-gradient is the oracle's, and its mean over tasks", async () => {
    const learner = await start();
    for (const some of [...tasks.map((task) => [task]), tasks]) {
      const expected = gradient(objective, parameters, some, inner);
      const actual = learner.metaGradient(some);
      expectClose(actual.loss, expected.loss, LOSS_TOLERANCE, "loss");
      const floor = difference ? HALF_ULP / relativeSize(expected.gradient, parameters) : 0;
      const tolerance = GRADIENT_TOLERANCE + floor;
      expectClose(actual.gradient, expected.gradient, tolerance, "meta-gradient");
    }
  });

  test("adapts as the oracle does: no step, those trained for, and more", async () => {
    const learner = await start();
    const { support, query } = tasks[0];
    for (const innerSteps of [0, 3, 11]) {
      const adapted = learner.adapt(support, innerSteps === 3 ? {} : { steps: innerSteps });
      const phi = adapt(objective, parameters, support, { ...inner, innerSteps });
      const outputs = oracle.predict(objective.model, phi, query.inputs);
      expectClose(adapted.parameters, phi, LOSS_TOLERANCE, `φ after ${innerSteps} steps`);
      expectClose(adapted.predict(query.inputs), outputs, GRADIENT_TOLERANCE, "outputs");
    }
    const { predict } = learner.adapt(support, { steps: 0 });
    expect(predict(query.inputs)).toEqual(learner.predict(query.inputs));
  });

  test("nothing but metaStep touches θ", async () => {
    const learner = await start();
    learner.adapt(tasks[0].support).predict(tasks[0].query.inputs);
    learner.metaGradient(tasks);
    learner.predict(tasks[0].query.inputs);
    evaluate(learner, tasks, { steps: [0, 2] });
    expect(learner.parameters).toEqual(parameters);
    expect(learner.step).toBe(0);
    learner.metaStep(tasks);
    expect(learner.parameters).not.toEqual(parameters);
    expect(learner.step).toBe(1);
  });

  test("two equal tasks give what one gives", async () => {
    const learner = await start();
    const one = learner.metaGradient([tasks[0]]);
    const two = learner.metaGradient([tasks[0], tasks[0]]);
    expect(two.loss).toBe(one.loss);
    expectClose(two.gradient, one.gradient, ROUNDING, "meta-gradient");
  });

  test("the order of fields and the kind of array do not matter", async () => {
    const learner = await start();
    const { support, query } = tasks[0];
    const turned = ({ inputs, targets, rows }: Batch) => ({
      rows,
      targets: Array.from(targets),
      inputs: Float64Array.from(inputs),
    });
    const task = { query: turned(query), support: turned(support) };
    expect(learner.metaGradient([task])).toEqual(learner.metaGradient([tasks[0]]));
  });

  test("same seed, same bits; what was before leaves no trace", async () => {
    const [one, other] = [await start(), await start()];
    other.adapt(tasks[1].support, { steps: 5 });
    other.metaGradient(tasks);
    for (let step = 0; step < 5; step++) {
      expect(one.metaStep(tasks)).toEqual(other.metaStep(tasks));
      evaluate(other, tasks, { steps: [1] });
    }
    expect(one.parameters).toEqual(other.parameters);
  });

  test("an adapted model keeps its predictions while its learner trains on", async () => {
    const learner = await start();
    const { support, query } = tasks[0];
    const adapted = learner.adapt(support);
    const before = adapted.predict(query.inputs);
    for (let step = 0; step < 3; step++) learner.metaStep(tasks);
    learner.adapt(tasks[1].support);
    expect(adapted.predict(query.inputs)).toEqual(before);
  });
});

describe.each(objectives)("maml: $name", (objective) => {
  const parameters = parametersOf(objective);
  const task = taskOf(objective, 1);

  test.each([
    ["K = 0", maml({ innerLearningRate: 0.1, innerSteps: 0 })],
    ["α = 0", maml({ innerLearningRate: 0, innerSteps: 2 })],
    ["α = 0, order 1", maml({ innerLearningRate: 0, innerSteps: 2, order: 1 })],
  ])("%s gives the plain gradient of the query loss", async (_, algorithm) => {
    const learner = await learnerFor(objective, { parameters, algorithm });
    const { loss, gradient } = learner.metaGradient([task]);
    expectClose(loss, oracle.loss(objective, parameters, task.query), LOSS_TOLERANCE, "loss");
    const expected = oracle.gradient(objective, parameters, task.query);
    expectClose(gradient, expected, GRADIENT_TOLERANCE, "gradient");
  });

  test("the orders differ", async () => {
    const [first, second] = await Promise.all(
      ([1, 2] as const).map(async (order) => {
        const algorithm = maml({ ...inner, order });
        return (await learnerFor(objective, { parameters, algorithm })).metaGradient([task]);
      }),
    );
    expect(relativeError(first.gradient, second.gradient)).toBeGreaterThan(1e-2);
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

test("reptile passes over minibatches whose rows all weigh nothing", async () => {
  const objective = objectives[0];
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
