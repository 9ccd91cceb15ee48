import { type Batch, Random, type Standardization, type Table, type Task } from "../index.ts";
import type { HeldOut } from "./judge.ts";
import { rowsBy } from "./rows-by.ts";

/** The rows of one group, standardized. */
export interface GroupRows {
  readonly name: string;
  readonly batch: Batch;
}

/** A table's groups in the order of their names, as the network sees them. */
export function encodeGroups(
  table: Table,
  standardization: Standardization,
  group: string,
): GroupRows[] {
  const inputs = standardization.encode(table);
  const targets = standardization.encodeTarget(table);
  const rows = rowsBy(table.texts(group));
  const whole = { inputs, targets, rows: table.rows };
  const names = [...rows.keys()].toSorted();
  return names.map((name) => ({ name, batch: gather(whole, rows.get(name)!) }));
}

/** The picked rows of a batch, in that order. */
export function gather(batch: Batch, picked: ArrayLike<number>): Batch {
  const inSize = batch.inputs.length / batch.rows;
  const rows = picked.length;
  const targets = Float32Array.from(picked, (row) => batch.targets[row]);
  const inputs = Float32Array.from({ length: rows * inSize }, (_, i) => {
    return batch.inputs[picked[Math.floor(i / inSize)] * inSize + (i % inSize)];
  });
  return { inputs, targets, rows };
}

/** Every group `draws` times, each time with other support rows; the same rows for the same seed. */
export function heldOutTasks(
  groups: readonly GroupRows[],
  { shots, draws, seed }: { shots: number; draws: number; seed: number },
): HeldOut[] {
  const random = new Random(seed);
  return groups.map(({ name, batch }, g) => {
    if (batch.rows <= shots)
      throw new RangeError(
        `--shots: expected at least ${shots + 1} rows in group "${name}", got ${batch.rows}`,
      );
    const cut = (_: unknown, draw: number): Task => {
      const rows = random.fork(g, draw).choose(batch.rows, batch.rows);
      const support = gather(batch, rows.subarray(0, shots));
      return { support, query: gather(batch, rows.subarray(shots)) };
    };
    return { name, tasks: Array.from({ length: draws }, cut) };
  });
}
