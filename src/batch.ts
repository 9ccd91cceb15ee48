import { checkArray, checkFloats, checkInteger, refuse, refuseKind } from "./check.ts";
import type { Loss } from "./loss.ts";
import type { Batch, Task } from "./task.ts";

/** What batches have to fit: a network's sizes, its loss, and the most rows it takes at once. */
export interface BatchShape {
  readonly inSize: number;
  readonly outSize: number;
  /** Numbers a row of targets. */
  readonly targetSize: number;
  readonly loss: Loss;
  /** Infinity, but for a network with batch norm. */
  readonly maxRows: number;
}

/**
 * Holds a batch against the network that it is for; returns it.
 *
 * @throws {RangeError} wrong lengths, no rows, more rows counted than there are, a value that is not finite, a target out of range,
 * weights that sum to zero
 * @throws {TypeError} not a batch
 */
export function checkBatch(where: string, name: string, batch: Batch, shape: BatchShape): Batch {
  if (typeof batch !== "object" || batch === null)
    refuseKind(where, `${name} { inputs, targets, rows }`, batch);
  const { rows, counted } = batch;
  checkInteger(where, `${name}.rows`, rows, { min: 1 });
  if (counted !== undefined) checkInteger(where, `${name}.counted`, counted, { min: 1, max: rows });
  checkRows(where, name, rows, shape.maxRows);
  checkRun(where, `${name}.inputs`, batch.inputs, rows, shape.inSize);
  checkRun(where, `${name}.targets`, batch.targets, rows, shape.targetSize);
  shape.loss.checkTargets(where, batch.targets, shape.outSize);
  if (batch.weights !== undefined) checkWeights(where, `${name}.weights`, batch.weights, rows);
  return batch;
}

/** Σ wᵢ in f32's weights, or the number of rows: what a batch's mean is taken over. */
export function totalWeight(rows: number, weights: ArrayLike<number> | undefined): number {
  if (!weights) return rows;
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += Math.fround(weights[i]);
  return sum;
}

/** Whether a mean over the batch exists: the core multiplies by 1/Σ wᵢ, in f32. */
export function hasMean(rows: number, weights: ArrayLike<number> | undefined): boolean {
  const scale = Math.fround(1 / totalWeight(rows, weights));
  return scale > 0 && scale < Infinity;
}

/**
 * Indices of tasks, as {@link Task} says them, are below it. Only `multiTask` reads them, and so many heads, their gradient and Adam's state
 * fill the linear memory from 8 numbers a head on; a pool hands them on in 32 bits.
 */
export const MOST_TASKS = 0xffffff;

/** Both batches of a task, and its index. */
export function checkTask(where: string, name: string, task: Task, shape: BatchShape): void {
  if (typeof task !== "object" || task === null)
    refuseKind(where, `${name} { support, query }`, task);
  if (task.index !== undefined)
    checkInteger(where, `${name}.index`, task.index, { min: 0, below: MOST_TASKS });
  checkSupport(where, `${name}.support`, task.support, shape);
  checkBatch(where, `${name}.query`, task.query, shape);
}

/** A batch to adapt on, whose rows count all of them: what `counted` leaves out would be neither adapted to nor judged. */
export function checkSupport(where: string, name: string, batch: Batch, shape: BatchShape): void {
  const { counted } = checkBatch(where, name, batch, shape);
  if (counted !== undefined) refuse(where, `${name} without counted (it is for queries)`, counted);
}

/** Refuses more rows than a network with batch norm has room for. */
export function checkRows(where: string, name: string, rows: number, maxRows: number): void {
  if (rows > maxRows)
    refuse(
      where,
      `at most ${maxRows} rows in ${name} (batch norm; see createLearner's maxRows)`,
      rows,
    );
}

/** rows×size finite numbers. */
function checkRun(
  where: string,
  name: string,
  values: ArrayLike<number>,
  rows: number,
  size: number,
): void {
  // Why it has to be that long is put into words only where it is not.
  if (!(values instanceof Float32Array) || values.length !== rows * size)
    checkArray(where, name, values, rows * size, `${rows} rows of ${size}`);
  checkFloats(where, name, values);
}

function checkWeights(where: string, name: string, weights: ArrayLike<number>, rows: number): void {
  checkRun(where, name, weights, rows, 1);
  for (let i = 0; i < rows; i++) if (weights[i] < 0) refuse(where, `${name} ≥ 0`, weights[i]);
  const sum = totalWeight(rows, weights);
  if (!hasMean(rows, weights)) refuse(where, `${name} with a sum > 0`, sum);
}

/** The same task, which has been checked, on numbers of its own. */
export const copyTask = ({ support, query, ...rest }: Task): Task => ({
  ...rest,
  support: copyBatch(support),
  query: copyBatch(query),
});

/** The same batch on numbers of its own, in f32, as the network would round them. */
export const copyBatch = ({ inputs, targets, weights, ...rest }: Batch) => ({
  ...rest,
  inputs: copyOf(inputs),
  targets: copyOf(targets),
  ...(weights && { weights: copyOf(weights) }),
});

/** Up to here a loop is faster than a call to copy (measured: 16 floats 15 ns against 60). */
const SHORT_COPY = 32;

/** to[at … at + count − 1] ← from[start … start + count − 1]; default: all of `from`. */
export function copyRun(
  to: Float32Array,
  at: number,
  from: ArrayLike<number>,
  start = 0,
  count = from.length,
): void {
  if (count > SHORT_COPY && count === from.length) to.set(from, at);
  else if (count > SHORT_COPY && ArrayBuffer.isView(from))
    to.set((from as Float32Array).subarray(start, start + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[start + i];
}

/** By what is faster for its kind (measured in Node 20, 19,600 numbers: typed 2 µs for 3, plain 14 for 80). */
const copyOf = (values: ArrayLike<number>) =>
  ArrayBuffer.isView(values) ? new Float32Array(values) : Float32Array.from(values);

/** One run behind the other, in f32. */
export function joined(first: ArrayLike<number>, second: ArrayLike<number>): Float32Array {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
