import type { Split } from "../index.ts";
import { readSheet, type Sheet } from "./csv.ts";
import { UsageError } from "./errors.ts";
import { newImageSource } from "./image-source.ts";
import { checkDataOptions, type DataOptions, kindOf } from "./kind.ts";
import { fractionOf } from "./options.ts";
import { isOfImages, type Settings } from "./settings.ts";
import { sinusoidSource } from "./sinusoid-source.ts";
import type { Source } from "./source.ts";
import { type TableColumns, tableSource } from "./table-source.ts";

/** The source that a command line names: a CSV file, a folder of images, or the word sinusoids. */
export async function newSource(
  data: string,
  options: DataOptions,
  settings: Settings,
): Promise<Source> {
  const kind = kindOf(data);
  checkDataOptions(kind, options);
  if (kind === "sinusoids") return sinusoidSource(settings);
  return isOfImages(settings)
    ? newImageSource(data, options, settings)
    : tableOf(data, options, settings);
}

function tableOf(path: string, options: DataOptions, settings: Settings): Source {
  const columns = columnsOf(options);
  const sheet = readSheet(path);
  return tableSource(sheet, columns, splitOf(options.holdout, sheet, columns.group), settings);
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
  const fraction = fractionOf(holdout);
  if (fraction !== undefined) return { test: fraction };
  const twice = holdout.find((name, i) => holdout.indexOf(name) < i);
  if (twice !== undefined)
    throw new UsageError(`--holdout: expected every group once, got "${twice}"`);
  const known = new Set(table.names.includes(group) ? table.texts(group) : holdout);
  const strange = holdout.find((name) => !known.has(name));
  if (strange !== undefined)
    throw new UsageError(
      `--holdout: expected a fraction between 0 and 1 or groups in column "${group}" of ${path}, got "${strange}"`,
    );
  return { test: holdout };
}
