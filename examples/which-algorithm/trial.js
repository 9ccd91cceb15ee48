import { adam, cosine, createLearner, DivergedError, evaluate, metaTrain, mlp } from "rvml";
import { INNER_STEPS, META_BATCH } from "./task-sets.js";

/**
 * @typedef {import("rvml").Learner} Learner
 * @typedef {import("rvml").Task} Task
 * @typedef {import("./task-sets.js").TaskSet} TaskSet
 * @typedef {import("./task-sets.js").Tasks} Tasks
 * @typedef {import("./algorithms.js").Contender} Contender
 * @typedef {import("./algorithms.js").Setting} Setting
 * @typedef {import("./baselines.js").Baseline} Baseline
 *
 * @typedef {object} Trained
 * @property {Learner} learner
 * @property {number} seconds of processor time
 * @property {boolean} diverged whether training had to stop
 */

/** The largest norm of a task's meta-gradient, for all: without it a single task can spoil Adam's memory for a thousand steps. */
export const MAX_TASK_NORM = 10;

/** Numbers of steps to judge by. */
export const STEPS = [0, 1, INNER_STEPS];

/** @param {Contender} contender @param {TaskSet} set @param {Tasks} tasks @param {Setting} setting @param {number} seed */
function newLearner({ make, context }, set, tasks, setting, seed) {
  const { sizes, activation, norm, metaRate, metaSteps, loss } = set;
  const learningRate = cosine({ from: metaRate, to: metaRate / 20, steps: metaSteps });
  return createLearner({
    model: mlp({ sizes, activation, norm, context }),
    loss,
    algorithm: make(setting, set, tasks),
    metaOptimizer: adam({ learningRate }),
    seed,
    onDivergence: "clip",
    maxTaskNorm: MAX_TASK_NORM,
  });
}

/**
 * A learner trained from its seed on the tasks of that seed.
 *
 * @param {Contender} contender
 * @param {TaskSet} set
 * @param {Tasks} tasks
 * @param {Setting} setting
 * @param {number} seed
 * @returns {Promise<Trained>}
 */
export async function train(contender, set, tasks, setting, seed) {
  const learner = await newLearner(contender, set, tasks, setting, seed);
  const distribution = contender.allRows ? withAllRows(tasks.train) : tasks.train;
  const before = process.cpuUsage();
  let diverged = false;
  try {
    const options = { steps: set.metaSteps, metaBatchSize: META_BATCH };
    for await (const report of metaTrain(learner, distribution, options)) void report;
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    diverged = true;
  }
  const { user, system } = process.cpuUsage(before);
  return { learner, diverged, seconds: (user + system) / 1e6 };
}

/** The same learner with another rate to adapt by. @param {Trained} trained @param {Parameters<typeof newLearner>} of */
async function again(trained, ...of) {
  const learner = await newLearner(...of);
  learner.metaParameters.set(trained.learner.metaParameters);
  return { ...trained, learner };
}

/**
 * Trains with each setting, from the first seeds, and keeps what does best on the validation tasks: the lowest mean error over those seeds.
 *
 * @param {Contender} contender
 * @param {TaskSet} set
 * @param {readonly Tasks[]} drawn by each of the seeds 1, 2 …
 */
export async function tune(contender, set, drawn) {
  /** @type {(Setting & { error: number })[]} */
  const tried = [];
  /** @type {{ setting: Setting, trained: Trained[], error: number } | undefined} */
  let best;
  for (const setting of contender.settings(set.rates)) {
    /** @type {Trained[]} */
    const trained = [];
    let error = 0;
    for (const [i, tasks] of drawn.entries()) {
      const made =
        best && contender.rateless
          ? await again(best.trained[i], contender, set, tasks, setting, i + 1)
          : await train(contender, set, tasks, setting, i + 1);
      trained.push(made);
      const [, , found] = errors(made.learner, set, tasks, "validation");
      error += (made.diverged ? Infinity : found) / drawn.length;
    }
    tried.push({ ...setting, error });
    if (!best || error < best.error || Number.isNaN(best.error)) best = { setting, trained, error };
  }
  if (!best) throw new Error(`${contender.name}: expected settings to try, got none`);
  return { setting: best.setting, trained: best.trained, tried };
}

/**
 * Error after 0, 1 and K steps in the data's own units: root-mean-square over tasks and rows, or the percentage that is wrong.
 *
 * @param {Learner} learner
 * @param {TaskSet} set
 * @param {Tasks} tasks
 * @param {"validation" | "test"} part
 */
export function errors(learner, { classes }, tasks, part) {
  return evaluate(learner, tasks[part], { steps: STEPS }).map(({ loss, accuracy = 0 }) =>
    classes ? 100 * (1 - accuracy) : tasks.scale * Math.sqrt(loss),
  );
}

/** A baseline's error on the test tasks. @param {Baseline} baseline @param {TaskSet} set @param {Tasks} tasks */
export function baselineError({ predict }, { classes }, { test, scale }) {
  const means = test.map(({ support, query }) => {
    const predictions = predict(support, query.inputs);
    let sum = 0;
    for (let i = 0; i < query.rows; i++) {
      const gap = predictions[i] - query.targets[i];
      sum += classes ? Number(gap !== 0) : gap ** 2;
    }
    return sum / query.rows;
  });
  const mean = means.reduce((a, b) => a + b) / means.length;
  return classes ? 100 * mean : scale * Math.sqrt(mean);
}

/** Tasks with their query rows among the support rows. @param {Tasks["train"]} distribution */
function withAllRows(distribution) {
  const joined = (/** @type {ArrayLike<number>} */ a, /** @type {ArrayLike<number>} */ b) =>
    Float32Array.from([...Array.from(a), ...Array.from(b)]);
  return {
    ...distribution,
    sample(/** @type {import("rvml").Random} */ random) {
      const { support, query } = distribution.sample(random);
      const inputs = joined(support.inputs, query.inputs);
      const targets = joined(support.targets, query.targets);
      return { support: { inputs, targets, rows: support.rows + query.rows }, query };
    },
  };
}
