import { dense, meanSquaredError, sequential } from "rvml";
import { compare, rowsOf } from "./learned-optimizer.js";

/**
 * @import { Random } from "rvml"
 * @import { Problem, Problems } from "./learned-optimizer.js"
 */

const SIZE = 10;
const START = new Float32Array(SIZE);

/**
 * f(θ) = ‖Wθ − y‖² as a regression without bias: the rows of W are inputs, y the targets. All starts θ₀ are alike up to y ← y − Wθ₀, and
 * the authors' code starts near 0 (N(0, 0.01²)): here θ₀ = 0.
 *
 * @param {Random} random
 * @returns {Problem}
 */
function draw(random) {
  const inputs = Float32Array.from({ length: SIZE * SIZE }, () => random.normal());
  const targets = Float32Array.from({ length: SIZE }, () => random.normal());
  const batch = { inputs, targets, rows: SIZE };
  return { task: { support: batch, query: batch }, start: START };
}

/** @type {Problems} */
const problems = {
  model: sequential([dense({ inSize: SIZE, outSize: 1, bias: false })]),
  loss: meanSquaredError(),
  draw,
  // The loss is a mean over rows, f a sum.
  unit: SIZE,
  counts: { tuning: 500, test: 2_000 },
};

const METHOD = { metaBatchSize: 16, metaLearningRate: 0.01, outputScale: 0.03 };

/** @type {import("./experiment.js").Experiment} */
export const learnedOnQuadratics = {
  name: "learned-quadratics",
  paper: "learned optimizers, Andrychowicz et al. 2016, arXiv:1606.04474: quadratics",
  settings:
    "10-dimensional, W and y normal, θ₀ = 0; our gated cell (20), not their LSTM (2 × 20); 100 steps, unroll 20, 1,000 × 16 problems, output scale 0.03, Adam 0.01 (cosine), clipped to norm 1; 2,000 test problems; rates tuned on 500",
  seeds: 2,
  rows: rowsOf("f after 100 steps", 2),
  run: ({ seed, short }) =>
    compare(
      short ? { ...problems, counts: { tuning: 50, test: 200 } } : problems,
      { ...METHOD, metaSteps: short ? 40 : 1_000 },
      seed,
    ),
};
