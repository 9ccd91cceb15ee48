/**
 * Keeps states of a training run against the day its loss is no longer finite. When that shows, the steps just before
 * were bad already; so a state counts as good only once a 50th of the run has passed after it.
 */
export class LastGood {
  private readonly every: number;
  private readonly save: () => Uint8Array;
  private good?: Snapshot;
  private young?: Snapshot;

  constructor(steps: number, save: () => Uint8Array) {
    this.every = Math.max(1, Math.ceil(steps / 50));
    this.save = save;
  }

  /** To be called after every step that went well. */
  passed(step: number): void {
    if (step % this.every !== 0) return;
    this.good = this.young;
    this.young = { step, bytes: this.save() };
  }

  get snapshot(): Snapshot | undefined {
    return this.good;
  }
}

export interface Snapshot {
  readonly step: number;
  readonly bytes: Uint8Array;
}
