import {
  adam,
  anil,
  cosine,
  createLearner,
  crossEntropy,
  evaluate,
  linear,
  maml,
  mamlPlusPlus,
  metaSgd,
  prototypical,
  reptile,
  sgd,
} from "rvml";
import { META_LEARNING_RATE, trainAndSelect } from "./experiment.js";
import { lacking, omniglot } from "./images.js";
import { errorOf, validationError } from "./omniglot.js";
import { perceptron, SIZES, tasksOf, TEST_TASKS, WAYS } from "./omniglot-setting.js";

/**
 * Algorithms side by side on one network, with the same tasks in the same number: 5-way 1-shot on the perceptron of Finn et al. 2017.
 *
 * @import { Algorithm, BatchNormOptions, Optimizer } from "rvml"
 *
 * @typedef {object} Candidate
 * @property {Algorithm} algorithm
 * @property {number} steps inner steps of tests
 * @property {string} words
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {(steps: number) => readonly Candidate[]} candidates for that many meta-steps; the best after a tenth of the budget is trained
 * @property {BatchNormOptions} [norm] besides the common
 * @property {(steps: number) => Optimizer} [metaOptimizer]
 * @property {number} [shots] of a training task's support set
 * @property {string} [words]
 */

const STEPS = 6_000;
const META_BATCH = 32;
const CHOICES = 10;

/** Candidates of K steps at rate α. @param {(options: { innerLearningRate: number, innerSteps: number }) => Algorithm} make */
const descending =
  (make) =>
  (/** @type {readonly [rate: number, steps: number][]} */ ...pairs) =>
    pairs.map(([innerLearningRate, innerSteps]) => ({
      algorithm: make({ innerLearningRate, innerSteps }),
      steps: innerSteps,
      words: `α ${innerLearningRate}, K ${innerSteps}`,
    }));

/** @type {readonly Contender[]} */
const contenders = [
  { name: "MAML", candidates: () => descending(maml)([2, 1], [0.5, 3], [0.2, 5]) },
  {
    name: "FOMAML",
    candidates: () => descending((o) => maml({ ...o, order: 1 }))([1, 1], [0.5, 3], [0.2, 5]),
  },
  { name: "ANIL", candidates: () => descending(anil)([2, 1], [8, 1], [2, 3]) },
  { name: "Meta-SGD", candidates: () => descending(metaSgd)([2, 1], [0.5, 3], [0.2, 5]) },
  {
    name: "MAML++",
    candidates: (steps) =>
      descending((o) => mamlPlusPlus({ ...o, multiStepLoss: Math.ceil(steps / 4) }))(
        [2, 1],
        [0.5, 3],
        [0.2, 5],
      ),
    norm: { perStep: 5 },
    metaOptimizer: (steps) =>
      adam({ learningRate: cosine({ from: META_LEARNING_RATE, to: 1e-5, steps }) }),
    words: "rates of each tensor and step, norms of each step, multi-step loss, cosine meta-rate",
  },
  {
    name: "ProtoNet",
    candidates: () => [{ algorithm: prototypical(), steps: 0, words: "no inner loop" }],
  },
  {
    name: "Reptile",
    candidates: () =>
      [0.001, 0.003, 0.01].map((learningRate) => ({
        algorithm: reptile({
          innerOptimizer: adam({ learningRate, beta1: 0 }),
          innerSteps: 5,
          innerBatchSize: 10,
        }),
        steps: 50,
        words: `inner Adam ${learningRate}`,
      })),
    norm: { adapted: true },
    metaOptimizer: (steps) => sgd({ learningRate: linear({ from: 1, to: 0, steps }) }),
    shots: 10,
    words:
      "as in its paper 10 shots in training, 5 inner steps of 10 rows, outside 1 falling to 0; norms adapt; tested with 50 steps",
  },
];

/** @param {Contender} contender @returns {import("./experiment.js").Experiment} */
const experimentOf = ({ name, candidates, norm, metaOptimizer, shots = 1, words }) => ({
  name: `omniglot-fair-${name.toLowerCase().replaceAll("+", "p")}`,
  paper: `${name}, Omniglot 5-way 1-shot, no convolution, all on one budget`,
  settings: [
    `${SIZES.join("-")}, batch norm, ReLU, ${STEPS} × ${META_BATCH} tasks, Adam 0.001 where nothing else is said`,
    words,
    `best of ${candidates(STEPS)
      .map((each) => each.words)
      .join(
        "; ",
      )} by validation characters after a tenth of the budget, and of ${CHOICES} points of the run`,
  ]
    .filter(Boolean)
    .join("; "),
  seeds: 1,
  rows: [
    { at: `${name}: error %, transductive`, short: 80 },
    { at: `${name}: error %, inductive` },
  ],
  lacks: () => lacking("omniglot28"),
  async run({ seed, short, keep }) {
    const budget = short ? 100 : STEPS;
    const images = await omniglot();
    const known = tasksOf(images, "train", { shots, queryShots: 1 });
    const judges = tasksOf(images, "validation", { shots: 1 });
    const unseen = tasksOf(images, "test", { shots: 1 });

    /** @param {Candidate} candidate @param {number} steps @param {number} choices */
    async function trained({ algorithm, steps: innerSteps }, steps, choices) {
      const learner = await createLearner({
        model: perceptron(norm),
        loss: crossEntropy(),
        algorithm,
        metaOptimizer: metaOptimizer?.(steps) ?? adam({ learningRate: META_LEARNING_RATE }),
        seed,
        maxRows: WAYS * (shots + 1),
      });
      const loss = () => validationError(learner, judges, innerSteps);
      const run = { steps, metaBatchSize: META_BATCH, every: steps / choices, loss };
      return { learner, error: await trainAndSelect(learner, known, run) };
    }

    const [tenth, whole] = [candidates(budget / 10), candidates(budget)];
    let best = { candidate: 0, error: Infinity };
    for (let candidate = 0; tenth.length > 1 && candidate < tenth.length; candidate++) {
      const { error } = await trained(tenth[candidate], budget / 10, 1);
      if (error < best.error) best = { candidate, error };
    }
    const chosen = whole[best.candidate];
    const { learner } = await trained(chosen, budget, short ? 1 : CHOICES);
    keep(learner);
    const { steps, words: note } = chosen;
    const [judged] = evaluate(learner, unseen, { tasks: TEST_TASKS, steps: [steps] });
    return [
      { ...errorOf(judged.transductive), note },
      { ...errorOf(judged.inductive), note },
    ];
  },
});

export const omniglotAlgorithms = contenders.map(experimentOf);
