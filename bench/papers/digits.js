import { crossEntropy, mlp } from "rvml";
import { digits, lacking } from "./images.js";
import { compare, rowsOf } from "./learned-optimizer.js";

/** @import { Problems } from "./learned-optimizer.js" */

const ROWS = 500;
/** The first so many digits are for training, the others for testing. */
const TRAINING_ROWS = 1_297;

/** @returns {Problems} */
function problemsOf() {
  const images = digits();
  const { inSize, labels } = images;
  const model = mlp({ sizes: [inSize, 20, 10], activation: "sigmoid" });
  const parameters = (inSize + 1) * 20 + (20 + 1) * 10;
  return {
    model,
    loss: crossEntropy(),
    unit: 1,
    counts: { tuning: 5, test: 20 },
    draw(random, use) {
      const [from, count] =
        use === "test" ? [TRAINING_ROWS, images.rows - TRAINING_ROWS] : [0, TRAINING_ROWS];
      const rows = Array.from(random.choose(ROWS, count), (row) => from + row);
      const inputs = new Float32Array(ROWS * inSize);
      rows.forEach((row, i) => images.row(row, inputs, i * inSize));
      const targets = Float32Array.from(rows, (row) => labels[row]);
      const batch = { inputs, targets, rows: ROWS };
      const start = Float32Array.from({ length: parameters }, () => 0.01 * random.normal());
      return { task: { support: batch, query: batch }, start };
    },
  };
}

const METHOD = { metaBatchSize: 1, metaLearningRate: 0.01, outputScale: 0.03 };

/** @type {import("./experiment.js").Experiment} */
export const learnedOnDigits = {
  name: "learned-digits",
  paper: "learned optimizers, Andrychowicz et al. 2016: digits, 8×8 pixels for MNIST's 28×28",
  settings:
    "64-20-10 sigmoid, start N(0, 0.01²) as in their code; a problem has 500 rows, the same at every step (theirs: 128 new ones); cell and steps as above, 100 × 1 problem; tested from 20 starts on 500 digits not trained on; rates tuned on 5 problems",
  seeds: 2,
  rows: rowsOf("cross-entropy after 100 steps", 1),
  lacks: () => lacking("digits8x8"),
  run({ seed, short }) {
    const problems = problemsOf();
    return compare(
      short ? { ...problems, counts: { tuning: 1, test: 2 } } : problems,
      { ...METHOD, metaSteps: short ? 5 : 100 },
      seed,
    );
  },
};
