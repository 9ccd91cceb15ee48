/** Student's t, 97.5 %, for 1 … 9 degrees of freedom. */
const STUDENT_T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** As many runs as the table of t is for. */
export const MOST_RUNS = STUDENT_T.length + 1;

/**
 * Mean of some runs, with half the 95 % intervals of that mean and of one more run; NaN for a single run.
 *
 * @param {readonly number[]} values
 */
export function prediction(values) {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = n > 1 ? STUDENT_T[n - 2] * Math.sqrt(squares / (n - 1)) : NaN;
  return { mean, ofMean: deviation * Math.sqrt(1 / n), ofRun: deviation * Math.sqrt(1 + 1 / n) };
}

/**
 * Mean over problems with half its 95 % interval, and the median, in a unit.
 *
 * @param {readonly number[]} values
 * @param {number} unit
 */
export function meanOf(values, unit) {
  const n = values.length;
  const mean = values.reduce((sum, each) => sum + each, 0) / n;
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const interval = 1.96 * unit * Math.sqrt(squares / (n - 1) / n);
  return { value: unit * mean, interval, median: unit * medianOf(values) };
}

/** @param {readonly number[]} values */
function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
