import { copyRun } from "../batch.ts";
import type { Batch, Task } from "../task.ts";
import { type Room, TASK_WORDS } from "./room.ts";

/** What batches look like. */
export interface RowSizes {
  readonly inSize: number;
  readonly targetSize: number;
}

/** Runs start on 8 bytes: see `Room`. */
const even = (floats: number) => floats + (floats % 2);

/** Floats that tasks take in a room. */
export function floatsOf(tasks: readonly Task[]): number {
  let sum = 0;
  for (const { support, query } of tasks) sum += batchFloats(support) + batchFloats(query);
  return sum;
}

const batchFloats = ({ inputs, targets, weights }: Batch) =>
  even(inputs.length) + even(targets.length) + even(weights?.length ?? 0);

/**
 * Writes tasks one behind the other, in floats their batches, in words what they look like: where the floats start, rows of both batches,
 * which have weights, rows of the query that count, index.
 */
export function writeTasks(tasks: readonly Task[], { shapes, batches }: Room): void {
  let [word, float] = [0, 0];
  for (const { support, query, index } of tasks) {
    shapes[word++] = float;
    shapes[word++] = support.rows;
    shapes[word++] = query.rows;
    shapes[word++] = (support.weights ? 1 : 0) + (query.weights ? 2 : 0);
    shapes[word++] = query.counted ?? 0;
    shapes[word++] = index === undefined ? 0 : index + 1;
    float = writeBatch(support, batches, float);
    float = writeBatch(query, batches, float);
  }
}

function writeBatch({ inputs, targets, weights }: Batch, to: Float32Array, at: number): number {
  const behind = write(targets, to, write(inputs, to, at));
  return weights ? write(weights, to, behind) : behind;
}

function write(values: ArrayLike<number>, to: Float32Array, at: number): number {
  copyRun(to, at, values);
  return at + even(values.length);
}

/** `count` tasks from `start` on that {@link writeTasks} wrote, on the room's own floats. */
export function readTasks(room: Room, start: number, count: number, sizes: RowSizes): Task[] {
  return Array.from({ length: count }, (_, i) => readTask(room, start + i, sizes));
}

function readTask({ shapes, batches }: Room, task: number, sizes: RowSizes): Task {
  const at = task * TASK_WORDS;
  const [weighted, counted, index] = [shapes[at + 3], shapes[at + 4], shapes[at + 5]];
  const reader = new Reader(batches, shapes[at], sizes);
  const support = reader.batch(shapes[at + 1], (weighted & 1) !== 0);
  const query = reader.batch(shapes[at + 2], (weighted & 2) !== 0);
  return {
    support,
    query: counted > 0 ? { ...query, counted } : query,
    ...(index > 0 && { index: index - 1 }),
  };
}

class Reader {
  private readonly floats: Float32Array;
  private readonly sizes: RowSizes;
  private at: number;

  constructor(floats: Float32Array, at: number, sizes: RowSizes) {
    this.floats = floats;
    this.at = at;
    this.sizes = sizes;
  }

  batch(rows: number, weighted: boolean): Batch {
    const inputs = this.take(rows * this.sizes.inSize);
    const targets = this.take(rows * this.sizes.targetSize);
    return weighted
      ? { inputs, targets, rows, weights: this.take(rows) }
      : { inputs, targets, rows };
  }

  private take(length: number): Float32Array {
    const start = this.at;
    this.at += even(length);
    return this.floats.subarray(start, start + length);
  }
}
