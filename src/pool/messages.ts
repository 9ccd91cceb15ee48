import type { Sizes } from "./room.ts";

/** A learner, as `save` writes it, with its core. */
export interface LearnerMessage {
  readonly kind: "learner";
  readonly learner: number;
  readonly bytes: Uint8Array;
  readonly core: WebAssembly.Module;
}

/** Units to compute, all in a {@link Room} of those sizes on `buffer`. */
export interface JobMessage {
  readonly kind: "job";
  readonly job: number;
  readonly learner: number;
  /** Which member this is. */
  readonly member: number;
  readonly step: number;
  /** 1 / tasks of the whole meta-batch. */
  readonly scale: number;
  readonly sizes: Sizes;
  /** Shared by all members, or this one's own, to be sent back. */
  readonly buffer: ArrayBufferLike;
}

/** A whole training. */
export interface TrainMessage {
  readonly kind: "train";
  readonly bytes: Uint8Array;
  readonly core: WebAssembly.Module;
  /** The module that makes the tasks; none where the worker has them. */
  readonly tasks: string | undefined;
  readonly data: unknown;
  readonly steps: number;
  readonly metaBatchSize: number | undefined;
  readonly every: number;
}

/** What a worker is told. */
export type ToWorker =
  | LearnerMessage
  | { readonly kind: "forget"; readonly learner: number }
  | JobMessage
  | TrainMessage;

/** An error, as it travels. */
export interface Trouble {
  readonly name: string;
  readonly message: string;
  readonly step: number | undefined;
}

/** What a worker tells. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly job: number; readonly buffer?: ArrayBufferLike }
  | { readonly kind: "failed"; readonly job: number; readonly trouble: Trouble }
  | { readonly kind: "progress"; readonly report: unknown }
  | { readonly kind: "trained"; readonly bytes: Uint8Array };
