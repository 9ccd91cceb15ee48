/** Every algorithm on a model whose batch norms take the statistics of the support set: the f64 oracle's meta-gradient, differentiated through them. */
import { describe, expect, test } from "vitest";
import {
  createLearner,
  type Learner,
  metaGradCheck,
  Random,
  sgd,
  type Task,
} from "../src/index.ts";
import { core } from "./build.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "./close.ts";
import { makers, optionsOf } from "./contract/cases.ts";
import { TOLERANCE } from "./contract/expect-gradient.ts";
import { oracles } from "./contract/oracles.ts";
import { type Row, rows } from "./contract/rows.ts";
import { losses } from "./learners.ts";
import { modelOf } from "./library-model.ts";
import { caseOf, observe, stackOf, tasksOf } from "./low-rank-cases.ts";
import { taskOf, weighted } from "./objectives.ts";
import type { Objective } from "./oracle/meta.ts";
import { type AnyModel, forward, type Layer, layersOf, tensorsOf } from "./oracle/network.ts";
import { tensor } from "./oracle/autograd.ts";
import { behind, bySupport, inductive } from "./support-statistics.ts";

const tanh: Layer = { kind: "activation", name: "tanh" };
const norm: Layer = { kind: "batchNorm" };

/** What a row of the contract's table runs on. */
function objectiveOf({ needs = [] }: Row): Objective<AnyModel> {
  const loss = needs.includes("classes") ? "crossEntropy" : "meanSquaredError";
  const sizes = [3, 8, 5, needs.includes("classes") ? 4 : 2];
  const { inSize, layers } = stackOf(sizes, [norm, tanh]);
  // Ahead of the last layer: batch norm takes out what is the same for every row.
  const context: Layer[] = needs.includes("context") ? [{ kind: "context", size: 2 }] : [];
  return {
    model: { inSize, layers: [...layers.slice(0, -1), ...context, ...layers.slice(-1)] },
    loss,
  };
}

function tasksFor({ model, loss }: Objective<AnyModel>): Task[] {
  const { layers } = layersOf(model);
  const last = layers.at(-1) as { outSize: number };
  const sizes = { model: { sizes: [3, last.outSize], activation: "tanh" }, loss } as const;
  return [taskOf(sizes, 1), weighted(taskOf(sizes, 2, 8, 12), 1), taskOf(sizes, 3, 33, 4)].map(
    (task, index) => ({ ...task, index }),
  );
}

const size = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

const cases = rows
  .filter(({ needs }) => !needs?.includes("unnormalized"))
  .map((row) => {
    const objective = objectiveOf(row);
    const layers = [...new Set(tensorsOf(objective.model).map(({ layer }) => layer))];
    const options = optionsOf(row, layers);
    return { row, objective, options, title: `${row.name} ${JSON.stringify(options)}` };
  });

describe.each(cases)("$title", ({ row, objective, options }) => {
  const tasks = tasksFor(objective);

  async function start(): Promise<Learner> {
    const learner = await createLearner({
      model: modelOf(bySupport(objective.model)),
      loss: losses[objective.loss](),
      algorithm: makers[row.name](options),
      metaOptimizer: sgd({ learningRate: 0.05 }),
      seed: 1,
      core,
    });
    const { parameters, metaParameters } = learner;
    const random = new Random(1);
    for (let i = 0; i < metaParameters.length; i++)
      if (i < parameters.length) metaParameters[i] = 0.5 * random.normal();
      else metaParameters[i] += 0.1 * random.normal();
    return learner;
  }

  test("the meta-gradient is the f64 oracle's", async () => {
    const learner = await start();
    for (const some of [...tasks.map((task) => [task]), tasks]) {
      const { loss, gradient } = learner.metaGradient(some);
      const asked = [objective, learner.metaParameters] as const;
      const expected = oracles[row.name].gradient(...asked, some.map(inductive), options);
      expectClose(loss, expected.loss, LOSS_TOLERANCE, "loss");
      expectClose(gradient, expected.gradient, toleranceOf(learner, expected.gradient), "gradient");
      if (row.difference) continue;
      const byBatch = oracles[row.name].gradient(...asked, some, options);
      expect(size(byBatch.gradient.map((g, i) => g - expected.gradient[i]))).toBeGreaterThan(
        1e-2 * size(expected.gradient),
      );
    }
  });

  /** As in expect-gradient.ts. */
  function toleranceOf({ parameters }: Learner, gradient: ArrayLike<number>): number {
    if (row.difference) return GRADIENT_TOLERANCE + (2 ** -24 * size(parameters)) / size(gradient);
    return TOLERANCE + 4 * (options.tolerance ?? 0);
  }

  test("an adapted model's predictions are the f64 oracle's, and nothing of one task is in another's", async () => {
    const learner = await start();
    const predictions = () =>
      tasks.map((task) => {
        const { parameters, predict } = learner.adapt(task.support);
        const found = predict(task.query.inputs);
        const { inputs, rows: all, counted } = behind(task);
        const x = tensor(all, 3, inputs);
        const theta = tensor(1, parameters.length, parameters);
        const { data, cols } = forward(objective.model, theta, x, counted);
        expectClose(found, data.subarray(cols * task.support.rows), LOSS_TOLERANCE, "outputs");
        return found;
      });
    const first = predictions();
    learner.metaGradient(tasks);
    expect(predictions()).toEqual(first);
  });
});

describe.each([
  caseOf(
    "not adapted, one step",
    stackOf([13, 11, 9, 5], [{ ...norm, adapted: false } as Layer, tanh]),
    "crossEntropy",
  ),
  caseOf(
    "without parameters, three steps",
    stackOf([13, 11, 9, 5], [{ ...norm, scale: false, shift: false } as Layer, tanh]),
    "meanSquaredError",
    { innerSteps: 3 },
  ),
  caseOf(
    "order 1, 2",
    stackOf([13, 11, 9, 5], [{ ...norm, adapted: false, shift: false } as Layer, tanh]),
    "binaryCrossEntropy",
    { innerSteps: 2, order: [1, 2] },
  ),
])("tasks side by side: $name", (each) => {
  const asked = { ...each, model: bySupport(each.model) };
  // 7 + 8 rows a query pass: five tasks to a block of 80 rows.
  const tasks = [
    ...tasksOf(each, { support: 7, query: 8, weighted: "query" }, 3),
    ...tasksOf(each, { support: 7, query: 8 }, 3),
    // As many rows in all, but of others' statistics.
    ...tasksOf(each, { support: 8, query: 7 }, 2),
  ];

  test("the meta-gradient is the f64 oracle's, and that of full fast weights", async () => {
    const [low, full] = await Promise.all([observe(asked, "lowRank"), observe(asked, "full")]);
    const expected = oracles.maml.gradient(each, each.theta, tasks.map(inductive), each.inner);
    for (const { learner } of [low, full]) {
      const { loss, gradient } = learner.metaGradient(tasks);
      expectClose(loss, expected.loss, LOSS_TOLERANCE, "loss");
      expectClose(gradient, expected.gradient, TOLERANCE, "meta-gradient");
    }
    expect(low.calls).toEqual([5, 1, 2]);
    expect(full.calls).toEqual(tasks.map(() => 0));
  });

  test("finite differences agree", async () => {
    for (const fastWeights of ["lowRank", "full"] as const) {
      const second = { ...asked, inner: { ...asked.inner, order: 2 as const } };
      const { learner } = await observe(second, fastWeights);
      expect(metaGradCheck(learner, tasks).error).toBeLessThan(0.03);
    }
  });
});
