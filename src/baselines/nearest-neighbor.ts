import { checkArray, checkFinite, checkInteger, refuse, refuseKind } from "../check.ts";
import type { Batch } from "../task.ts";

/** What {@link nearestNeighbor} gives: support rows to look up. */
export interface NearestNeighbor {
  /** The targets of the support row nearest to each row of inputs: rows×targetSize, row-major. */
  predict(inputs: ArrayLike<number>): Float32Array;
}

/**
 * The nearest support row, a baseline that learns nothing: each row gets the targets of the support row whose inputs are nearest to its own.
 *
 *     i(x) = argminᵢ ‖x − xᵢ‖², the first of several alike,   prediction = targets of row i(x)
 *
 * For a regression these are numbers, for classes the class index (not logits). Distances are summed in f64. Weights say how much a row
 * counts in a mean; here only those of weight 0 are passed over. Keeps the support set's arrays, not copies. A row costs
 * rows·inSize multiply-adds.
 *
 * @param support the rows to look up
 * @param inSize inputs a row
 * @throws {RangeError} `nearestNeighbor: expected support.inputs.length 10 (5 rows of 2), got 9`; values that are not finite; weights that
 *   are negative, or all 0
 * @throws {TypeError} not a batch
 * @example
 * const { support, query } = episodes(omniglot, { ways: 5, shots: 1 }).sample(new Random(1));
 * const classes = nearestNeighbor(support, omniglot.inSize).predict(query.inputs);
 */
export function nearestNeighbor(support: Batch, inSize: number): NearestNeighbor {
  const where = "nearestNeighbor";
  checkInteger(where, "inSize", inSize, { min: 1 });
  checkSupport(where, support, inSize);
  const { inputs, targets, rows, weights } = support;
  const targetSize = targets.length / rows;

  /** The support row nearest to that row of `asked`. */
  function nearest(asked: ArrayLike<number>, row: number): number {
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < rows; i++) {
      if (weights?.[i] === 0) continue;
      let square = 0;
      for (let j = 0; j < inSize; j++) {
        const gap = asked[row * inSize + j] - inputs[i * inSize + j];
        square += gap * gap;
      }
      if (best < 0 || square < least) [best, least] = [i, square];
    }
    return best;
  }

  function predict(asked: ArrayLike<number>): Float32Array {
    checkFinite(where, "inputs", checkArray(where, "inputs", asked));
    const count = asked.length / inSize;
    if (!Number.isInteger(count))
      refuse(where, `inputs.length a multiple of ${inSize}`, asked.length);
    const predictions = new Float32Array(count * targetSize);
    for (let row = 0; row < count; row++) {
      const from = nearest(asked, row) * targetSize;
      for (let t = 0; t < targetSize; t++) predictions[row * targetSize + t] = targets[from + t];
    }
    return predictions;
  }

  return Object.freeze({ predict });
}

/** Rows of inSize inputs, each with as many targets as the others, and one at least that counts. */
function checkSupport(where: string, support: Batch, inSize: number): void {
  if (typeof support !== "object" || support === null)
    refuseKind(where, "support { inputs, targets, rows }", support);
  const { inputs, targets, rows, weights } = support;
  checkInteger(where, "support.rows", rows, { min: 1 });
  checkArray(where, "support.inputs", inputs, rows * inSize, `${rows} rows of ${inSize}`);
  checkFinite(where, "support.inputs", inputs);
  checkFinite(where, "support.targets", checkArray(where, "support.targets", targets));
  if (targets.length === 0 || targets.length % rows > 0)
    refuse(where, `support.targets.length a multiple of ${rows}`, targets.length);
  if (weights === undefined) return;
  checkArray(where, "support.weights", weights, rows, `${rows} rows`);
  checkFinite(where, "support.weights", weights);
  const sum = Array.from(weights, (weight) => {
    if (weight < 0) refuse(where, "support.weights ≥ 0", weight);
    return weight;
  }).reduce((a, b) => a + b);
  if (sum === 0) refuse(where, "support.weights with a sum > 0", sum);
}
