import { QUEUE_WORDS } from "./room.ts";

/** Places of the queue's words. */
const TAKEN = 0;
const FROM_THE_BACK = 1;
const FINISHED = 2;
const ASLEEP = 3;
const OPEN = 4;

/**
 * Units of one job, in memory that all threads share. The thread that asked for them takes from the front, so that it can add up what it
 * computes as it goes; the others take from the back. Nothing here moves the loop of events: a thread that waits for long is told by a message.
 */
export class Queue {
  private readonly words: Int32Array;
  private readonly units: number;
  private front = 0;

  constructor(words: Int32Array, units: number) {
    this.words = words;
    this.units = units;
  }

  /** As at the start of a job, whose units are not written down yet. */
  reset(): void {
    this.words.fill(0);
  }

  /** Now they are. */
  open(): void {
    Atomics.store(this.words, OPEN, 1);
    Atomics.notify(this.words, OPEN);
  }

  /** Blocks until it is open, if it is not: in shared memory a worker is woken while the units are written down, which takes as long. */
  awaitOpen(): void {
    while (Atomics.load(this.words, OPEN) === 0) Atomics.wait(this.words, OPEN, 0);
  }

  /** The next unit from the front; −1: none is left. For one thread only. */
  takeFront(): number {
    return this.take() ? this.front++ : -1;
  }

  /** The next unit from the back; −1: none is left. */
  takeBack(): number {
    return this.take() ? this.units - 1 - Atomics.add(this.words, FROM_THE_BACK, 1) : -1;
  }

  /** Lets nobody take any more, nor wait for it to open. */
  stop(): void {
    Atomics.store(this.words, TAKEN, this.units);
    this.open();
  }

  /** Tells that a member takes no more and has written all that it took; whether to send a message as well. */
  finish(member: number): boolean {
    Atomics.store(this.words, QUEUE_WORDS + member, 1);
    Atomics.add(this.words, FINISHED, 1);
    Atomics.notify(this.words, FINISHED);
    return Atomics.load(this.words, ASLEEP) === 1;
  }

  hasFinished(member: number): boolean {
    return Atomics.load(this.words, QUEUE_WORDS + member) === 1;
  }

  /** Asks for a message of each that has not finished by now. */
  sleep(): void {
    Atomics.store(this.words, ASLEEP, 1);
  }

  /** Blocks until another one has finished while `waiting()`, for at most so many milliseconds in all. */
  block(waiting: () => boolean, milliseconds: number): void {
    const start = performance.now();
    for (;;) {
      const seen = Atomics.load(this.words, FINISHED);
      const left = milliseconds - (performance.now() - start);
      if (left <= 0 || !waiting()) return;
      Atomics.wait(this.words, FINISHED, seen, left);
    }
  }

  private take(): boolean {
    return Atomics.add(this.words, TAKEN, 1) < this.units;
  }
}

/** Whether this thread may block: not in a page, where nobody has input or painting wait. */
export function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
