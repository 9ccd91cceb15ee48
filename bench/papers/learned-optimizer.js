import {
  adam,
  clipNorm,
  cosine,
  createLearner,
  evaluate,
  learnedOptimizer,
  Random,
  reptile,
  sgd,
} from "rvml";
import { meanOf } from "./statistics.js";

/**
 * @import { Learner, Loss, Model, Optimizer, Task } from "rvml"
 * @import { Figure } from "./experiment.js"
 *
 * @typedef {"training" | "tuning" | "test"} Use
 *
 * @typedef {{ task: Task, start: ArrayLike<number> }} Problem what to minimize, and from where
 *
 * @typedef {object} Problems
 * @property {Model} model
 * @property {Loss} loss
 * @property {(random: Random, use: Use) => Problem} draw
 * @property {number} unit what a loss of 1 counts for
 * @property {{ tuning: number, test: number }} counts problems that the baselines are tuned on, and that all are compared on
 *
 * @typedef {object} Settings of the learned optimizer
 * @property {number} metaSteps
 * @property {number} metaBatchSize
 * @property {number} metaLearningRate
 * @property {number} outputScale
 */

/** Steps that a problem is given, and those differentiated in one piece; both are the paper's. */
const STEPS = 100;
const UNROLL = 20;

/** @type {Readonly<Record<Use, number>>} */
const STREAMS = { training: 1, tuning: 2, test: 3 };

/** What the rates of the others are chosen from: 0.01 to 30, in factors of about √2. */
const RATES = [-2, -1, 0, 1].flatMap((power) =>
  [1, 1.4, 2, 3, 5, 7].map((digits) => Number(`${digits}e${power}`)),
);

/** @type {readonly { name: string, make(learningRate: number): Optimizer }[]} */
const baselines = [
  { name: "SGD", make: (learningRate) => sgd({ learningRate }) },
  { name: "momentum 0.9", make: (learningRate) => sgd({ learningRate, momentum: 0.9 }) },
  { name: "Adam", make: (learningRate) => adam({ learningRate }) },
];

/**
 * Meta-trains the optimizer, every meta-step on problems of its own that share a start.
 *
 * @param {Problems} problems
 * @param {Settings} settings
 * @param {number} seed
 */
async function learn({ model, loss, draw }, settings, seed) {
  const { metaSteps, metaBatchSize, outputScale, metaLearningRate: from } = settings;
  const learner = await createLearner({
    model,
    loss,
    algorithm: learnedOptimizer({ innerSteps: STEPS, unroll: UNROLL, outputScale }),
    metaOptimizer: clipNorm(
      adam({ learningRate: cosine({ from, to: from / 20, steps: metaSteps }) }),
      1,
    ),
    seed,
  });
  const random = new Random(seed);
  for (let step = 0; step < metaSteps; step++) {
    const batch = Array.from({ length: metaBatchSize }, (_, i) =>
      draw(random.fork(STREAMS.training, step).fork(i), "training"),
    );
    learner.setParameters(batch[0].start);
    learner.metaStep(batch.map(({ task }) => task));
  }
  return learner;
}

/** Loss of each problem after the last step. @param {Learner} learner @param {readonly Problem[]} problems */
function finalLosses(learner, problems) {
  return problems.map(({ task, start }) => {
    learner.setParameters(start);
    return evaluate(learner, [task], { steps: [STEPS] })[0].loss;
  });
}

/** Reptile's inner loop serves: any optimizer, from a given start. @param {Problems} problems @param {Optimizer} innerOptimizer */
const runner = ({ model, loss }, innerOptimizer) =>
  createLearner({
    model,
    loss,
    algorithm: reptile({ innerOptimizer, innerSteps: STEPS }),
    metaOptimizer: sgd({ learningRate: 0 }),
    seed: 1,
  });

/**
 * The rate with the least mean of final losses.
 *
 * @param {Problems} problems
 * @param {(rate: number) => Optimizer} make
 * @param {readonly Problem[]} tuning
 */
async function tune(problems, make, tuning) {
  let best = { rate: NaN, loss: Infinity };
  for (const rate of RATES) {
    const loss = meanOf(finalLosses(await runner(problems, make(rate)), tuning), 1).value;
    if (loss < best.loss) best = { rate, loss };
  }
  return best.rate;
}

/**
 * Final losses of the learned optimizer and of the tuned others on the same new problems; then how far the first is from the best of the
 * others, problem by problem (they differ by more than optimizers do).
 *
 * @param {Problems} problems
 * @param {Settings} settings
 * @param {number} seed
 * @returns {Promise<Figure[]>}
 */
export async function compare(problems, settings, seed) {
  const { draw, unit, counts } = problems;
  const random = new Random(seed);
  const list = (/** @type {"tuning" | "test"} */ use) =>
    Array.from({ length: counts[use] }, (_, i) => draw(random.fork(STREAMS[use], i), use));
  const [tuning, test] = [list("tuning"), list("test")];
  const learned = finalLosses(await learn(problems, settings, seed), test);
  const others = [];
  for (const { make } of baselines) {
    const rate = await tune(problems, make, tuning);
    const losses = finalLosses(await runner(problems, make(rate)), test);
    others.push({ losses, figure: { ...meanOf(losses, unit), note: `rate ${rate}` } });
  }
  const best = others.reduce((a, b) => (b.figure.value < a.figure.value ? b : a));
  const gap = learned.map((loss, i) => loss - best.losses[i]);
  return [meanOf(learned, unit), ...others.map(({ figure }) => figure), meanOf(gap, unit)];
}

/**
 * The rows of what `compare` gives.
 *
 * @param {string} what is measured
 * @param {number} short bound of the learned optimizer's
 * @returns {import("./experiment.js").Row[]}
 */
export const rowsOf = (what, short) => [
  { at: `${what}, learned`, short, median: true },
  ...baselines.map(({ name }) => ({ at: `${what}, tuned ${name}`, median: true })),
  { at: "learned − best of the others, paired", below: 0, source: "paper: the order" },
];
