import { type AnyWorker, Channel } from "./channel.ts";
import type { FromWorker, JobMessage, LearnerMessage } from "./messages.ts";

/** A job that a member was given. */
export interface Ticket {
  readonly member: Member;
  readonly job: number;
  done: boolean;
  /** What came back, where it was sent. */
  buffer: ArrayBufferLike | undefined;
  /** Why the member could not begin. */
  trouble: string | undefined;
}

/** One worker of a crew. */
export class Member {
  /** Why it is not any more. */
  death: unknown;
  alive = true;
  ticket: Ticket | undefined;
  readonly channel: Channel;
  /** Settles when it is ready, or never will be. */
  readonly ready: Promise<void>;
  /** The learners of which it has a replica. */
  private readonly learners = new Set<number>();
  private readonly news: () => void;
  private settle: () => void = () => {};

  constructor(worker: AnyWorker, news: () => void) {
    this.news = news;
    this.ready = new Promise((resolve) => (this.settle = resolve));
    this.channel = new Channel(worker, {
      message: (message) => {
        if (message?.kind === "ready") this.settle();
        else this.heard(message);
      },
      died: (cause) => void this.end(cause),
    });
  }

  /** Gives it a job, and before that what makes a replica of the learner, once. */
  give(message: JobMessage, replica: () => LearnerMessage): Ticket {
    const { channel, learners } = this;
    if (!learners.has(message.learner)) {
      channel.post(replica());
      learners.add(message.learner);
    }
    const { buffer } = message;
    channel.post(message, buffer instanceof ArrayBuffer ? [buffer] : []);
    const { job } = message;
    this.ticket = { member: this, job, done: false, buffer: undefined, trouble: undefined };
    return this.ticket;
  }

  forget(learner: number): void {
    if (this.learners.delete(learner)) this.channel.post({ kind: "forget", learner });
  }

  /** Counts it as dead, whatever it still does. */
  end(cause: unknown): Promise<void> {
    if (!this.alive) return Promise.resolve();
    this.alive = false;
    this.death = cause;
    this.settle();
    this.news();
    return this.channel.terminate();
  }

  private heard(message: FromWorker): void {
    const { ticket } = this;
    // Of a job that is over already: it was asked for a message just when it had finished.
    if (!message || !("job" in message) || message.job !== ticket?.job) return;
    ticket.done = true;
    if (message.kind === "done") ticket.buffer = message.buffer;
    else ticket.trouble = message.trouble.message;
    this.news();
  }
}

/** The error of all that is asked of a closed pool. */
export const closed = (where: string) =>
  new Error(`${where}: expected an open pool, got a closed one`);

/** Workers, each in its place: who dies is replaced. */
export class Crew {
  readonly members: Member[] = [];
  closed = false;
  private readonly make: (where: string) => Promise<AnyWorker>;
  private wake: () => void = () => {};

  constructor(make: (where: string) => Promise<AnyWorker>) {
    this.make = make;
  }

  /** Fills so many places, and those of the dead; when it settles all are ready, or dead. */
  async fill(where: string, places: number): Promise<void> {
    const free = Array.from({ length: places }, (_, place) => place).filter(
      (place) => !this.members[place]?.alive,
    );
    // All of them have started, or failed to, before the next one may be asked for.
    const started = await Promise.allSettled(free.map((place) => this.engage(where, place)));
    for (const each of started) if (each.status === "rejected") throw each.reason;
  }

  /** One that is not alive, if there is one. */
  get dead(): Member | undefined {
    return this.members.find(({ alive }) => !alive);
  }

  /** Settles with the next message or death; until then the process is kept alive. */
  async news(): Promise<void> {
    this.hold(true);
    await new Promise<void>((resolve) => (this.wake = resolve));
    this.hold(false);
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.members.map((member) => member.end("close()")));
  }

  private hold(wanted: boolean): void {
    for (const { alive, channel } of this.members) if (alive) channel.hold(wanted);
  }

  private async engage(where: string, place: number): Promise<void> {
    const member = new Member(await this.make(where), () => this.wake());
    this.members[place] = member;
    await member.ready;
    if (this.closed) await member.end("close()");
    else if (member.alive) member.channel.hold(false);
  }
}
