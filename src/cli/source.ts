import type { Learner, Shape, TaskDistribution } from "../index.ts";
import type { Contender, HeldOut } from "./judge.ts";
import type { Measure } from "./measure.ts";
import type { Pictures } from "./report-data.ts";
import type { ImageRecord, SinusoidRecord, TableRecord } from "./saved.ts";
import type { Settings } from "./settings.ts";

/** What a network for a source's tasks has to take and to give. */
export interface Problem {
  readonly inShape: Shape;
  /** Classes of a task; absent where a number is predicted. */
  readonly ways?: number;
  /** How many there are to learn from; undefined where new ones never end. */
  readonly groups?: number;
  /** Rows of support and query together, where networks need room for that many. */
  readonly maxRows?: number;
}

/** Where a run's tasks come from, with all that results and plots need to speak the data's language. */
export interface Source extends Problem {
  readonly train: TaskDistribution;
  /** Tasks of the training side, to choose the baselines' settings by. */
  readonly tuning: readonly HeldOut[];
  /** Tasks that training never sees. */
  readonly heldOut: readonly HeldOut[];
  readonly record: TableRecord | SinusoidRecord | ImageRecord;
  readonly words: Words;
  /** Standard deviation of the target: from what the network sees to its own units; 1 for classes. */
  readonly unit: number;
  /** The baselines, those that learn trained as the settings say. */
  baselines(settings: Settings, quiet: boolean): Promise<Contender[]>;
  /** Some held-out tasks to look at, before and after adapting. */
  pictures(learner: Learner, settings: Settings): Pictures;
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
  /** What a task consists of: "row", "image". */
  readonly row: string;
  readonly measure: Measure;
  /** The target's name, as the unit of errors; empty where it has none. */
  readonly unit: string;
  /** How the held-out tasks are used. */
  readonly judged: string;
  /** The loss of the training curve. */
  readonly loss: string;
}
