import { loadOnCore } from "../checkpoint.ts";
import { refuse, refuseKind } from "../check.ts";
import type { TaskDistribution } from "../task.ts";
import { metaTrain } from "../train.ts";
import type { FromWorker, TrainMessage } from "./messages.ts";
import { troubleOf } from "./trouble.ts";

/** Makes the tasks of a training in the worker, from the data given to `trainInWorker`. */
export type MakeTasks = (data: never) => TaskDistribution | Promise<TaskDistribution>;

/** A whole training in this worker. */
export async function trainHere(
  message: TrainMessage,
  make: MakeTasks | undefined,
  answer: (message: FromWorker) => void,
): Promise<void> {
  const { bytes, core, data, steps, metaBatchSize, every } = message;
  try {
    const distribution = await (make ?? (await imported(message.tasks)))(data as never);
    const learner = await loadOnCore(bytes, { core });
    const last = learner.step + steps;
    for await (const report of metaTrain(learner, distribution, { steps, metaBatchSize }))
      if (report.step % every === 0 || report.step === last) answer({ kind: "progress", report });
    answer({ kind: "trained", bytes: learner.save() });
  } catch (error) {
    answer({ kind: "failed", job: 0, trouble: troubleOf(error) });
  }
}

/** The default export of a module: a function, or a distribution of tasks as it is. */
async function imported(module: string | undefined): Promise<MakeTasks> {
  if (module === undefined)
    refuse("trainInWorker", "a module of tasks, or a worker that serves them", module);
  const { default: made } = await load(module);
  if (typeof made === "function") return made;
  if (typeof made?.sample === "function") return () => made;
  refuseKind("trainInWorker", `tasks as the default export of ${module}`, made);
}

interface TasksModule {
  readonly default?: MakeTasks | TaskDistribution;
}

async function load(module: string): Promise<TasksModule> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ module)) as TasksModule;
  } catch (error) {
    // Engines' own words may leave out which module it was, or name this file as the one that asked for it.
    throw new RangeError(`trainInWorker: expected a module at ${module}, got ${String(error)}`);
  }
}
