import { breathe } from "./breathe.ts";
import { checkInteger, checkOptions, refuseKind } from "./check.ts";
import { Learner } from "./learner.ts";
import { Random } from "./random.ts";
import { TASKS } from "./streams.ts";
import type { Task, TaskDistribution } from "./task.ts";

/** Options of {@link metaTrain}. */
export interface TrainOptions {
  /** Meta-steps to make from here. */
  readonly steps: number;
  /** Tasks a meta-step; default 25. */
  readonly metaBatchSize?: number;
  /** Stops the training, between two meta-steps, by throwing its reason. */
  readonly signal?: AbortSignal;
}

/** What {@link metaTrain} reports of a meta-step. */
export interface TrainReport {
  /** Meta-steps made so far, in all. */
  readonly step: number;
  /** Mean query loss of this step's tasks, after adaptation and before the update. */
  readonly loss: number;
  /** Tasks of this step that diverged, and were left out or clipped. */
  readonly diverged: number;
  /** Tasks a second since this training began. */
  readonly tasksPerSecond: number;
}

/** How long the event loop may wait, in milliseconds: less than a frame of 60 a second. */
const MAX_WAIT = 12;

/**
 * Meta-trains a learner, a meta-step each time the next report is asked for.
 *
 * Task i of meta-step t is drawn from (seed, t, i) and nothing else: the same learner goes the same way, wherever and however often it
 * is stopped, saved and taken up again. Lets the event loop run every 12 ms: a page stays alive, a signal gets through.
 *
 * @throws {RangeError | TypeError} at the call: `metaTrain: expected steps ≥ 0, got -1`
 * @throws {DivergedError} loss or gradient not finite; the learner is as it was before that step
 * @throws `signal.reason` once aborted
 * @example
 * for await (const { step, loss } of metaTrain(learner, sinusoids(), { steps: 1000 })) console.log(step, loss);
 */
export function metaTrain(
  learner: Learner,
  distribution: TaskDistribution,
  options: TrainOptions,
): AsyncGenerator<TrainReport, void, void> {
  if (!(learner instanceof Learner)) refuseKind("metaTrain", "a learner", learner);
  checkOptions("metaTrain", options, ["steps", "metaBatchSize", "signal"]);
  const { steps, metaBatchSize = 25, signal } = options;
  checkInteger("metaTrain", "steps", steps, { min: 0 });
  checkInteger("metaTrain", "metaBatchSize", metaBatchSize, { min: 1 });
  if (typeof distribution?.sample !== "function")
    refuseKind("metaTrain", "a distribution of tasks", distribution);
  // By what it can do: a signal may come from another realm.
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function")
    refuseKind("metaTrain", "an AbortSignal as signal", signal);
  return train(learner, distribution, steps, metaBatchSize, signal);
}

async function* train(
  learner: Learner,
  distribution: TaskDistribution,
  steps: number,
  metaBatchSize: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<TrainReport, void, void> {
  const random = new Random(learner.seed).fork(TASKS);
  const tasks: Task[] = new Array(metaBatchSize);
  const start = performance.now();
  let breathed = start;
  for (let made = 1; made <= steps; made++) {
    signal?.throwIfAborted();
    for (let i = 0; i < metaBatchSize; i++)
      tasks[i] = distribution.sample(random.fork(learner.step, i));
    const { loss, diverged } = learner.metaStep(tasks);
    const now = performance.now();
    const tasksPerSecond = (made * metaBatchSize * 1000) / Math.max(now - start, 1e-3);
    yield { step: learner.step, loss, diverged, tasksPerSecond };
    if (now - breathed > MAX_WAIT) {
      await breathe();
      breathed = performance.now();
    }
  }
}
