import { adam, maml, metaSgd, sinusoids } from "rvml";
import { META_LEARNING_RATE, sinusoidErrors, sinusoidLearner } from "./experiment.js";

/** Their sinusoids vary in frequency as well. The range is from memory, so that errors need not be theirs; the ratio is the claim. */
const TASKS = { shots: 5, frequency: /** @type {const} */ ([0.8, 1.2]) };

/**
 * Meta-SGD beside MAML: trained and tested with 5 rows, one step.
 *
 * @type {import("./experiment.js").Experiment}
 */
export const metaSgdAgainstMaml = {
  name: "meta-sgd",
  paper: "Meta-SGD, Li et al. 2017, arXiv:1707.09835",
  settings:
    "frequency U[0.8, 1.2] (from memory), 5 + 10 rows, 60,000 × 25 tasks; MAML: α 0.01; Meta-SGD: α from U[0.005, 0.1] (from memory); the same 2,000 test tasks",
  seeds: 3,
  rows: [
    { at: "MSE, MAML", theirs: 1.13, interval: 0.18, source: "paper", short: 3.5 },
    { at: "MSE, Meta-SGD", theirs: 0.9, interval: 0.16, source: "paper", short: 3.5 },
    { at: "ratio", theirs: 0.8, source: "paper", short: 1 },
  ],
  async run({ seed, short }) {
    const both = [];
    for (const algorithm of [
      maml({ innerLearningRate: 0.01 }),
      metaSgd({ innerLearningRate: { from: 0.005, to: 0.1 } }),
    ]) {
      const learner = await sinusoidLearner({
        algorithm,
        metaOptimizer: adam({ learningRate: META_LEARNING_RATE }),
        initialization: "truncatedNormal",
        tasks: sinusoids(TASKS),
        steps: short ? 4_000 : 60_000,
        seed,
      });
      both.push(...sinusoidErrors(learner, TASKS, { steps: [1] }));
    }
    return [...both, { value: both[1].value / both[0].value }];
  },
};
