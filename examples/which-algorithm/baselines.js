import { nearestNeighbor } from "rvml";

/**
 * @typedef {import("rvml").Batch} Batch
 *
 * @typedef {object} Baseline what needs no training: it looks at the support rows alone
 * @property {string} name
 * @property {boolean} forClasses
 * @property {boolean} forNumbers
 * @property {(support: Batch, inputs: ArrayLike<number>) => ArrayLike<number>} predict targets for rows of inputs
 */

const mean = (/** @type {ArrayLike<number>} */ values) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** A straight line through rows of one input and one target. @param {Batch} support */
function line({ inputs, targets }) {
  const [x, y] = [mean(inputs), mean(targets)];
  let [xy, xx] = [0, 0];
  for (let i = 0; i < inputs.length; i++) {
    xy += (inputs[i] - x) * (targets[i] - y);
    xx += (inputs[i] - x) ** 2;
  }
  const slope = xx > 0 ? xy / xx : 0;
  return (/** @type {number} */ input) => y + slope * (input - x);
}

/** @type {readonly Baseline[]} */
export const baselines = [
  {
    name: "mean of the rows",
    forClasses: false,
    forNumbers: true,
    predict: ({ targets }, inputs) => Array.from(inputs, () => mean(targets)),
  },
  {
    name: "least squares",
    forClasses: false,
    forNumbers: true,
    predict: (support, inputs) => Array.from(inputs, line(support)),
  },
  {
    name: "nearest neighbor",
    forClasses: true,
    forNumbers: true,
    predict: (support, inputs) =>
      nearestNeighbor(support, support.inputs.length / support.rows).predict(inputs),
  },
];
