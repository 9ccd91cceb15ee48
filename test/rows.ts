import type { Batch } from "../src/index.ts";

/** Rows `from` … `to` − 1 of a batch. */
export function part({ inputs, targets, rows }: Batch, from: number, to: number): Batch {
  const cut = (values: ArrayLike<number>) => {
    const size = values.length / rows;
    return Array.from(values).slice(from * size, to * size);
  };
  return { inputs: cut(inputs), targets: cut(targets), rows: to - from };
}

/** Batches one behind the other. */
export function joined(batches: readonly Batch[]): Batch {
  return {
    inputs: batches.flatMap(({ inputs }) => Array.from(inputs)),
    targets: batches.flatMap(({ targets }) => Array.from(targets)),
    rows: batches.reduce((sum, { rows }) => sum + rows, 0),
  };
}
