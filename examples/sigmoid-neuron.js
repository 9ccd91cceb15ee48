/**
 * One sigmoid neuron, σ(w·x + b): 2 inputs, 4 points, mean squared error, 1000 steps of gradient
 * descent at 0.1; then a picture of what it decides where.
 *
 *     node examples/sigmoid-neuron.js [picture.svg]
 *
 * Labels are 1 for (1, 2), (2, 1) and 0 for (−1, −2), (−2, −1). The original had −1 for the latter,
 * which a sigmoid, whose values lie between 0 and 1, cannot reach: its loss could not go below 0.5.
 */
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import {
  activation,
  createLearner,
  dense,
  meanSquaredError,
  pretrain,
  sequential,
  sgd,
} from "rvml";
import { decisionSurface } from "./decision-surface.js";

export const STEPS = 1000;

/** All four points are the one task's support and query alike: plain supervised learning. */
export const points = {
  inputs: Float32Array.of(1, 2, 2, 1, -1, -2, -2, -1),
  targets: Float32Array.of(1, 1, 0, 0),
  rows: 4,
};

/** @param {number} seed of the first w and b: U(±1/√inSize), PyTorch's default */
export const neuron = (seed) =>
  createLearner({
    model: sequential([
      dense({ inSize: 2, outSize: 1, initialization: "uniform" }),
      activation("sigmoid"),
    ]),
    loss: meanSquaredError(),
    algorithm: pretrain(),
    metaOptimizer: sgd({ learningRate: 0.1 }),
    seed,
  });

/** @param {string} file where the picture goes */
async function main(file) {
  const learner = await neuron(1);
  const task = { support: points, query: points };
  const report = (/** @type {number} */ loss) =>
    console.log(`step ${String(learner.step).padStart(4)}: loss ${loss.toFixed(7)}`);
  report(learner.metaGradient([task]).loss);
  while (learner.step < STEPS) {
    learner.metaStep([task]);
    if (learner.step % 100 === 0) report(learner.metaGradient([task]).loss);
  }

  const [w1, w2, b] = learner.parameters;
  console.log(`\nσ(${w1.toFixed(4)} x₁ + ${w2.toFixed(4)} x₂ + ${b.toFixed(4)})`);
  learner.predict(points.inputs).forEach((output, i) => {
    const [x1, x2] = points.inputs.subarray(2 * i);
    console.log(`(${x1}, ${x2}): ${output.toFixed(3)}, label ${points.targets[i]}`);
  });
  const title = `σ(w·x + b) after ${STEPS} steps`;
  writeFileSync(file, await decisionSurface((inputs) => learner.predict(inputs), points, title));
  console.log(`\nThe decision surface: ${file}`);
}

if (argv[1] === fileURLToPath(import.meta.url)) await main(argv[2] ?? "sigmoid-neuron.svg");
