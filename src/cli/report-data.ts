import type { Outcome } from "./judge.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface CurvePoint {
  readonly step: number;
  readonly loss: number;
}

/** One held-out task to look at, in the units of the table. */
export interface Panel {
  readonly name: string;
  /** "curve": one input, predictions as lines over it. "scatter": several inputs, predicted over actual. */
  readonly kind: "curve" | "scatter";
  readonly xTitle: string;
  readonly yTitle: string;
  /** How numbers on the x axis are written (d3-format). */
  readonly xFormat: string;
  readonly support: readonly Point[];
  readonly query: readonly Point[];
  readonly before: readonly Point[];
  readonly after: readonly Point[];
  /** Error on the query rows, in the outcome's measure. */
  readonly errorBefore: number;
  readonly errorAfter: number;
}

/** What a part of the page shows of some held-out tasks. */
export type Pictures = Panels | ImageTasks;

export interface Panels {
  readonly kind: "panels";
  readonly panels: readonly Panel[];
}

/** Held-out tasks of images: some to look at, and what became of all of them. */
export interface ImageTasks {
  readonly kind: "images";
  readonly samples: readonly SampleTask[];
  readonly confusion: Confusion;
  /** Accuracy by both protocols of batch norm; none where rows do not depend on each other. */
  readonly protocols: readonly Protocol[];
}

/** Images are PNG files as data: addresses. */
export interface SampleTask {
  readonly ways: readonly {
    readonly name: string;
    readonly support: readonly string[];
    readonly query: readonly {
      readonly image: string;
      /** Ways; −1 where the outputs are NaN. */
      readonly before: number;
      readonly after: number;
    }[];
  }[];
  /** Of all query images, also those not drawn. */
  readonly rows: number;
  readonly rightBefore: number;
  readonly rightAfter: number;
}

/** Counts of query images: counts[true way][predicted way], over all held-out tasks. What is taken for nothing is in no column. */
export interface Confusion {
  /** Of all query images. */
  readonly rows: number;
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** What was taken for what after adapting, the most often first. */
  readonly pairs: readonly Pair[];
}

export interface Pair {
  readonly actual: string;
  readonly predicted: string;
  /** Query images of the one that were taken for the other, of all that stood in a task with it. */
  readonly count: number;
  readonly of: number;
}

export interface Protocol {
  readonly name: "transductive" | "inductive";
  /** Whether the model was trained by it. */
  readonly own: boolean;
  /** For each of the outcome's numbers of steps: the share that is wrong, and its 95 % half-width. */
  readonly errors: readonly number[];
  readonly intervals: readonly number[];
}

/** All that a part of the page shows; nothing on the page comes from elsewhere. */
export interface ReportPart {
  readonly title: string;
  /** A few sentences for a stranger. */
  readonly lead: string;
  /** What one task is called: "country"; and what it consists of: "row". */
  readonly group: string;
  readonly row: string;
  /** The target's name, as the unit of the errors; empty where it has none. */
  readonly unit: string;
  /** Rows to adapt on: of the task, of each of its classes. */
  readonly shots: number;
  /** How the held-out tasks are used, and what the training curve is of. */
  readonly judged: string;
  readonly loss: string;
  readonly outcome: Outcome;
  readonly curve: readonly CurvePoint[];
  readonly pictures: Pictures;
  readonly settings: readonly (readonly [name: string, value: string])[];
}
