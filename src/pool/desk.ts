import type { Learner } from "../learner.ts";
import { writeBlank } from "../saved.ts";
import type { LearnerMessage } from "./messages.ts";
import { Store } from "./room.ts";

/** What a pool keeps of a learner. */
export class Desk {
  readonly learner: number;
  /** Milliseconds that a unit took last time in the calling thread. It says who computes, not what comes out. */
  unitTime = Infinity;
  private readonly shared: boolean;
  private readonly stores: Store[] = [];

  constructor(learner: number, shared: boolean) {
    this.learner = learner;
    this.shared = shared;
  }

  /** What a worker makes its replica of: all numbers come anew with each job. */
  replica(learner: Learner): LearnerMessage {
    const { core } = learner.internal;
    return { kind: "learner", learner: this.learner, bytes: writeBlank(learner), core };
  }

  store(place: number): Store {
    return (this.stores[place] ??= new Store(this.shared));
  }

  /** Leaves the memory to whoever counts as dead and may still write to it: a worker of the web ends some time after it was told to. */
  abandon(): void {
    this.stores.length = 0;
  }
}
