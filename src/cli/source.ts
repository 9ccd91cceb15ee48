import type { TaskDistribution } from "../index.ts";
import type { HeldOut, Measure } from "./judge.ts";
import type { SinusoidRecord, TableRecord } from "./saved.ts";

/** Where a run's tasks come from, with all that results and plots need to speak the data's language. */
export interface Source {
  readonly inSize: number;
  /** How many there are to learn from; undefined where new ones never end. */
  readonly groups?: number;
  readonly train: TaskDistribution;
  /** Tasks of the training side, to choose the baselines' settings by. */
  readonly tuning: readonly HeldOut[];
  /** Tasks that training never sees. */
  readonly heldOut: readonly HeldOut[];
  readonly record: TableRecord | SinusoidRecord;
  readonly words: Words;
  readonly axes: Axes;
}

/** How the data is spoken of. */
export interface Words {
  readonly title: string;
  /** For the report, when all is done. */
  readonly lead: string;
  /** For the screen, before it begins. */
  readonly intro: string;
  /** One task: "country". */
  readonly group: string;
  readonly measure: Measure;
  /** The target's name, as the unit of errors; empty where it has none. */
  readonly unit: string;
}

/** From what the network sees to the data's units, for results and drawings. */
export interface Axes {
  /** Set where there is one numeric input, so that a task can be drawn as a curve. */
  readonly input?: { readonly name: string; unscale(value: number): number };
  readonly target: {
    readonly name: string;
    readonly scale: number;
    unscale(value: number): number;
  };
}
