import { checkInteger, refuse, refuseKind } from "../check.ts";
import { checkLoads, restoreLearner } from "../checkpoint.ts";
import type { Learner } from "../learner.ts";
import { writeLearner } from "../saved.ts";
import { checkTraining, type TrainReport } from "../train.ts";
import { type AnyWorker, Channel, workerOf } from "./channel.ts";
import type { FromWorker, TrainMessage } from "./messages.ts";
import { errorOf } from "./trouble.ts";

/** Options of {@link trainInWorker}. */
export interface TrainInWorkerOptions {
  /**
   * A module whose default export makes the tasks: a function of `data`, or a distribution. An absolute URL, as `new URL("./tasks.js",
   * import.meta.url)`; a relative one would lead elsewhere from the worker's file. A bundler does not see what such a module imports: then
   * give a `worker`.
   */
  readonly tasks?: URL | string;
  /** A new worker whose file calls `serve(tasks)` within 30 s: what takes longer to load, `tasks` may wait for. */
  readonly worker?: () => AnyWorker;
  /** What the tasks are made from, such as the text of a table: anything that can be posted. */
  readonly data?: unknown;
  /** Meta-steps to make from here. */
  readonly steps: number;
  /** Tasks a meta-step; default 25. */
  readonly metaBatchSize?: number;
  /** Called every `every` meta-steps, and after the last. */
  readonly onProgress?: (report: TrainReport) => void;
  /** Default: a hundredth of all steps. */
  readonly every?: number;
  /** Ends the training at once, by rejecting with its reason. */
  readonly signal?: AbortSignal;
}

const OPTION_NAMES: readonly (keyof TrainInWorkerOptions)[] = [
  "tasks",
  "worker",
  "data",
  "steps",
  "metaBatchSize",
  "onProgress",
  "every",
  "signal",
];

/**
 * Meta-trains a learner in a worker, so that a page, or a server, never waits: `metaTrain` to the same bits, with its own memory. Until it
 * is done the learner is as it was, and can be used; then it is the trained one. When it fails or is aborted the learner stays as it was.
 *
 * Where there are no workers (workerd) it is refused. For many threads, see `createPool`.
 *
 * @throws {RangeError | TypeError} as `metaTrain`; `trainInWorker: expected tasks an absolute URL, got "./tasks.js"`; tasks that cannot be
 * had in the worker: `trainInWorker: expected a module at file:///x/tasks.js, got Error: Cannot find module …`
 * @throws {DivergedError} loss or gradient not finite
 * @throws `signal.reason` once aborted
 * @example
 * // tasks.js: import { sinusoids } from "rvml"; export default () => sinusoids();
 * await trainInWorker(learner, {
 *   tasks: new URL("./tasks.js", import.meta.url),
 *   steps: 1000,
 *   onProgress: ({ step, loss }) => (status.textContent = `${step}: ${loss}`),
 * });
 */
export async function trainInWorker(
  learner: Learner,
  options: TrainInWorkerOptions,
): Promise<void> {
  const { tasks, worker, data, steps, metaBatchSize, signal } = check(learner, options);
  const every = options.every ?? Math.max(1, Math.floor(steps / 100));
  signal?.throwIfAborted();
  const bytes = writeLearner("trainInWorker", learner, learner.metadata, true);
  const { core } = learner.internal;
  const at = tasks === undefined ? undefined : String(tasks);
  const message = { kind: "train", bytes, core, tasks: at, data, steps, metaBatchSize, every };
  const started = await workerOf("trainInWorker", worker);
  if (!started) throw new Error("trainInWorker: expected a worker that may be started, got none");
  restoreLearner(
    "trainInWorker",
    learner,
    await trained(started, message as TrainMessage, options),
  );
}

/** Sends the order once the worker is ready; the trained learner's bytes. */
async function trained(
  worker: AnyWorker,
  order: TrainMessage,
  { onProgress, signal }: TrainInWorkerOptions,
): Promise<Uint8Array> {
  let abort = () => {};
  let channel: Channel | undefined;
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      abort = () => reject(signal?.reason as Error);
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      const died = (cause: unknown) =>
        reject(new Error(`trainInWorker: expected a worker that lives, got ${String(cause)}`));
      // What the page's own function throws, or its data that cannot be sent, ends the training, and is not lost in the event's.
      const message = (heard: FromWorker) => {
        try {
          if (heard.kind === "ready") channel!.post(order);
          else if (heard.kind === "trained") resolve(heard.bytes);
          else if (heard.kind === "failed") reject(errorOf(heard.trouble));
          else if (heard.kind === "progress") onProgress?.(heard.report as TrainReport);
        } catch (error) {
          reject(error as Error);
        }
      };
      channel = new Channel(worker, { message, died });
    });
  } finally {
    signal?.removeEventListener("abort", abort);
    await channel?.terminate();
  }
}

function check(learner: Learner, options: TrainInWorkerOptions): TrainInWorkerOptions {
  const where = "trainInWorker";
  checkTraining(where, learner, options, OPTION_NAMES);
  const { tasks, worker, steps, every = 1, onProgress } = options;
  checkInteger(where, "steps", steps, { min: 0 });
  checkInteger(where, "every", every, { min: 1 });
  if (worker !== undefined && typeof worker !== "function")
    refuseKind(where, "a function as worker", worker);
  if (worker === undefined && !(tasks instanceof URL) && typeof tasks !== "string")
    refuseKind(where, "the URL of a module as tasks, or a worker that serves them", tasks);
  if (typeof tasks === "string" && !/^[a-z][a-z\d+.-]+:/i.test(tasks))
    refuse(where, "tasks an absolute URL", tasks);
  if (onProgress !== undefined && typeof onProgress !== "function")
    refuseKind(where, "a function as onProgress", onProgress);
  checkLoads(where, learner);
  return options;
}
