/**
 * MetaNet, a first network: 10 inputs, 5 hidden units (ReLU), 1 output; mean squared error, gradient
 * descent at 0.01, 100 epochs of all 100 rows at once. Then an honest evaluation.
 *
 *     node examples/metanet.js
 *
 * Rows are random, but their targets are not: y = w·x + 0.1 e for one hidden w of length about 1; x
 * and e are normal. (Were the targets random too, there would be nothing to learn, and fresh rows
 * could only show that.)
 *
 * Plain supervised learning is the smallest case of joint training: a single task, whose support
 * and query are both all the rows there are.
 */
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { createLearner, meanSquaredError, mlp, pretrain, Random, sgd } from "rvml";

export const EPOCHS = 100;
const INPUTS = 10;
const NOISE = 0.1;

/**
 * 100 rows to learn from, and 1000 of the same w that the network never sees.
 *
 * @param {number} seed
 */
export function data(seed) {
  const random = new Random(seed);
  const w = Float64Array.from({ length: INPUTS }, () => random.normal() / Math.sqrt(INPUTS));
  const rows = (/** @type {number} */ count) => {
    const inputs = Float32Array.from({ length: count * INPUTS }, () => random.normal());
    const target = (/** @type {number} */ row) =>
      w.reduce((sum, wj, j) => sum + wj * inputs[row * INPUTS + j], NOISE * random.normal());
    return {
      inputs,
      targets: Float32Array.from({ length: count }, (_, i) => target(i)),
      rows: count,
    };
  };
  return { seen: rows(100), fresh: rows(1000) };
}

/** @param {number} seed of the network's first weights: U(±1/√inSize), PyTorch's default */
export const network = (seed) =>
  createLearner({
    model: mlp({ sizes: [INPUTS, 5, 1], activation: "relu", initialization: "uniform" }),
    loss: meanSquaredError(),
    algorithm: pretrain(),
    metaOptimizer: sgd({ learningRate: 0.01 }),
    seed,
  });

/**
 * 1 − Σ(y − ŷ)²/Σ(y − ȳ)², the share of the targets' variance that the predictions explain: 1 is
 * perfect, 0 no better than always answering the mean.
 *
 * The original counted how often outputs and targets of this regression are equal once rounded.
 * That measures nothing: 0.49 against 0.51 counts as wrong, 0.51 against 1.49 as right, and always
 * answering 0 scores nearly as well as a network that has learned.
 *
 * @param {ArrayLike<number>} predictions
 * @param {Float32Array} targets
 */
export function rSquared(predictions, targets) {
  const mean = targets.reduce((sum, y) => sum + y, 0) / targets.length;
  const unexplained = targets.reduce((sum, y, i) => sum + (y - predictions[i]) ** 2, 0);
  return 1 - unexplained / targets.reduce((sum, y) => sum + (y - mean) ** 2, 0);
}

/** The share of rows where the answer, rounded, equals the target, rounded, in percent. */
const roundedHits = (/** @type {Float32Array} */ answers, /** @type {Float32Array} */ targets) =>
  (100 * targets.filter((y, i) => Math.round(y) === Math.round(answers[i])).length) /
  targets.length;

async function main() {
  const { seen, fresh } = data(1);
  const learner = await network(1);
  const task = { support: seen, query: seen };
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const { loss } = learner.metaStep([task]); // the loss before the step
    if (epoch % 10 === 0) console.log(`epoch ${epoch}: loss ${loss.toFixed(6)}`);
  }
  console.log(`epoch ${EPOCHS}: loss ${learner.metaGradient([task]).loss.toFixed(6)}`);

  const score = (/** @type {typeof seen} */ { inputs, targets }) =>
    rSquared(learner.predict(inputs), targets).toFixed(3);
  console.log(`\nR² on the ${seen.rows} rows that it saw: ${score(seen)}`);
  console.log(`R² on ${fresh.rows} fresh rows:          ${score(fresh)}`);
  const hits = roundedHits(learner.predict(fresh.inputs), fresh.targets);
  const zeroHits = roundedHits(new Float32Array(fresh.rows), fresh.targets);
  console.log(
    `Equal when rounded: ${hits.toFixed(0)} % (always answering 0: ${zeroHits.toFixed(0)} %)`,
  );

  for (let epoch = EPOCHS; epoch < 10 * EPOCHS; epoch++) learner.metaStep([task]);
  console.log(`R² on fresh rows after ${10 * EPOCHS} epochs: ${score(fresh)}`);
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
