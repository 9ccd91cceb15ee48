import { createLearner, evaluate, linear, meanSquaredError, mlp, reptile, sgd } from "rvml";
import { figures, train } from "./experiment.js";

/**
 * @import { Random, TaskDistribution } from "rvml"
 */

const POINTS = 50;
const BATCH = 10;
const ITERATIONS = 30_000;
const GRID = Float32Array.from({ length: POINTS }, (_, i) => -5 + (10 * i) / (POINTS - 1));

/**
 * A sine wave on the fixed points: some of them as support, in random order, all of them as query.
 *
 * @param {(random: Random) => Int32Array} choose the support's points
 * @returns {TaskDistribution}
 */
const waves = (choose) => ({
  inSize: 1,
  targetSize: 1,
  sample(random) {
    const phase = random.uniform(0, 2 * Math.PI);
    const amplitude = random.uniform(0.1, 5);
    const batch = (/** @type {Float32Array} */ inputs) => ({
      inputs,
      targets: inputs.map((x) => amplitude * Math.sin(x + phase)),
      rows: inputs.length,
    });
    const support = Float32Array.from(choose(random), (point) => GRID[point]);
    return { support: batch(support), query: batch(GRID) };
  },
});

/**
 * The demo that came with Reptile: 5 steps on batches of 10 make one pass over a task's 50 points in random order; then the start goes a
 * part of the way. No figure was published; these are of a PyTorch 1.13 script in the same setting: means of four seeds with 500 test tasks
 * each, and the 95 % intervals of those means.
 *
 * @type {import("./experiment.js").Experiment}
 */
export const reptileDemo = {
  name: "reptile",
  paper: "Reptile's sine demo, Nichol et al. 2018, arXiv:1803.02999",
  settings:
    "1-64-64-1 tanh, inner SGD 0.02, one epoch of 50 points in batches of 10, outer step 0.1(1 − t/30,000), 30,000 × 1 task; tested on 2,000 tasks by steps on 10 points (drawn with replacement, as there), MSE over the 50",
  seeds: 5,
  rows: [
    { at: "MSE, 0 steps", theirs: 4.316, interval: 0.4, source: "PyTorch, 4 seeds", short: 6 },
    { at: "MSE, 1 step", theirs: 0.742, interval: 0.158, source: "PyTorch, 4 seeds", short: 4 },
    { at: "MSE, 8 steps", theirs: 0.16, interval: 0.076, source: "PyTorch, 4 seeds", short: 2 },
    { at: "MSE, 32 steps", theirs: 0.159, interval: 0.05, source: "PyTorch, 4 seeds", short: 1.5 },
  ],
  async run({ seed, short }) {
    const steps = short ? ITERATIONS / 5 : ITERATIONS;
    const learner = await createLearner({
      model: mlp({ sizes: [1, 64, 64, 1], activation: "tanh", initialization: "uniform" }),
      loss: meanSquaredError(),
      algorithm: reptile({
        innerLearningRate: 0.02,
        innerSteps: POINTS / BATCH,
        innerBatchSize: BATCH,
      }),
      metaOptimizer: sgd({ learningRate: linear({ from: 0.1, to: 0, steps }) }),
      seed,
    });
    const all = waves((random) => random.choose(POINTS, POINTS));
    await train(learner, all, { steps, metaBatchSize: 1 });
    const few = waves((random) => Int32Array.from({ length: BATCH }, () => random.integer(POINTS)));
    return figures(evaluate(learner, few, { tasks: 2_000, steps: [0, 1, 8, 32] }));
  },
};
