import type { Mean } from "./accumulate.ts";
import { breathe } from "./breathe.ts";
import { checkInteger, checkOptions, refuseKind } from "./check.ts";
import { Learner } from "./learner.ts";
import { Random } from "./random.ts";
import { TASKS } from "./streams.ts";
import type { Task, TaskDistribution } from "./task.ts";

/** What makes meta-steps in its own way, to the same bits: a pool of threads (`createPool` of `rvml/pool`). */
export interface MetaStepper {
  /** As `learner.metaStep`. The learner stays as it is until then. */
  metaStep(learner: Learner, tasks: readonly Task[]): Promise<Mean>;
}

/** Options of {@link metaTrain}. */
export interface TrainOptions {
  /** Meta-steps to make from here. */
  readonly steps: number;
  /** Tasks a meta-step; default 25. */
  readonly metaBatchSize?: number;
  /** Stops the training, between two meta-steps, by throwing its reason. */
  readonly signal?: AbortSignal;
  /** Who makes the meta-steps; default the learner itself, in place. */
  readonly pool?: MetaStepper | undefined;
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

/** Tasks a meta-step, if nothing else is said: the paper's number for sinusoids. */
const META_BATCH_SIZE = 25;

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
  checkTraining("metaTrain", learner, options, ["steps", "metaBatchSize", "signal", "pool"]);
  const { steps, metaBatchSize = META_BATCH_SIZE, signal, pool } = options;
  checkInteger("metaTrain", "steps", steps, { min: 0 });
  if (typeof distribution?.sample !== "function")
    refuseKind("metaTrain", "a distribution of tasks", distribution);
  if (pool !== undefined && typeof pool?.metaStep !== "function")
    refuseKind("metaTrain", "a pool", pool);
  const random = new Random(learner.seed).fork(TASKS);
  const draw = (step: number) =>
    Array.from({ length: metaBatchSize }, (_, i) => distribution.sample(random.fork(step, i)));
  return train(learner, draw, { steps, metaBatchSize, signal, pool });
}

/** Refuses what no training can be made with; the options may be those of `names` alone. */
export function checkTraining(
  where: string,
  learner: Learner,
  options: Pick<TrainOptions, "metaBatchSize" | "signal">,
  names: readonly string[],
): void {
  if (!(learner instanceof Learner)) refuseKind(where, "a learner", learner);
  checkOptions(where, options, names);
  const { metaBatchSize = META_BATCH_SIZE, signal } = options;
  checkInteger(where, "metaBatchSize", metaBatchSize, { min: 1 });
  // By what it can do: a signal may come from another realm.
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function")
    refuseKind(where, "an AbortSignal as signal", signal);
}

async function* train(
  learner: Learner,
  draw: (step: number) => Task[],
  { steps, metaBatchSize, signal, pool }: TrainOptions & { readonly metaBatchSize: number },
): AsyncGenerator<TrainReport, void, void> {
  const start = performance.now();
  let breathed = start;
  let ahead: Drawn | undefined;
  for (let made = 1; made <= steps; made++) {
    signal?.throwIfAborted();
    const { step } = learner;
    const tasks = ahead?.step === step ? ahead.tasks() : draw(step);
    const underWay = pool?.metaStep(learner, tasks);
    if (underWay && made < steps) ahead = drawAhead(draw, step + 1);
    const { loss, diverged } = underWay ? await underWay : learner.metaStep(tasks);
    const now = performance.now();
    const tasksPerSecond = (made * metaBatchSize * 1000) / Math.max(now - start, 1e-3);
    yield { step: learner.step, loss, diverged, tasksPerSecond };
    if (now - breathed > MAX_WAIT) {
      await breathe();
      breathed = performance.now();
    }
  }
}

/** A meta-step's tasks, drawn while the one before is under way. */
interface Drawn {
  readonly step: number;
  /** Throws what went wrong in drawing them: now it is their turn. */
  tasks(): Task[];
}

function drawAhead(draw: (step: number) => Task[], step: number): Drawn {
  try {
    const tasks = draw(step);
    return { step, tasks: () => tasks };
  } catch (error) {
    return {
      step,
      tasks() {
        throw error;
      },
    };
  }
}
