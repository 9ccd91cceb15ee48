import type { Split } from "../index.ts";
import { readSheet, type Sheet } from "./csv.ts";
import { UsageError } from "./errors.ts";
import { optionName } from "./options.ts";
import { sinusoidSource } from "./sinusoid-source.ts";
import type { Source } from "./source.ts";
import { type TableColumns, tableSource } from "./table-source.ts";

/** What is to be learned from a table; nothing of it goes with sinusoids. */
export interface DataOptions {
  readonly group?: string;
  readonly target?: string;
  readonly inputs?: readonly string[];
  readonly categorical?: readonly string[];
  readonly unknownCategory?: "error" | "zeros";
  readonly dropSmall?: boolean;
  readonly holdout?: readonly string[];
}

/** What decides which rows and groups a task has. */
interface Draw {
  readonly shots: number;
  readonly seed: number;
}

export const kindOf = (data: string): Source["record"]["kind"] =>
  data === "sinusoids" ? "sinusoids" : "table";

/** The source that a command line names: a CSV file, or the word sinusoids. */
export function newSource(data: string, options: DataOptions, draw: Draw): Source {
  return kindOf(data) === "table" ? tableOf(data, options, draw) : builtIn(options, draw);
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

function builtIn(options: DataOptions, draw: Draw): Source {
  const odd = tableOnly.find((name) => options[name]);
  if (odd)
    throw new UsageError(`${optionName(odd)}: expected only with a table, got it with sinusoids`);
  return sinusoidSource(draw);
}

function tableOf(path: string, options: DataOptions, draw: Draw): Source {
  const columns = columnsOf(options);
  const sheet = readSheet(path);
  return tableSource(sheet, columns, splitOf(options.holdout, sheet, columns.group), draw);
}

function columnsOf(options: DataOptions): TableColumns {
  const need = <K extends "group" | "target" | "inputs">(name: K): NonNullable<DataOptions[K]> => {
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
  holdout: DataOptions["holdout"],
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
