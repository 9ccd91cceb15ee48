import * as rvml from "rvml";
import { partialMetaStepFlops } from "./flops.js";

/**
 * @import { Algorithm, Loss, Task } from "rvml"
 *
 * @typedef {object} Setting what all algorithms of one table are given
 * @property {string} name
 * @property {number[]} sizes
 * @property {Loss} loss
 * @property {Task[]} tasks
 * @property {number} innerSteps
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {(inner: { innerLearningRate: number, innerSteps: number }) => Algorithm} make
 * @property {(layer: number, layers: number) => boolean} [adapts] of the dense layers; default all
 * @property {boolean} [own] does more than `flops.js` counts
 * @property {number} [context]
 */

const META_RATE = 1e-5;
const CONTEXT = 5;
const CLASSES = 5;

/** Rows whose matrix products are counted; the others say how much they do besides. @type {Row[]} */
const ROWS = [
  { name: "maml", make: rvml.maml },
  { name: "maml, order 1", make: (inner) => rvml.maml({ ...inner, order: 1 }), own: true },
  {
    name: "maml, checkpoint",
    make: (inner) => rvml.maml({ ...inner, checkpoint: true }),
    own: true,
  },
  { name: "anil", make: rvml.anil, adapts: (layer, layers) => layer === layers - 1 },
  { name: "boil", make: rvml.boil, adapts: (layer, layers) => layer < layers - 1 },
  { name: "tNet", make: rvml.tNet, adapts: (layer) => layer % 2 === 0 },
  { name: "metaSgd", make: rvml.metaSgd },
  { name: "mamlPlusPlus", make: rvml.mamlPlusPlus },
  { name: "alfa", make: rvml.alfa },
  { name: "innerMomentum", make: rvml.innerMomentum },
  { name: "innerAdam", make: rvml.innerAdam },
  { name: "metaCurvature", make: rvml.metaCurvature, own: true },
  { name: "warpGrad", make: rvml.warpGrad, own: true },
  { name: "implicitMaml, 5 CG steps", make: implicit, own: true },
  { name: "maml, 5 context inputs", make: rvml.maml, context: CONTEXT },
  { name: "cavia, 5 context inputs", make: rvml.cavia, context: CONTEXT, adapts: () => false },
];

/** @param {{ innerLearningRate: number, innerSteps: number }} inner */
function implicit(inner) {
  return rvml.implicitMaml({ ...inner, cgSteps: 5, tolerance: 0 });
}

/** 10 + 10 rows of 25 sinusoids. @param {number} innerSteps @returns {Setting} */
function waves(innerSteps) {
  const [random, distribution] = [new rvml.Random(1), rvml.sinusoids()];
  const tasks = Array.from({ length: 25 }, (_, i) => distribution.sample(random.fork(i)));
  const name = `1-40-40-1 ReLU, 25 tasks of 10 + 10 rows, K = ${innerSteps}`;
  return { name, sizes: [1, 40, 40, 1], loss: rvml.meanSquaredError(), tasks, innerSteps };
}

/** 25 + 25 rows of 4 tasks of noise on a deep network. @param {number} innerSteps @returns {Setting} */
function deep(innerSteps) {
  const random = new rvml.Random(2);
  const [rows, inSize] = [25, 64];
  const batch = () => ({
    inputs: Float32Array.from({ length: rows * inSize }, () => random.normal()),
    targets: Float32Array.from({ length: rows }, (_, i) => i % CLASSES),
    rows,
  });
  const tasks = Array.from({ length: 4 }, () => ({ support: batch(), query: batch() }));
  const name = `64-128-128-128-128-5 ReLU, 4 tasks of 25 + 25 rows, K = ${innerSteps}`;
  const sizes = [inSize, 128, 128, 128, 128, CLASSES];
  return { name, sizes, loss: rvml.crossEntropy(), tasks, innerSteps };
}

/** One entry of a table. @param {Setting} setting @param {Row} row */
async function entryOf({ sizes, loss, tasks, innerSteps }, { name, make, adapts, own, context }) {
  const learner = await rvml.createLearner({
    model: rvml.mlp({ sizes, context }),
    loss,
    algorithm: make({ innerLearningRate: 0.01, innerSteps }),
    metaOptimizer: rvml.adam({ learningRate: META_RATE }),
    seed: 1,
  });
  const [supportRows, queryRows] = [tasks[0].support.rows, tasks[0].query.rows];
  const problem = {
    sizes,
    tasks: tasks.length,
    supportRows,
    queryRows,
    innerSteps,
    adapts,
    context,
  };
  const flops = own ? undefined : partialMetaStepFlops(problem);
  const megabytes = learner.memory.total / 1e6;
  return { name, flops, megabytes, step: () => learner.metaStep(tasks).loss };
}

/** The tables: each algorithm's meta-step on the same tasks. */
export async function algorithmTables() {
  const settings = [waves(1), waves(5), deep(1), deep(5)];
  return Promise.all(
    settings.map(async (setting) => ({
      name: setting.name,
      entries: await Promise.all(ROWS.map((row) => entryOf(setting, row))),
    })),
  );
}
