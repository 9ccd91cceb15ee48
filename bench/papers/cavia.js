import { adam, cavia, clipNorm } from "rvml";
import { MEMORY, META_LEARNING_RATE, sinusoidErrors, sinusoidLearner } from "./experiment.js";

/** The paper clamps every element of a task's meta-gradient to ±10; here the norm of their mean is bounded. Both rarely bite. */
const MAX_NORM = 10;

/**
 * CAVIA with that many context parameters; layers start as PyTorch's do, which the authors' code relies on.
 *
 * @param {number} context
 * @param {readonly import("./experiment.js").Row[]} rows
 * @returns {import("./experiment.js").Experiment}
 */
const withContext = (context, rows) => ({
  name: `cavia-${context}`,
  paper: `CAVIA, ${context} context parameters, Zintgraf et al. 2019, arXiv:1810.03642`,
  settings: `α 1, 10 + 10 rows, 50,000 × 25 tasks, meta-gradient clipped to norm ${MAX_NORM}; 2,000 test tasks`,
  seeds: 3,
  rows,
  async run({ seed, short }) {
    const learner = await sinusoidLearner({
      algorithm: cavia({ innerLearningRate: 1 }),
      metaOptimizer: clipNorm(adam({ learningRate: META_LEARNING_RATE }), MAX_NORM),
      initialization: "uniform",
      context,
      steps: short ? 3_000 : 50_000,
      seed,
    });
    return sinusoidErrors(learner, {}, { steps: [1] });
  },
});

export const caviaExperiments = [
  withContext(2, [
    { at: "MSE, 1 step", theirs: 0.21, interval: 0.02, source: MEMORY, short: 0.45 },
  ]),
  withContext(5, [
    { at: "MSE, 1 step", theirs: 0.19, interval: 0.02, source: MEMORY, short: 0.45 },
  ]),
];
