import { loadOnCore } from "../checkpoint.ts";
import type { Learner } from "../learner.ts";
import type { FromWorker, JobMessage, LearnerMessage, ToWorker } from "./messages.ts";
import { nodeModule } from "./node.ts";
import { Queue } from "./queue.ts";
import { DONE, FAILED, Room } from "./room.ts";
import { type MakeTasks, trainHere } from "./train-here.ts";
import { readTasks } from "./tasks.ts";
import { troubleOf } from "./trouble.ts";

/** What a worker answers with. */
export type Answer = (message: FromWorker, transfer?: ArrayBuffer[]) => void;

/**
 * Makes this worker one that `createPool` and `trainInWorker` can work with: what a file does that their option `worker` starts.
 *
 * @param tasks makes the tasks of `trainInWorker` here, so that a bundler sees what they are made of
 * @example
 * // tasks-worker.js
 * import { sinusoids } from "rvml";
 * import { serve } from "rvml/pool";
 * serve(() => sinusoids());
 */
export async function serve(tasks?: MakeTasks): Promise<void> {
  const replicas = new Map<number, Promise<Learner>>();
  const answer = await listen((message) => {
    if (message.kind === "learner") replicas.set(message.learner, replica(message));
    else if (message.kind === "forget") replicas.delete(message.learner);
    else if (message.kind === "job") void work(message, replicas.get(message.learner), answer);
    else void trainHere(message, tasks, answer);
  });
  answer({ kind: "ready" });
}

/** Listens to the thread that started this worker; how to answer it. */
async function listen(hear: (message: ToWorker) => void): Promise<Answer> {
  const parent = (await nodeModule("worker_threads"))?.parentPort;
  if (parent) {
    parent.on("message", hear);
    return (message, transfer) => parent.postMessage(message, transfer);
  }
  addEventListener("message", ({ data }) => hear(data as ToWorker));
  const scope = globalThis as unknown as {
    postMessage(message: unknown, transfer: object[]): void;
  };
  return (message, transfer = []) => scope.postMessage(message, transfer);
}

function replica({ bytes, core }: LearnerMessage): Promise<Learner> {
  const made = loadOnCore(bytes, { core });
  // Told with the job that needs it.
  made.catch(() => {});
  return made;
}

async function work(
  message: JobMessage,
  replica: Promise<Learner> | undefined,
  answer: Answer,
): Promise<void> {
  const { job, member, buffer, sizes } = message;
  try {
    const learner = (await replica)!;
    const room = new Room(sizes, buffer);
    const queue = new Queue(room.queue, sizes.units);
    queue.awaitOpen();
    learner.metaParameters.set(room.parameters);
    for (let unit; (unit = queue.takeBack()) >= 0;) compute(unit, room, message, learner);
    if (buffer instanceof ArrayBuffer) answer({ kind: "done", job, buffer }, [buffer]);
    else if (queue.finish(member)) answer({ kind: "done", job });
  } catch (error) {
    answer({ kind: "failed", job, trouble: troubleOf(error) });
  }
}

/** What one unit contributes. If that fails it is left to the thread that wants it, where it fails in its own words. */
function compute(
  unit: number,
  room: Room,
  { scale, step }: JobMessage,
  { internal }: Learner,
): void {
  const { network, accumulator } = internal;
  const [start, count] = room.tasksOf(unit);
  try {
    const tasks = readTasks(room, start, count, network);
    room.lossesOf(unit).set(accumulator.contribute(tasks, 0, { scale, step }));
    room.contribution(unit).set(accumulator.contribution.view);
    Atomics.store(room.state, unit, DONE);
  } catch {
    Atomics.store(room.state, unit, FAILED);
  }
}
