// What is learned everywhere.
import * as rvml from "rvml";

const { adam, byteImages, crossEntropy, episodes, maml } = rvml;
const { meanSquaredError, mlp, sinusoids } = rvml;

/** @typedef {import("../../golden-problems.js").Problem & { steps: number }} Problem */

/** @param {Uint8Array} [digits] rows of 64 pixels of 0 … 16, and the label @returns {Record<string, Problem>} */
export function problems(digits) {
  return { sinusoids: ofSinusoids(), ...(digits && { digits: ofDigits(digits) }) };
}

/** @returns {Problem} */
export function ofSinusoids() {
  return {
    options: {
      model: mlp({ sizes: [1, 40, 40, 1] }),
      loss: meanSquaredError(),
      algorithm: maml({ innerLearningRate: 0.01 }),
      metaOptimizer: adam({ learningRate: 0.001 }),
    },
    source: sinusoids(),
    metaBatchSize: 25,
    steps: 200,
  };
}

/** @param {Uint8Array} rows @returns {Problem} */
function ofDigits(rows) {
  const labels = rows.filter((_, i) => i % 65 === 64);
  const bytes = rows.filter((_, i) => i % 65 < 64).map((value) => Math.min(255, 16 * value));
  return {
    options: {
      model: mlp({ sizes: [64, 48, 32, 5], norm: "batch" }),
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 0.1, innerSteps: 2 }),
      metaOptimizer: adam({ learningRate: 0.001 }),
    },
    source: episodes(byteImages({ bytes, labels, width: 8, height: 8 }), { ways: 5, shots: 2 }),
    metaBatchSize: 16,
    steps: 50,
  };
}
