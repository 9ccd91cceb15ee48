import { adam, maml } from "rvml";
import { META_LEARNING_RATE, sinusoidErrors, sinusoidLearner } from "./experiment.js";

/**
 * First-order MAML on the same sinusoids. The paper has no figures of it there; these are of a PyTorch 1.13 script in the same setting,
 * one seed, whose 95 % interval over 2,000 tasks is known at one step.
 *
 * @type {import("./experiment.js").Experiment}
 */
export const firstOrderMaml = {
  name: "fomaml",
  paper: "first-order MAML, Finn et al. 2017",
  settings: "α 0.01, order 1, 10 + 10 rows, 70,000 × 25 tasks; 2,000 test tasks",
  seeds: 5,
  rows: [
    { at: "MSE, 1 step", theirs: 0.537, interval: 0.029, source: "PyTorch, 1 seed", short: 2 },
    { at: "MSE, 5 steps", theirs: 0.162, source: "PyTorch, 1 seed", short: 1.4 },
  ],
  async run({ seed, short }) {
    const learner = await sinusoidLearner({
      algorithm: maml({ innerLearningRate: 0.01, order: 1 }),
      metaOptimizer: adam({ learningRate: META_LEARNING_RATE }),
      initialization: "truncatedNormal",
      steps: short ? 5_000 : 70_000,
      seed,
    });
    return sinusoidErrors(learner, {}, { steps: [1, 5] });
  },
};
