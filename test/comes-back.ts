import { expect } from "vitest";
import {
  adam,
  createLearner,
  loadLearner,
  maml,
  meanSquaredError,
  type Model,
} from "../src/index.ts";
import { core } from "./build.ts";
import { noise } from "./noise.ts";

/** That a learner on this model, saved after a meta-step, comes back with the same layers and adapts to the same bits. */
export async function comesBack(model: Model): Promise<Model> {
  const learner = await createLearner({
    model,
    algorithm: maml({ innerLearningRate: 0.1 }),
    loss: meanSquaredError(),
    metaOptimizer: adam(),
    seed: 1,
    core,
  });
  const rows = 3;
  const inputs = noise(1, rows * model.inSize);
  const batch = { rows, inputs, targets: noise(2, rows * model.outSize) };
  learner.metaStep([{ support: batch, query: batch }]);
  const loaded = await loadLearner(learner.save(), { core });
  const specsOf = ({ layers }: Model) => layers.map(({ spec }) => ({ ...spec }));
  expect(specsOf(loaded.model)).toEqual(specsOf(model));
  expect(loaded.adapt(batch).parameters).toEqual(learner.adapt(batch).parameters);
  return loaded.model;
}
