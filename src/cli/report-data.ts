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

/** All that a part of the page shows; nothing on the page comes from elsewhere. */
export interface ReportPart {
  readonly title: string;
  /** A few sentences for a stranger. */
  readonly lead: string;
  /** What one task is called: "country". */
  readonly group: string;
  /** The target's name, as the unit of the errors; empty where it has none. */
  readonly unit: string;
  /** Rows to adapt on. */
  readonly shots: number;
  readonly outcome: Outcome;
  readonly curve: readonly CurvePoint[];
  readonly panels: readonly Panel[];
  readonly settings: readonly (readonly [name: string, value: string])[];
}
