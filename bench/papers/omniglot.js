import {
  adam,
  conv4,
  createLearner,
  crossEntropy,
  episodes,
  evaluate,
  maml,
  nearestNeighbor,
  Random,
} from "rvml";
import { META_LEARNING_RATE, trainAndSelect } from "./experiment.js";
import { lacking, largeDigits, omniglot, quickDraw } from "./images.js";
import { norm, perceptron, SIZES, tasksOf, TEST_TASKS, WAYS } from "./omniglot-setting.js";
import { meanOf } from "./statistics.js";

/** @import { Learner, Model, TaskDistribution } from "rvml" */

/** Kept: the best of so many points of the run, by the validation classes. */
const CHOICES = 20;
const VALIDATION_TASKS = 400;

/** Tasks of Omniglot's three parts, each class turned at random, and of two other domains, upright. @param {number} shots */
async function allTasks(shots) {
  const images = await omniglot();
  const [drawings, numerals] = [await quickDraw(), largeDigits()];
  return {
    train: tasksOf(images, "train", { shots }),
    validation: tasksOf(images, "validation", { shots }),
    test: tasksOf(images, "test", { shots }),
    drawings: episodes(drawings, { ways: WAYS, shots }),
    numerals: episodes(numerals, { ways: WAYS, shots }),
  };
}

const lacksImages = () => lacking("omniglot28", "quickdraw28", "digits8x8");

/**
 * MAML of Finn et al. 2017, 5-way. Their rate 0.4 is on the sum over classes, 2 on our mean.
 *
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.network
 * @param {string} options.layers
 * @param {Model} options.model
 * @param {number} options.shots
 * @param {number} options.steps
 * @param {number} options.shortSteps
 * @param {readonly [error: number, interval: number]} options.theirs after three steps
 * @param {number} options.short what the short form's error after a step has to be below
 * @returns {import("./experiment.js").Experiment}
 */
const mamlOnOmniglot = ({
  name,
  network,
  layers,
  model,
  shots,
  steps,
  shortSteps,
  theirs,
  short,
}) => ({
  name,
  paper: `MAML, Omniglot 5-way ${shots}-shot, ${network}, Finn et al. 2017, Table 1`,
  settings: `${layers}, batch norm, ReLU; α 2 on the mean loss, K 1, exact; ${steps} × 32 tasks (paper: 60000), Adam 0.001; each class turned at random; the best of ${CHOICES} points by 100 validation characters; ${TEST_TASKS} test tasks of characters never seen; other domains: nothing trained on them, upright`,
  seeds: 1,
  rows: [
    {
      at: "error %, 3 steps, transductive",
      theirs: theirs[0],
      interval: theirs[1],
      source: "paper",
    },
    { at: "error %, 1 step, transductive", short },
    { at: "error %, 3 steps, inductive" },
    { at: "error %, 1 step, inductive" },
    { at: "Quick, Draw!: error %, 3 steps, transductive" },
    { at: "Quick, Draw!: error %, 3 steps, inductive" },
    { at: "digits: error %, 3 steps, transductive" },
    { at: "digits: error %, 3 steps, inductive" },
  ],
  lacks: lacksImages,
  async run({ seed, short: isShort, keep }) {
    const tasks = await allTasks(shots);
    const learner = await createLearner({
      model,
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 2 }),
      metaOptimizer: adam({ learningRate: META_LEARNING_RATE }),
      seed,
      maxRows: 2 * WAYS * shots,
    });
    const made = isShort ? shortSteps : steps;
    await trainAndSelect(learner, tasks.train, {
      steps: made,
      metaBatchSize: 32,
      every: isShort ? made : made / CHOICES,
      loss: () => validationError(learner, tasks.validation, 3),
    });
    keep(learner);
    const [one, three] = evaluate(learner, tasks.test, { tasks: TEST_TASKS, steps: [1, 3] });
    const away = [tasks.drawings, tasks.numerals].flatMap((domain) => {
      const [each] = evaluate(learner, domain, { tasks: TEST_TASKS, steps: [3] });
      return [errorOf(each.transductive), errorOf(each.inductive)];
    });
    return [
      errorOf(three.transductive),
      errorOf(one.transductive),
      errorOf(three.inductive),
      errorOf(one.inductive),
      ...away,
    ];
  },
});

/** @param {Learner} learner @param {TaskDistribution} tasks @param {number} steps */
export function validationError(learner, tasks, steps) {
  const [judged] = evaluate(learner, tasks, { tasks: VALIDATION_TASKS, steps: [steps] });
  return errorOf(judged).value;
}

/** @param {import("rvml").Judgement | undefined} judgement */
export function errorOf(judgement) {
  if (judgement?.accuracy === undefined) throw new Error("omniglot: expected an accuracy");
  const { accuracy, accuracyInterval = NaN } = judgement;
  return { value: 100 * (1 - accuracy), interval: 100 * accuracyInterval };
}

/** What pixels alone tell: each query image takes the class of the support image nearest to it. */
const pixels = {
  name: "omniglot-pixels",
  paper: "nearest neighbor of pixels, 5-way 1-shot",
  settings: `nothing is learned; ${TEST_TASKS} test tasks, drawn likewise`,
  seeds: 1,
  rows: [
    { at: "Omniglot: error %, inductive" },
    { at: "Quick, Draw!: error %, inductive" },
    { at: "digits: error %, inductive" },
  ],
  lacks: lacksImages,
  /** @param {{ seed: number }} options */
  async run({ seed }) {
    const { test, drawings, numerals } = await allTasks(1);
    return [test, drawings, numerals].map((tasks) => nearestError(tasks, seed));
  },
};

/** @param {TaskDistribution} tasks @param {number} seed */
function nearestError(tasks, seed) {
  const random = new Random(seed).fork(0x5eed);
  const errors = Array.from({ length: TEST_TASKS }, (_, i) => {
    const { support, query } = tasks.sample(random.fork(i));
    const guess = nearestNeighbor(support, support.inputs.length / support.rows).predict(
      query.inputs,
    );
    return guess.filter((label, row) => label !== query.targets[row]).length / query.rows;
  });
  return meanOf(errors, 100);
}

export const omniglotExperiments = [
  mamlOnOmniglot({
    name: "omniglot-mlp-1",
    network: "no convolution",
    layers: SIZES.join("-"),
    model: perceptron(),
    shots: 1,
    steps: 60_000,
    shortSteps: 6_000,
    theirs: [10.3, 1.1],
    short: 25,
  }),
  mamlOnOmniglot({
    name: "omniglot-mlp-5",
    network: "no convolution",
    layers: SIZES.join("-"),
    model: perceptron(),
    shots: 5,
    steps: 60_000,
    shortSteps: 600,
    theirs: [2.5, 0.6],
    short: 50,
  }),
  mamlOnOmniglot({
    name: "omniglot-conv-1",
    network: "convolutions",
    layers: "four convolutions 3×3 of 64 filters, stride 2, and a dense layer",
    model: conv4({ inShape: [28, 28, 1], ways: WAYS, norm: norm() }),
    shots: 1,
    steps: 10_000,
    shortSteps: 100,
    theirs: [1.3, 0.4],
    short: 60,
  }),
  pixels,
];
