import type { Learner, Split } from "../index.ts";
import { type CurveState, newCurve } from "./curve.ts";
import { readSheet, type Sheet } from "./csv.ts";
import { UsageError } from "./errors.ts";
import { optionName } from "./options.ts";
import { newLearner, type Settings, sinusoidDefaults, tableDefaults } from "./settings.ts";
import { sinusoidSource } from "./sinusoid-source.ts";
import type { Source } from "./source.ts";
import { type TableColumns, tableSource } from "./table-source.ts";

export interface TrainOptions extends Partial<Settings> {
  readonly group?: string;
  readonly target?: string;
  readonly inputs?: readonly string[];
  readonly categorical?: readonly string[];
  readonly unknownCategory?: "error" | "zeros";
  readonly dropSmall?: boolean;
  readonly holdout?: readonly string[];
  readonly out: string;
  readonly report: string | false;
  readonly resume?: string;
  readonly json?: boolean;
}

/** A run that is ready to go (on). */
export interface Prepared {
  readonly learner: Learner;
  readonly source: Source;
  readonly settings: Settings;
  readonly curve: CurveState;
}

/** A new run. */
export async function prepare(data: string, options: TrainOptions): Promise<Prepared> {
  const isTable = data !== "sinusoids";
  const settings = { ...(isTable ? tableDefaults : sinusoidDefaults), ...given(options) };
  const source = isTable ? tableOf(data, options, settings) : builtIn(options, settings);
  const learner = await newLearner(settings, source.inSize, 1);
  return { learner, source, settings, curve: newCurve(settings.steps) };
}

/** The settings among the options, as far as they were given. */
export function given(options: TrainOptions): Partial<Settings> {
  const keys = Object.keys(tableDefaults) as (keyof Settings)[];
  const set = keys.filter((key) => options[key] !== undefined);
  return Object.fromEntries(set.map((key) => [key, options[key]]));
}

const tableOnly = [
  "group",
  "target",
  "inputs",
  "categorical",
  "unknownCategory",
  "dropSmall",
  "holdout",
] as const;

function builtIn(options: TrainOptions, settings: Settings): Source {
  const odd = tableOnly.find((name) => options[name]);
  if (odd)
    throw new UsageError(`${optionName(odd)}: expected only with a table, got it with sinusoids`);
  return sinusoidSource(settings);
}

function tableOf(path: string, options: TrainOptions, settings: Settings): Source {
  const columns = columnsOf(options);
  const sheet = readSheet(path);
  return tableSource(sheet, columns, splitOf(options.holdout, sheet, columns.group), settings);
}

function columnsOf(options: TrainOptions): TableColumns {
  const need = <K extends "group" | "target" | "inputs">(name: K): NonNullable<TrainOptions[K]> => {
    const value = options[name];
    if (value === undefined)
      throw new UsageError(`--${name}: expected with a table (see rvml train --help), got none`);
    return value;
  };
  return {
    group: need("group"),
    target: need("target"),
    inputs: need("inputs"),
    categorical: options.categorical ?? [],
    unknown: options.unknownCategory === "zeros" ? "zeros" : "throw",
    dropSmall: options.dropSmall ?? false,
  };
}

function splitOf(
  holdout: TrainOptions["holdout"],
  { table, path }: Sheet,
  group: string,
): Split<string> {
  if (!holdout) return { test: 0.25 };
  const fraction = Number(holdout[0]);
  if (holdout.length === 1 && fraction > 0 && fraction < 1) return { test: fraction };
  const known = new Set(table.names.includes(group) ? table.texts(group) : holdout);
  const strange = holdout.find((name) => !known.has(name));
  if (strange !== undefined)
    throw new UsageError(
      `--holdout: expected a fraction between 0 and 1 or groups in column "${group}" of ${path}, got "${strange}"`,
    );
  return { test: holdout };
}
