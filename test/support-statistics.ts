/** What batch norm by the statistics of the support set means, told to the oracle; shares nothing with src/inductive.ts. */
import type { AnyModel, Batch, Layer, Sequential } from "./oracle/network.ts";
import { withLayers } from "./with-layers.ts";

interface Task {
  readonly support: Batch;
  readonly query: Batch;
}

/** The query rows with the support rows ahead, which alone count for the statistics and do not in the loss. */
export function behind({ support, query }: Task): Batch & { readonly weights: number[] } {
  const ones = new Array<number>(query.rows).fill(1);
  return {
    inputs: [...Array.from(support.inputs), ...Array.from(query.inputs)],
    targets: [...Array.from(support.targets), ...Array.from(query.targets)],
    rows: support.rows + query.rows,
    weights: [
      ...new Array<number>(support.rows).fill(0),
      ...Array.from(query.weights ?? ones, Math.fround),
    ],
    counted: support.rows,
  };
}

/** A task as the oracle is to take it. */
export function inductive<T extends Task>(task: T): T {
  return { ...task, query: behind(task) };
}

/** The oracle's model, with word of the policy in each batch norm for the library: the oracle goes by the batch. */
export function bySupport(model: AnyModel): Sequential {
  return withLayers(model, (layer) =>
    layer.kind === "batchNorm" ? ({ ...layer, statistics: "support" } as Layer) : layer,
  );
}
