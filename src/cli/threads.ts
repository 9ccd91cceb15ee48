import { availableParallelism } from "node:os";
import type { Learner, MetaStepper, Task } from "../index.ts";
import { createPool, type Pool } from "../pool/index.ts";
import { whole } from "./options.ts";

/** How many threads train; `auto`: as many as the machine runs at once, where training lasts. */
export type Threads = number | "auto";

/** As the option is written. */
export const threadCount = (value: string): Threads => (value === "auto" ? value : whole(1)(value));

/** Milliseconds of training before `auto` starts threads: short ones are over by the time that they are there. */
const WAIT = 500;

/** Makes meta-steps in as many threads as wanted; the same bits with any number. */
export class Team implements MetaStepper {
  private pool: Pool | undefined;
  private starting: Promise<void> | undefined;
  private readonly begin = performance.now();
  private readonly threads: number;

  private constructor(threads: number) {
    this.threads = threads;
  }

  /** With a number of threads they are there when this settles; no more than a meta-step has tasks, for others would have nothing to do. */
  static async of(threads: Threads, metaBatch: number): Promise<Team> {
    const wanted = threads === "auto" ? availableParallelism() : threads;
    const team = new Team(Math.min(wanted, metaBatch));
    team.starting = threads === "auto" ? undefined : team.start();
    await team.starting;
    return team;
  }

  /** With `auto`, where no threads can be had, training goes on in this one. */
  async metaStep(learner: Learner, tasks: readonly Task[]): ReturnType<MetaStepper["metaStep"]> {
    if (this.pool) return this.pool.metaStep(learner, tasks);
    if (performance.now() - this.begin > WAIT) this.starting ??= this.start().catch(() => {});
    return learner.metaStep(tasks);
  }

  async close(): Promise<void> {
    await this.starting;
    await this.pool?.close();
  }

  private async start(): Promise<void> {
    this.pool = await createPool({ threads: this.threads });
  }
}
