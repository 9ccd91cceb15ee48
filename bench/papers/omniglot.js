import { existsSync, readFileSync } from "node:fs";
import {
  adam,
  batchNorm,
  createLearner,
  crossEntropy,
  episodes,
  evaluate,
  maml,
  mlp,
  readOmniglot,
} from "rvml";
import { META_LEARNING_RATE, train } from "./experiment.js";

const folder = new URL("../../../shared/data/omniglot28/", import.meta.url);

/** Omniglot at 28×28, packed, with its splits. */
async function omniglot() {
  const index = JSON.parse(readFileSync(new URL("index.json", folder), "utf8"));
  return readOmniglot(readFileSync(new URL("omniglot28-b1.bin.gz", folder)), index);
}

/** As in the authors' code: a shift, which does not adapt, and no scale. */
const norm = batchNorm({ scale: false, adapted: false, epsilon: 1e-3 });

/** Meta-steps of the short form; with five shots each takes four times as long. */
const shortSteps = (/** @type {number} */ shots) => (shots === 1 ? 6_000 : 600);

/**
 * MAML on the perceptron of Finn et al. 2017, 5-way. Their rate 0.4 is on the sum over classes, 2 on our mean.
 *
 * @param {number} shots
 * @param {readonly import("./experiment.js").Row[]} rows
 * @returns {import("./experiment.js").Experiment}
 */
const perceptron = (shots, rows) => ({
  name: `omniglot-mlp-${shots}`,
  paper: `MAML, Omniglot 5-way ${shots}-shot, no convolution, Finn et al. 2017, Table 1`,
  settings:
    "784-256-128-64-64-5, batch norm, ReLU; α 2 on the mean loss, K 1, exact; 60,000 × 32 tasks, Adam 0.001; each class turned at random; 600 test tasks of characters never seen",
  seeds: 1,
  rows,
  lacks: () => (existsSync(folder) ? undefined : "the packed Omniglot"),
  async run({ seed, short }) {
    const images = await omniglot();
    const { train: known, test } = images.splits.random1200;
    const tasks = (/** @type {readonly number[]} */ classes) =>
      episodes(images, { ways: 5, shots, classes, rotations: "perTask" });
    const learner = await createLearner({
      model: mlp({ sizes: [784, 256, 128, 64, 64, 5], norm, initialization: "truncatedNormal" }),
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 2 }),
      metaOptimizer: adam({ learningRate: META_LEARNING_RATE }),
      seed,
      maxRows: 10 * shots,
    });
    await train(learner, tasks(known), {
      steps: short ? shortSteps(shots) : 60_000,
      metaBatchSize: 32,
    });
    const [one, three] = evaluate(learner, tasks(test), { tasks: 600, steps: [1, 3] });
    return [
      errorOf(three.transductive),
      errorOf(one.transductive),
      errorOf(three.inductive),
      errorOf(one.inductive),
    ];
  },
});

/** @param {import("rvml").Judgement | undefined} judgement */
function errorOf(judgement) {
  if (judgement?.accuracy === undefined) throw new Error("omniglot: expected an accuracy");
  const { accuracy, accuracyInterval = NaN } = judgement;
  return { value: 100 * (1 - accuracy), interval: 100 * accuracyInterval };
}

const paper = "paper";
export const omniglotExperiments = [
  perceptron(1, [
    { at: "error %, 3 steps, transductive", theirs: 10.3, interval: 1.1, source: paper },
    { at: "error %, 1 step, transductive", short: 25 },
    { at: "error %, 3 steps, inductive" },
    { at: "error %, 1 step, inductive" },
  ]),
  perceptron(5, [
    { at: "error %, 3 steps, transductive", theirs: 2.5, interval: 0.6, source: paper },
    { at: "error %, 1 step, transductive", short: 50 },
    { at: "error %, 3 steps, inductive" },
    { at: "error %, 1 step, inductive" },
  ]),
];
