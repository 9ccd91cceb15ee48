import { dataset } from "../src/data/dataset.ts";
import { table } from "../src/data/table.ts";
import type { Batch } from "../src/task.ts";

/** Small made-up sources of tasks, whose rows can be told apart. */

/** Rows whose first input is the row's own number, so that a row can be told wherever it turns up. */
export function numbered(classes: number, rowsEach: number) {
  const rows = classes * rowsEach;
  const inputs = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? -1 : i / 2));
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
  return dataset({ inputs, labels, inSize: 2 });
}

/** Groups g0, g1 … of `rows` rows each: x counts all rows, y = 2x + 1. */
export function grouped(count: number, rows = 8) {
  const group = Array.from({ length: count * rows }, (_, i) => `g${Math.floor(i / rows)}`);
  const x = group.map((_, i) => i);
  return table({ columns: { group, x, y: x.map((value) => 2 * value + 1) } });
}

/** The columns of {@link grouped}, as options of groups(). */
export const columns = { group: "group", inputs: ["x"], target: "y" };

/** The inputs of a batch, one text a row. */
export function rowsOf({ inputs, rows }: Batch): string[] {
  const size = inputs.length / rows;
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: size }, (_, i) => inputs[r * size + i]).join(),
  );
}
