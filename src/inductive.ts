import { type BatchShape, checkRows, checkTask, joined } from "./batch.ts";
import { refuse, refuseKind } from "./check.ts";
import type { Model } from "./model.ts";
import type { Batch, Task } from "./task.ts";

/** Whether the model's batch norms take the statistics of the support set where they judge a query set. */
export function isInductive(model: Model): boolean {
  return model.layers.some(({ statistics }) => statistics === "support");
}

/**
 * The query set with the support set in front of it, whose statistics count and whose losses do not: normalized by what the support set
 * tells, each query row by itself.
 */
export function withSupport(support: Batch, query: Batch): Batch {
  const rows = support.rows + query.rows;
  const weights = new Float32Array(rows);
  for (let i = 0; i < query.rows; i++) weights[support.rows + i] = query.weights?.[i] ?? 1;
  return {
    inputs: joined(support.inputs, query.inputs),
    targets: joined(support.targets, query.targets),
    rows,
    weights,
    counted: support.rows,
  };
}

/** A task's query set as the model's norms want it. */
export function judged(model: Model, { support, query }: Task): Batch {
  return isInductive(model) ? withSupport(support, query) : query;
}

/**
 * Where a query set is normalized by the support set's statistics: room for both, and nothing else said about it.
 *
 * @throws {RangeError} `metaStep: expected at most 9 rows in support and query (…), got 10`
 */
export function checkJudged(
  where: string,
  { model, maxRows }: { readonly model: Model; readonly maxRows: number },
  { support, query }: Task,
): void {
  if (!isInductive(model)) return;
  checkRows(where, "support and query", support.rows + query.rows, maxRows);
  if (query.counted !== undefined)
    refuse(where, "query without counted (the support set counts)", query.counted);
}

/**
 * The tasks of a meta-batch as the model's norms want them.
 *
 * @throws {RangeError | TypeError} no task, or one that does not fit
 */
export function checkTasks(
  where: string,
  tasks: readonly Task[],
  network: BatchShape & { readonly model: Model },
): readonly Task[] {
  if (!Array.isArray(tasks)) refuseKind(where, "a list of tasks", tasks);
  if (tasks.length === 0) refuse(where, "at least one task", 0);
  const { model } = network;
  const inductive = isInductive(model);
  for (const task of tasks) {
    checkTask(where, "task", task, network);
    if (inductive) checkJudged(where, network, task);
  }
  if (!inductive) return tasks;
  return tasks.map((task) => ({ ...task, query: judged(model, task) }));
}
