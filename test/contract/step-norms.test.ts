/** Batch norms with a scale and shift for each step: the f64 oracle differentiates through the steps that put them in place. */
import { describe, expect, test } from "vitest";
import {
  adam,
  batchNorm,
  type BatchNormOptions,
  createLearner,
  crossEntropy,
  loadLearner,
  maml,
  mlp,
} from "../../src/index.ts";
import { core } from "../build.ts";
import { expectClose } from "../close.ts";
import { losses } from "../learners.ts";
import { modelOf } from "../library-model.ts";
import { bySupport, inductive } from "../support-statistics.ts";
import { withLayers } from "../with-layers.ts";
import { all, type Case, freshLearnerOf, learnerOf, tasksOf, withModel } from "./cases.ts";
import { expectGradients, TOLERANCE } from "./expect-gradient.ts";
import { imageSizes } from "./image-network.ts";
import { oracles } from "./oracles.ts";

/** Those that refuse norms that do not adapt, and those that have no inner loop of the usual kind. */
const REFUSED: Readonly<Record<string, string>> = {
  alfa: "layers that all adapt",
  implicitMaml: "layers that all adapt",
  learnedOptimizer: "layers that all adapt",
  reptile: "layers that all adapt",
  pretrain: "norms without perStep",
  multiTask: "norms without perStep",
  warpGrad: "norms without perStep",
};

/** On images, and on rows; the norm's last step is below, at and above the number of steps. */
const cases = all
  .filter(
    ({ sizes, options }) =>
      (sizes === imageSizes || sizes.model.norm === "batch") && !options.layers,
  )
  .map((each, i) => withStepNorms(each, 1 + (i % 4)));

function withStepNorms(each: Case, perStep: number): Case {
  const made = withModel(each, (model) =>
    withLayers(model, (layer) => {
      if (layer.kind === "groupNorm") return { ...layer, adapted: false };
      return layer.kind === "batchNorm" ? { ...layer, perStep } : layer;
    }),
  );
  return { ...made, title: `${each.title}, perStep ${perStep}` };
}

describe.each(cases.filter(({ name }) => !(name in REFUSED)))("$title", (each) => {
  const { name, objective, options } = each;
  const tasks = tasksOf(each).slice(0, 2);

  test("the meta-gradient is the oracle's", async () => {
    expectGradients(each, await learnerOf(each), tasks);
  });

  test("φ is the oracle's, after more steps than there are norms for as well", async () => {
    const learner = await learnerOf(each);
    const [{ support }] = tasks;
    for (const steps of [undefined, 0, 1, 6]) {
      if (name === "prototypical" && steps) continue;
      const { parameters } = learner.adapt(support, { steps });
      const phi = oracles[name].adapt(objective, learner.metaParameters, support, {
        ...options,
        steps,
      });
      expectClose(
        parameters,
        phi,
        each.amplifies ? 10 * TOLERANCE : 2 * TOLERANCE,
        `φ after ${steps}`,
      );
    }
  });
});

test.each(cases.filter(({ name }) => name in REFUSED))("$title: refused", (each) =>
  expect(freshLearnerOf(each)).rejects.toThrow(`${each.name}: expected ${REFUSED[each.name]}`),
);

test("by the support set's statistics, too", async () => {
  const each = cases.find(({ name, sizes }) => name === "maml" && sizes === imageSizes)!;
  const { objective, options } = each;
  const [task] = tasksOf(each);
  const learner = await createLearner({
    model: modelOf(bySupport(objective.model)),
    loss: losses[objective.loss](),
    algorithm: maml(options as { innerLearningRate: number }),
    metaOptimizer: adam({ learningRate: 0.01 }),
    seed: 1,
    core,
  });
  learner.metaParameters.set((await learnerOf(each)).metaParameters);
  const { gradient } = learner.metaGradient([task]);
  const expected = oracles.maml.gradient(
    objective,
    learner.metaParameters,
    [inductive(task)],
    options,
  );
  expectClose(gradient, expected.gradient, TOLERANCE, "d loss/dθ");
});

const learnerWith = (norm: BatchNormOptions, fastWeights: "auto" | "lowRank" = "auto") =>
  createLearner({
    model: mlp({ sizes: [300, 300, 3], norm: batchNorm(norm) }),
    loss: crossEntropy(),
    algorithm: maml({ innerLearningRate: 0.1, innerSteps: 2, fastWeights }),
    metaOptimizer: adam({ learningRate: 0.01 }),
    seed: 1,
    maxRows: 4,
    core,
  });

test("every step starts with scale 1 and shift 0; a saved learner has them all", async () => {
  const learner = await learnerWith({ perStep: 2 });
  const norm = learner.parameters.slice(300 * 301, 300 * 301 + 3 * 600);
  norm.forEach((value, i) => expect(value).toBe(i % 600 < 300 ? 1 : 0));
  learner.parameters.forEach((_, i, all) => (all[i] += i / all.length));
  const loaded = await loadLearner(learner.save(), { core });
  expect(loaded.parameters).toEqual(learner.parameters);
  expect(loaded.model.layers[1].spec).toEqual({ kind: "batchNorm", perStep: 2, adapted: false });
});

test("fast weights of low rank are not for them", async () => {
  expect((await learnerWith({ adapted: false })).memory.blocks).toBeGreaterThan(0);
  expect((await learnerWith({ perStep: 2 })).memory.blocks).toBeUndefined();
  await expect(learnerWith({ perStep: 2 }, "lowRank")).rejects.toThrow(
    'fastWeights "lowRank" with',
  );
});

test.each([
  [{ perStep: 0 }, "batchNorm: expected 1 ≤ perStep ≤ 10000, got 0"],
  [{ perStep: 1.5 }, "batchNorm: expected integer 1 ≤ perStep ≤ 10000, got 1.5"],
  [{ perStep: 10_001 }, "perStep"],
  [{ perStep: 2, adapted: true }, "batchNorm: expected no adapted: true with perStep, got true"],
  [{ perStep: 2, scale: false, shift: false }, "a scale or a shift with perStep"],
])("%j: refused", (norm, message) => expect(() => batchNorm(norm)).toThrow(message));

test("named among the layers that adapt: refused", () =>
  expect(
    createLearner({
      model: mlp({ sizes: [2, 3, 3], norm: batchNorm({ perStep: 2 }) }),
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 0.1, layers: [0, 1] }),
      metaOptimizer: adam({ learningRate: 0.01 }),
      seed: 1,
      core,
    }),
  ).rejects.toThrow("maml: expected layers without norms with perStep, which do not adapt, got 1"));
