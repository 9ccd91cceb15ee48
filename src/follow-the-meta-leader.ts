import { checkTask, copyTask } from "./batch.ts";
import { breathe } from "./breathe.ts";
import { checkInteger, refuseKind } from "./check.ts";
import { checkJudged, judged } from "./inductive.ts";
import type { Learner } from "./learner.ts";
import type { Random } from "./random.ts";
import type { Task } from "./task.ts";
import { checkTraining, metaTrain } from "./train.ts";

/** Options of {@link followTheMetaLeader}. */
export interface FollowOptions {
  /** Meta-steps after each task; 0: none, to see what the learner as it is would lose. */
  readonly stepsPerTask: number;
  /** Tasks a meta-step, drawn from all that have arrived; default 25. */
  readonly metaBatchSize?: number;
  /** Stops, between two meta-steps, by throwing its reason. */
  readonly signal?: AbortSignal;
}

/** What {@link followTheMetaLeader} reports of a task as it arrives. */
export interface FollowReport {
  /** Tasks that arrived before it. */
  readonly index: number;
  /** Its query loss after adapting to its support set, before any training with it. */
  readonly loss: number;
  /**
   * The mean of these losses over all tasks so far: the average regret, but for the loss of the best learner in hindsight, which is a
   * constant of the tasks. Compare with `stepsPerTask: 0` for what meta-training gains.
   */
  readonly meanLoss: number;
  /** Meta-steps that the learner has made, in all. */
  readonly step: number;
}

/**
 * Follow the meta-leader: meta-training on tasks as they come, one after the other, of a set that grows.
 *
 *     for t = 0, 1, 2 …:   report L(φ; queryₜ), φ = adapt(supportₜ);   then stepsPerTask meta-steps on tasks drawn from 0 … t
 *
 * The training with a task follows when the next report is asked for. Task i of the meta-step behind step s is drawn, all tasks so far
 * equally likely, from (learner.seed, s, i) and nothing else: same seed, same bits. The paper's leader minimizes the mean loss of all tasks
 * so far; stepsPerTask steps from the last leader are what its algorithm does in practice. Its rows arrive one by one, here whole tasks.
 *
 * Cost: a task adapted to and judged, and stepsPerTask meta-steps; all tasks are kept.
 *
 * @param tasks in order of arrival: any iterable, also an asynchronous one
 * @throws {RangeError | TypeError} at the call: `followTheMetaLeader: expected stepsPerTask ≥ 0, got -1`; a task that does not fit, as it arrives
 * @throws {DivergedError} as `metaTrain`
 * @throws `signal.reason` once aborted
 * @see Finn, Rajeswaran, Kakade, Levine 2019, arXiv:1902.08438, algorithm 1
 * @example
 * for await (const { index, loss } of followTheMetaLeader(learner, arrivals, { stepsPerTask: 50 })) console.log(index, loss);
 */
export function followTheMetaLeader(
  learner: Learner,
  tasks: Iterable<Task> | AsyncIterable<Task>,
  options: FollowOptions,
): AsyncGenerator<FollowReport, void, void> {
  const names = ["stepsPerTask", "metaBatchSize", "signal"];
  checkTraining("followTheMetaLeader", learner, options, names);
  checkInteger("followTheMetaLeader", "stepsPerTask", options.stepsPerTask, { min: 0 });
  if (typeof tasks !== "object" || tasks === null || !isIterable(tasks))
    refuseKind("followTheMetaLeader", "tasks in order of arrival", tasks);
  return follow(learner, tasks, options);
}

async function* follow(
  learner: Learner,
  tasks: Iterable<Task> | AsyncIterable<Task>,
  options: FollowOptions,
): AsyncGenerator<FollowReport, void, void> {
  const { stepsPerTask: steps, metaBatchSize, signal } = options;
  const { network, algorithm } = learner.internal;
  const { inSize, targetSize } = network;
  const arrived: Task[] = [];
  const sample = (random: Random) => arrived[random.integer(arrived.length)];
  let sum = 0;
  signal?.throwIfAborted();
  for await (const task of tasks) {
    signal?.throwIfAborted();
    const index = arrived.length;
    checkTask("followTheMetaLeader", `task ${index}`, task, network);
    checkJudged("followTheMetaLeader", network, task);
    const loss = network.lossOf(algorithm.adapt(task.support), judged(learner.model, task));
    sum += loss;
    arrived.push(copyTask(task));
    yield { index, loss, meanLoss: sum / arrived.length, step: learner.step };
    for await (const _ of metaTrain(
      learner,
      { inSize, targetSize, sample },
      { steps, metaBatchSize, signal },
    ));
    await breathe();
  }
}

function isIterable(tasks: object): boolean {
  return Symbol.iterator in tasks || Symbol.asyncIterator in tasks;
}
