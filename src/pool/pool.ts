import type { Mean } from "../accumulate.ts";
import { copyTask } from "../batch.ts";
import { checkInteger, checkOneOf, checkOptions, refuse, refuseKind } from "../check.ts";
import { checkLoads } from "../checkpoint.ts";
import { checkTasks } from "../inductive.ts";
import { Learner, type MetaGradient } from "../learner.ts";
import type { Task } from "../task.ts";
import type { MetaStepper } from "../train.ts";
import { type AnyWorker, workerOf } from "./channel.ts";
import { closed, Crew } from "./crew.ts";
import { Desk } from "./desk.ts";
import { MetaBatch } from "./meta-batch.ts";
import { nodeModule } from "./node.ts";
import { mayBlock } from "./queue.ts";

/** Options of {@link createPool}. */
export interface PoolOptions {
  /** Threads that compute, the calling one among them where it does; `auto`, the default: as many as the machine runs at once. */
  readonly threads?: number | "auto";
  /** Whether threads share memory, or send it to each other; `auto`, the default: where it may be shared (a page must be isolated). */
  readonly shared?: boolean | "auto";
  /** Whether the calling thread computes, too, and blocks meanwhile; default: where memory is shared, but not in a page. */
  readonly here?: boolean;
  /** A new worker whose file calls `serve` within 30 s; default the library's own. For bundlers that do not find that. */
  readonly worker?: () => AnyWorker;
}

/**
 * Threads that make meta-steps together, to the same bits as the learner alone, however many they are. Made by {@link createPool}.
 *
 * Each has its own replica of the learner in its own memory; per meta-step it gets the metaParameters and the tasks as flat vectors, and
 * gives what they contribute to the metaGradient, which is added up in the order of the tasks. Any number of learners may use one pool, a
 * meta-step at a time. A worker that dies is replaced and its tasks done again. Replicas are what `loadLearner` makes of `save()`.
 */
export class Pool implements MetaStepper {
  /** Threads that compute. Where there are no workers it says 1: the calling one, in place. */
  readonly threads: number;
  private readonly crew: Crew;
  private readonly terms: { readonly shared: boolean; readonly here: boolean };
  private desks = new WeakMap<Learner, Desk>();
  /** Made with the first learner: edge workers of before 2025 have no such thing, nor any use for it. */
  private collected: FinalizationRegistry<number> | undefined;
  private learners = 0;
  private busy: Promise<unknown> | undefined;

  /** Use {@link createPool}. */
  constructor(crew: Crew, terms: { readonly shared: boolean; readonly here: boolean }) {
    const { members } = crew;
    this.crew = crew;
    this.terms = terms;
    this.threads = Math.max(1, members.length + (terms.here ? 1 : 0));
  }

  /**
   * As `learner.metaStep`, to the same bits. Until it settles the learner stays as it is, and makes no other meta-step. The tasks' arrays may be
   * filled anew once it has returned. `learner.report` is of the last task that the calling thread computed, if any.
   *
   * @throws {DivergedError | RangeError | TypeError} as `learner.metaStep`
   * @throws {RangeError} a learner with parts that `loadLearner` does not know
   * @throws {Error} a pool that is closed; workers that keep dying
   */
  metaStep(learner: Learner, tasks: readonly Task[]): Promise<Mean> {
    return this.turn("metaStep", learner, tasks, (mean) => {
      const { accumulator, update } = learner.internal;
      update.make(mean, accumulator.gradient, learner.step);
      learner.step++;
      return mean;
    });
  }

  /** As `learner.metaGradient`, to the same bits. Changes nothing. The tasks' arrays may be filled anew once it has returned. */
  metaGradient(learner: Learner, tasks: readonly Task[]): Promise<MetaGradient> {
    return this.turn("metaGradient", learner, tasks, (mean) => ({
      ...mean,
      gradient: learner.internal.accumulator.gradient.view.slice(),
    }));
  }

  /** Ends all workers. What is under way is refused, as is all that is asked for later. */
  async close(): Promise<void> {
    await this.crew.close();
    this.desks = new WeakMap();
  }

  /** One meta-batch at a time. Starts before it returns, if none is under way. */
  private async turn<T>(
    where: string,
    learner: Learner,
    tasks: readonly Task[],
    finish: (mean: Mean) => T,
  ): Promise<T> {
    if (!(learner instanceof Learner)) refuseKind(where, "a learner", learner);
    let own = checkTasks(where, tasks, learner.internal.network);
    if (this.busy) own = own.map(copyTask);
    while (this.busy) await this.busy;
    if (this.crew.closed) throw closed(where);
    const run = this.batch(where, learner, own, finish);
    const done = () => (this.busy = undefined);
    this.busy = run.then(done, done);
    return run;
  }

  private async batch<T>(
    where: string,
    learner: Learner,
    tasks: readonly Task[],
    finish: (mean: Mean) => T,
  ): Promise<T> {
    const { crew, terms } = this;
    if (crew.members.length === 0)
      return finish(learner.internal.accumulator.accumulate(where, tasks, learner.step));
    const desk = this.desk(where, learner);
    const batch = new MetaBatch(learner, tasks, desk, { where, ...terms, crew });
    return batch.run(finish);
  }

  private desk(where: string, learner: Learner): Desk {
    const known = this.desks.get(learner);
    if (known) return known;
    checkLoads(where, learner);
    const desk = new Desk(++this.learners, this.terms.shared);
    this.desks.set(learner, desk);
    this.collected ??= new FinalizationRegistry((number) => {
      for (const member of this.crew.members) member.forget(number);
    });
    this.collected.register(learner, desk.learner);
    return desk;
  }
}

/**
 * Starts threads for meta-training: workers of the web, or of node:worker_threads. They do not keep a process alive by themselves.
 *
 * With n threads on as many cores a meta-step takes little more than an nth of its time, if there is enough of it: where the calling
 * thread computes, too, it wakes one other for each 0.1 ms that the last meta-step took, and makes shorter ones alone. A batch of blocks
 * (see `maml`'s fastWeights) has no more to share than it has blocks. Where there are no workers (workerd), or where none may be started
 * (Deno without the right to read the package, where that is not in node_modules), it runs in place.
 *
 * Cost: a thread starts in about 0.1 s, and takes the memory of a learner for each one that it works for; up to 64 MB for what waits
 * to be added.
 *
 * @throws {RangeError | TypeError} `createPool: expected threads ≥ 1, got 0`
 * @throws {Error} a worker that is started and does not get ready, such as one whose file a bundler left out
 * @example
 * const pool = await createPool({ threads: "auto" });
 * for await (const { step, loss } of metaTrain(learner, sinusoids(), { steps: 1000, pool })) console.log(step, loss);
 * await pool.close();
 */
export async function createPool(options: PoolOptions = {}): Promise<Pool> {
  checkOptions("createPool", options, ["threads", "shared", "here", "worker"]);
  const { threads = "auto", worker } = options;
  if (threads !== "auto") checkInteger("createPool", "threads", threads, { min: 1 });
  if (worker !== undefined && typeof worker !== "function")
    refuseKind("createPool", "a function as worker", worker);
  const terms = termsOf(options);
  const places = (threads === "auto" ? await parallelism() : threads) - (terms.here ? 1 : 0);
  const first = places > 0 ? await workerOf("createPool", worker) : undefined;
  // The rest of them start as the first one did.
  let given = first;
  const crew = new Crew(async (where) => {
    const taken = given ?? (await workerOf(where, worker));
    given = undefined;
    if (!taken) throw new Error(`${where}: expected a worker that may be started, got none`);
    return taken;
  });
  if (!first) return new Pool(crew, { ...terms, here: true });
  try {
    await crew.fill("createPool", places);
  } catch (error) {
    await crew.close();
    throw error;
  }
  if (!crew.dead) return new Pool(crew, terms);
  await crew.close();
  throw new Error(
    `createPool: expected a worker that starts (see the option worker), got ${String(crew.dead.death)}`,
  );
}

function termsOf({ shared = "auto", here }: PoolOptions): { shared: boolean; here: boolean } {
  checkOneOf("createPool", "shared", shared, ["auto", true, false]);
  if (here !== undefined) checkOneOf("createPool", "here", here, [true, false]);
  const can = typeof SharedArrayBuffer === "function" && globalThis.crossOriginIsolated !== false;
  if (shared === true && !can)
    refuse("createPool", "shared memory only where the page is isolated", shared);
  const shares = shared === "auto" ? can : shared;
  if (here && !(shares && mayBlock()))
    refuse("createPool", "here only with shared memory, where a thread may block", here);
  return { shared: shares, here: here ?? (shares && mayBlock()) };
}

/** Threads that run at once. */
async function parallelism(): Promise<number> {
  const os = await nodeModule("os");
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}
