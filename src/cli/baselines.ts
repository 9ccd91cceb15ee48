import type { Batch, Learner, Task } from "../index.ts";
import { type AlgorithmName, rowOf } from "./algorithms.ts";
import type { Contender } from "./judge.ts";

/** The learner under test: θ, then `steps` gradient steps on the support rows. */
export function learned(learner: Learner, name: string, note: string): Contender {
  const predict = ({ support, query }: Task, steps: number) =>
    answers(learner, learner.adapt(support, { steps }).predict(query.inputs), query.rows);
  const { stepless } = rowOf(learner.algorithm.kind as AlgorithmName);
  return { name, note, adapts: !stepless, predict };
}

/** Outputs as they are; of classes, for each row the one that `evaluate` takes it for: −1, never right, where outputs are NaN. */
export function answers({ loss }: Learner, outputs: Float32Array, rows: number): ArrayLike<number> {
  if (!loss.classes) return outputs;
  const ways = outputs.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const own = outputs.subarray(row * ways, (row + 1) * ways);
    let best = 0;
    for (let way = 1; way < ways; way++) if (own[way] > own[best]) best = way;
    return loss.accuracy!(own, [best], ways) === 1 ? best : -1;
  });
}

/** One network for all groups, used as it is. */
export function pooledModel(pooled: Learner): Contender {
  return {
    name: "pooled model",
    note: "One network of the same size, trained on the rows of all training groups together, and used on a new group as it is.",
    adapts: false,
    predict: ({ query }) => pooled.predict(query.inputs),
  };
}

/** The same network, fine-tuned on the support rows by plain gradient steps. */
export function fineTuned(pooled: Learner, rate: number): Contender {
  const note = `The pooled model, then gradient steps on the new group's rows, at the rate that did best on the training side (${rate}).`;
  return learned(pooled, "pooled, fine-tuned", note);
}

/** The pooled model, moved by its mean error on the support rows: ŷ = f(x) + mean(y − f(x) over the support). */
export function meanShift(pooled: Learner): Contender {
  return {
    name: "pooled + mean shift",
    note: "The pooled model, moved up or down by its mean error on the new group's rows.",
    adapts: false,
    predict: ({ support, query }) =>
      shifted(pooled.predict(support.inputs), support, pooled.predict(query.inputs)),
  };
}

/** predictions + mean over the support rows of (targets − fitted), for each output. */
export function shifted(
  fitted: ArrayLike<number>,
  support: Batch,
  predictions: ArrayLike<number>,
): Float64Array {
  const outSize = support.targets.length / support.rows;
  const shift = new Float64Array(outSize);
  for (let i = 0; i < support.targets.length; i++)
    shift[i % outSize] += (support.targets[i] - fitted[i]) / support.rows;
  return Float64Array.from(predictions, (value, i) => value + shift[i % outSize]);
}

/** A straight line (plane) through the support rows alone; nothing is learned from other groups. */
export function leastSquares(): Contender {
  return {
    name: "least squares per group",
    note: "A straight line through the new group's own rows; it knows nothing of the other groups.",
    adapts: false,
    predict: ({ support, query }) => fitLine(support)(query),
  };
}

/**
 * Least squares with intercept: min Σ (y − ȳ − (x − x̄)b)². Where rows are too few to settle the slopes, the smallest
 * ones: the normal equations get 1e-9 of their trace on the diagonal. One row gives a constant.
 */
export function fitLine({ inputs, targets, rows }: Batch): (query: Batch) => Float64Array {
  const inSize = inputs.length / rows;
  const outSize = targets.length / rows;
  const x = centered(inputs, rows, inSize);
  const y = centered(targets, rows, outSize);
  const slopes = solve(gram(x.values, x.values, rows, inSize, inSize), y, x);
  return (query) =>
    Float64Array.from({ length: query.rows * outSize }, (_, i) => {
      const row = Math.floor(i / outSize);
      let value = y.means[i % outSize];
      for (let j = 0; j < inSize; j++)
        value +=
          (query.inputs[row * inSize + j] - x.means[j]) * slopes[j * outSize + (i % outSize)];
      return value;
    });

  function solve(normal: Float64Array, right: Centered, left: Centered): Float64Array {
    const trace = left.values.reduce((sum, value) => sum + value * value, 0);
    for (let j = 0; j < inSize; j++) normal[j * inSize + j] += 1e-9 * trace + Number.MIN_VALUE;
    return eliminate(normal, gram(left.values, right.values, rows, inSize, outSize), inSize);
  }
}

interface Centered {
  readonly values: Float64Array;
  readonly means: Float64Array;
}

function centered(values: ArrayLike<number>, rows: number, size: number): Centered {
  const means = new Float64Array(size);
  for (let i = 0; i < values.length; i++) means[i % size] += values[i] / rows;
  return { means, values: Float64Array.from(values, (value, i) => value - means[i % size]) };
}

/** aᵀb.   a: rows×m, b: rows×n; result m×n. */
function gram(a: Float64Array, b: Float64Array, rows: number, m: number, n: number): Float64Array {
  const result = new Float64Array(m * n);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) result[i * n + j] += a[row * m + i] * b[row * n + j];
  return result;
}

/** a⁻¹b for a symmetric positive a (m×m): elimination needs no pivots. A zero pivot (no spread at all) gives 0. */
function eliminate(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const n = b.length / m;
  for (let k = 0; k < m; k++)
    for (let i = 0; i < m; i++) {
      if (i === k || a[k * m + k] < 1e-300) continue;
      const factor = a[i * m + k] / a[k * m + k];
      for (let j = 0; j < m; j++) a[i * m + j] -= factor * a[k * m + j];
      for (let j = 0; j < n; j++) b[i * n + j] -= factor * b[k * n + j];
    }
  return b.map((value, i) => {
    const pivot = a[Math.floor(i / n) * (m + 1)];
    return pivot < 1e-300 ? 0 : value / pivot;
  });
}
