import { createLearner, evaluate, meanSquaredError, metaTrain, mlp, sinusoids } from "rvml";

/**
 * @import { Algorithm, Initialization, Learner, Optimizer, Sinusoids, SinusoidsOptions, TaskDistribution } from "rvml"
 *
 * @typedef {object} Row one figure of an experiment
 * @property {string} at what is measured
 * @property {number} [theirs] the figure to reproduce
 * @property {number} [interval] its own 95 % interval, where one is given
 * @property {string} [source] whose figure it is
 * @property {boolean} [median] whether to show the median as well, where a few tasks rule the mean
 * @property {number} [below] what ours has to be below, its interval included
 * @property {number} [short] with `--short`, ours has to be below
 *
 * @typedef {object} Figure
 * @property {number} value
 * @property {number} [interval] over the run's test tasks, 95 %
 * @property {number} [median]
 * @property {string} [note]
 *
 * @typedef {object} Experiment
 * @property {string} name
 * @property {string} paper
 * @property {string} settings
 * @property {number} seeds runs, where nothing else is asked for
 * @property {readonly Row[]} rows
 * @property {(options: { seed: number, short: boolean, keep: (learner: Learner) => void }) => Promise<Figure[]>} run a figure a row;
 *   `keep` takes what came out of training
 * @property {() => string | undefined} [lacks] what keeps it from running here
 */

/** Recalled, not read again in the paper. */
export const MEMORY = "paper, from memory";

/** Adam at 0.001, outside: all of these papers' choice. */
export const META_LEARNING_RATE = 0.001;

/**
 * A perceptron 1-40-40-1 with ReLU on sinusoids, meta-trained: the setting of Finn et al. and of those who compare with them.
 *
 * @param {object} options
 * @param {Algorithm} options.algorithm
 * @param {Optimizer} options.metaOptimizer
 * @param {number} options.seed
 * @param {number} options.steps
 * @param {Initialization} options.initialization
 * @param {number} [options.context]
 * @param {Sinusoids} [options.tasks]
 */
export async function sinusoidLearner({
  initialization,
  context,
  steps,
  tasks = sinusoids(),
  ...options
}) {
  const model = mlp({ sizes: [1, 40, 40, 1], initialization, context });
  const learner = await createLearner({ model, loss: meanSquaredError(), ...options });
  await train(learner, tasks, { steps, metaBatchSize: 25 });
  return learner;
}

/**
 * Meta-training to its end.
 *
 * @param {Learner} learner
 * @param {TaskDistribution} tasks
 * @param {{ steps: number, metaBatchSize: number }} settings
 */
export async function train(learner, tasks, settings) {
  const run = metaTrain(learner, tasks, settings);
  while (!(await run.next()).done);
}

/**
 * Meta-training, of which the best point is kept, to adapt from (not to train on: step and optimizer are those of the end): that of the least loss, asked for `every` so many meta-steps. Gives that loss.
 *
 * @param {Learner} learner
 * @param {TaskDistribution} tasks
 * @param {{ steps: number, metaBatchSize: number, every: number, loss: () => number }} settings
 */
export async function trainAndSelect(learner, tasks, { steps, metaBatchSize, every, loss }) {
  const best = { loss: Infinity, metaParameters: learner.metaParameters.slice() };
  for await (const { step } of metaTrain(learner, tasks, { steps, metaBatchSize })) {
    if (step % every !== 0) continue;
    const now = loss();
    console.error(`  ${step}: ${now.toFixed(3)}`);
    if (now < best.loss)
      Object.assign(best, { loss: now, metaParameters: learner.metaParameters.slice() });
  }
  learner.metaParameters.set(best.metaParameters);
  return best.loss;
}

/**
 * Mean squared errors on 100 query rows of each test task, after those numbers of steps.
 *
 * @param {Learner} learner
 * @param {SinusoidsOptions} options
 * @param {{ tasks?: number, steps: number[] }} settings
 */
export function sinusoidErrors(learner, options, { tasks = 2_000, steps }) {
  const test = sinusoids({ queryShots: 100, ...options });
  return figures(evaluate(learner, test, { tasks, steps }));
}

/** @param {ReturnType<typeof evaluate>} evaluations @returns {Figure[]} */
export function figures(evaluations) {
  return evaluations.map(({ loss, interval, median }) => ({ value: loss, interval, median }));
}
