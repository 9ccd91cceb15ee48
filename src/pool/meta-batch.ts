import type { Mean } from "../accumulate.ts";
import { copyTask } from "../batch.ts";
import type { Learner } from "../learner.ts";
import type { Task } from "../task.ts";
import { closed, type Crew, type Member, type Ticket } from "./crew.ts";
import type { Desk } from "./desk.ts";
import type { LearnerMessage } from "./messages.ts";
import { type Job, Part } from "./part.ts";
import type { Queue } from "./queue.ts";

/** How a pool computes. */
export interface Terms {
  /** The public function that asks. */
  readonly where: string;
  readonly shared: boolean;
  /** Whether the calling thread computes, too. */
  readonly here: boolean;
  readonly crew: Crew;
}

/** Contributions that wait to be added take up to 64 MB, or as many as there are threads. */
const WAITING_FLOATS = 0x1000000;

/** Milliseconds for which a thread that computes, too, blocks for the others' last units: a message takes about 15 µs longer. */
const PATIENCE = 2;

/** Milliseconds of work that are worth waking a worker for: it takes 15 µs, and the exchange about a tenth of the work. */
const LEAST_SHARE = 0.1;

/** Times that workers may be replaced for one meta-batch. */
const MAX_LOSSES = 3;

let jobs = 0;

/**
 * One meta-batch of a learner, its units spread over a crew. Goes in rounds: hand out units, compute some here, wait, add all of them in
 * order. What a worker that died has not done is left to the next round; what failed in a worker is done here, where it throws what it
 * throws in place. Whoever asked for it may fill the same tasks anew as soon as it waits: by then they are written down, or copied.
 */
export class MetaBatch {
  private readonly learner: Learner;
  private readonly terms: Terms;
  private readonly desk: Desk;
  private readonly job: Job;
  private tasks: readonly Task[];
  /** Whether nobody else changes them. */
  private owned = false;
  private losses = 0;

  constructor(learner: Learner, tasks: readonly Task[], desk: Desk, terms: Terms) {
    const { accumulator, network } = learner.internal;
    const starts = [0];
    for (let i = 0; i < tasks.length; starts.push(i)) i += accumulator.unit(tasks, i);
    const { metaParameters: parameters, step } = learner;
    const scale = 1 / tasks.length;
    this.learner = learner;
    this.tasks = tasks;
    this.terms = terms;
    this.desk = desk;
    this.job = { starts, rowSizes: network, parameters, step, scale, learner: desk.learner };
  }

  /** What `finish` makes of the mean, while the mean gradient is in the learner's accumulator. */
  async run<T>(finish: (mean: Mean) => T): Promise<T> {
    const { accumulator } = this.learner.internal;
    const { starts, parameters, step } = this.job;
    const { where, crew, shared } = this.terms;
    const units = starts.length - 1;
    const most = Math.max(crew.members.length + 1, Math.floor(WAITING_FLOATS / parameters.length));
    const writtenAtOnce = shared && !crew.dead && units <= most;
    if (!writtenAtOnce) this.own(this.tasks);
    accumulator.begin(where, this.tasks.length, step);
    accumulator.hold();
    try {
      for (let next = 0; next < units;) next = await this.round(next, Math.min(units, next + most));
      return finish(accumulator.mean());
    } finally {
      accumulator.release();
    }
  }

  /** Hands out units `from` … `to − 1`; how far they were added. */
  private async round(from: number, to: number): Promise<number> {
    const { where, crew, shared, here } = this.terms;
    while (crew.dead && !crew.closed) await this.replace(crew.dead);
    if (crew.closed) throw closed(where);
    const wanted = this.wanted(to - from);
    if (wanted === 0) return this.alone(from, to);
    const parts = shared ? [this.part(from, to, 0)] : this.split(from, to);
    const queue = shared ? parts[0].queue : undefined;
    const members = crew.members.slice(0, shared ? wanted : parts.length);
    const tickets: Ticket[] = [];
    let written: LearnerMessage | undefined;
    const replica = () => (written ??= this.desk.replica(this.learner));
    const number = ++jobs;
    let added = from;
    try {
      // What is shared is written while the workers wake, which hides the 0.1 ms that Omniglot's tasks take.
      if (!shared) for (const part of parts) part.write();
      for (const [m, member] of members.entries())
        tickets.push(member.give(parts[shared ? 0 : m].message(number, m), replica));
      if (shared) parts[0].write();
      // Whoever asked for this goes on until it waits, drawing the next tasks perhaps.
      await undefined;
      if (queue && here) added = this.share(parts[0]);
    } catch (error) {
      queue?.stop();
      throw error;
    } finally {
      await this.settle(tickets, queue);
    }
    if (crew.closed) throw closed(where);
    tickets.forEach(({ buffer, trouble }, m) => {
      if (trouble !== undefined)
        throw new Error(
          `${where}: expected a replica of the learner in each worker, got ${trouble}`,
        );
      if (!buffer) return;
      parts[m].returned(buffer);
      this.desk.store(m).put(buffer);
    });
    const next = this.collect(parts, added, to);
    if (next < to && !this.owned) this.own(parts[0].allTasks());
    return next;
  }

  private own(tasks: readonly Task[]): void {
    this.tasks = tasks.map(copyTask);
    this.owned = true;
  }

  /** How many workers so many units are worth, by what they took last time. A page's own thread leaves all to the workers. */
  private wanted(units: number): number {
    const { members } = this.terms.crew;
    if (!this.terms.here) return members.length;
    const worth = Math.floor((units * this.desk.unitTime) / LEAST_SHARE);
    return Math.min(members.length, units - 1, worth);
  }

  /** Computes all units here. */
  private alone(from: number, to: number): number {
    const start = performance.now();
    const { starts } = this.job;
    for (let unit = from; unit < to; unit++) this.addHere(this.tasks, starts[unit]);
    this.desk.unitTime = (performance.now() - start) / (to - from);
    return to;
  }

  /** As many parts as there are members, or units; of as many units, but for one. */
  private split(from: number, to: number): Part[] {
    const count = Math.min(this.terms.crew.members.length, to - from);
    const bound = (part: number) => from + Math.floor((part * (to - from)) / count);
    return Array.from({ length: count }, (_, part) =>
      this.part(bound(part), bound(part + 1), part),
    );
  }

  private part(from: number, to: number, place: number): Part {
    const { members } = this.terms.crew;
    const { starts } = this.job;
    const tasks = this.tasks.slice(starts[from], starts[to]);
    const room = { store: this.desk.store(place), members: members.length };
    return new Part(this.job, tasks, [from, to], room);
  }

  /** Computes units from the front while there are any, each added at once. */
  private share(part: Part): number {
    const { from, queue } = part;
    const start = performance.now();
    let added = from;
    while (queue.takeFront() >= 0) this.addHere(part.tasksOf(added++), 0);
    if (added > from) this.desk.unitTime = (performance.now() - start) / (added - from);
    return added;
  }

  /** Adds what the unit that starts with that one of the tasks contributes. */
  private addHere(tasks: readonly Task[], start: number): void {
    const { accumulator } = this.learner.internal;
    accumulator.add(accumulator.contribute(tasks, start, this.job));
  }

  /** Until each has finished or died: none writes any more into a room of the desk's. */
  private async settle(tickets: readonly Ticket[], queue: Queue | undefined): Promise<void> {
    const { crew, here } = this.terms;
    const waiting = () =>
      tickets.some(
        ({ done, member }, m) => !done && member.alive && !(queue?.hasFinished(m) ?? false),
      );
    if (queue && here) queue.block(waiting, PATIENCE);
    queue?.sleep();
    while (waiting()) await crew.news();
    if (tickets.some(({ member }) => !member.alive)) this.desk.abandon();
  }

  /** Adds what the others computed, in order, up to the first unit that is lost; its number. */
  private collect(parts: readonly Part[], from: number, to: number): number {
    const { accumulator } = this.learner.internal;
    const { view } = accumulator.contribution;
    let place = 0;
    for (let unit = from; unit < to; unit++) {
      while (unit >= parts[place].to) place++;
      const part = parts[place];
      const has = part.has(unit);
      if (has === undefined) return unit;
      if (has === "failed") this.addHere(part.tasksOf(unit), 0);
      else {
        view.set(part.contribution(unit));
        accumulator.add(part.losses(unit));
      }
    }
    return to;
  }

  private async replace(dead: Member): Promise<void> {
    const { where, crew } = this.terms;
    if (++this.losses > MAX_LOSSES)
      throw new Error(
        `${where}: expected workers that live, got ${MAX_LOSSES} replacements in one meta-batch, and again ${String(dead.death)}`,
      );
    await crew.fill(where, crew.members.length);
  }
}
