import {
  adam,
  conv4,
  createLearner,
  crossEntropy,
  maml,
  meanSquaredError,
  mlp,
  Random,
} from "rvml";
import { metaStepFlops } from "./flops.js";
import { norm, perceptron, WAYS } from "./papers/omniglot-setting.js";

/**
 * @import { Learner, Model, Random as Stream, Task } from "rvml"
 *
 * @typedef {object} MetaStep a bench entry
 * @property {string} name
 * @property {number} flops useful ones of a step
 * @property {Learner} learner
 * @property {Task[]} tasks
 * @property {() => number} step makes a meta-step, gives its loss
 *
 * @typedef {object} ConvolutionalMetaStep
 * @property {number} padding share of the flops that multiplies zeros of padding
 * @property {Float32Array} gradient the meta-gradient at the start
 */

// Not a static import: the peers are a package of their own, without types.
const { ADAM, CONV4, conv4Problem, INNER_LEARNING_RATE, problem, SIZES } = await import(
  new URL("peers/problem.js", import.meta.url).href
);
const OMNIGLOT_TASKS = 32;

/**
 * Useful flops of a meta-step, K = 1.
 *
 * @param {Model} model
 * @param {Task[]} tasks
 * @param {{ padding?: boolean }} [options]
 */
function flopsOf(model, tasks, options) {
  const [supportRows, queryRows] = [tasks[0].support.rows, tasks[0].query.rows];
  return metaStepFlops({ model, tasks: tasks.length, supportRows, queryRows, ...options });
}

/**
 * Meta-steps on the same tasks over and over, as the peers make them.
 *
 * @param {Learner} learner
 * @param {Task[]} tasks
 * @returns {MetaStep}
 */
function entry(learner, tasks) {
  const flops = flopsOf(learner.model, tasks);
  return { name: "rvml", flops, learner, tasks, step: () => learner.metaStep(tasks).loss };
}

/** The peers' problem: 1-40-40-1 ReLU, 25 sinusoids of 10 + 10 rows, K = 1, exact second order. */
export async function sinusoid() {
  const { parameters, tasks } = problem();
  const learner = await createLearner({
    model: mlp({ sizes: SIZES }),
    loss: meanSquaredError(),
    algorithm: maml({ innerLearningRate: INNER_LEARNING_RATE }),
    metaOptimizer: adam(ADAM),
    seed: 1,
    parameters,
  });
  return entry(learner, tasks);
}

/** A 5-way 1-shot batch of pictures of noise: 1 pixel in 10 is ink. @param {Stream} random @param {number} pixels */
function pictures(random, pixels) {
  const pixel = () => (random.integer(10) === 0 ? 1 : 0);
  const inputs = Float32Array.from({ length: WAYS * pixels }, pixel);
  return { inputs, targets: Float32Array.from({ length: WAYS }, (_, label) => label), rows: WAYS };
}

/**
 * Finn et al. 2017's Omniglot network without convolutions, 32 tasks of 5 + 5 rows, K = 1: by fast weights of low rank, and by a task's own.
 *
 * @returns {Promise<MetaStep[]>}
 */
export async function omniglot() {
  const random = new Random(2);
  const model = perceptron();
  const batch = () => pictures(random, model.inSize);
  const task = () => ({ support: batch(), query: batch() });
  const tasks = Array.from({ length: OMNIGLOT_TASKS }, task);
  const learnerOf = (/** @type {"lowRank" | "full"} */ fastWeights) =>
    createLearner({
      model,
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 0.4, fastWeights }),
      metaOptimizer: adam(ADAM),
      seed: 2,
      maxRows: WAYS,
    });
  const [low, full] = [await learnerOf("lowRank"), await learnerOf("full")];
  return [
    { ...entry(low, tasks), name: "rvml, low-rank fast weights" },
    { ...entry(full, tasks), name: "rvml, full fast weights" },
  ];
}

/**
 * The peers' convolutional problem: Finn et al. 2017's Omniglot network with convolutions, K = 1, exact second order.
 *
 * @returns {Promise<MetaStep & ConvolutionalMetaStep>}
 */
export async function convolutional() {
  const { parameters, tasks } = conv4Problem();
  const { side, filters, ways, innerLearningRate } = CONV4;
  const learner = await createLearner({
    model: conv4({ inShape: [side, side, 1], ways, filters, norm: norm() }),
    loss: crossEntropy(),
    algorithm: maml({ innerLearningRate }),
    metaOptimizer: adam(ADAM),
    seed: 3,
    parameters,
    maxRows: ways,
  });
  const inside = flopsOf(learner.model, tasks, { padding: false });
  const made = entry(learner, tasks);
  const gradient = learner.metaGradient(tasks).gradient.slice();
  return { ...made, padding: 1 - inside / made.flops, gradient };
}
