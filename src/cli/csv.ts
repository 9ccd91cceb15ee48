import { isUtf8 } from "node:buffer";
import { CsvError, parse } from "csv-parse/sync";
import { type Table, tableFromRows } from "../index.ts";
import { Failure, fromFile, UsageError } from "./errors.ts";
import { readWhole } from "./files.ts";

/** A CSV file: as the library's table, and as its lines were, to write them again. */
export interface Sheet {
  readonly path: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly table: Table;
}

/** Reads a CSV with a header line; fields may be separated by commas, semicolons or tabs. */
export function readSheet(path: string): Sheet {
  const [header, ...rows] = parseRecords(path, decode(path));
  if (!header) throw new Failure(`${path}: expected a header line, got an empty file`);
  if (rows.length === 0) throw new Failure(`${path}: expected rows below the header, got none`);
  return { path, header, rows, table: fromFile(path, () => tableFromRows(header, rows)) };
}

function decode(path: string): string {
  const bytes = readWhole(path);
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  throw new Failure(`${path}: expected text in UTF-8, got bytes in another encoding`);
}

function parseRecords(path: string, text: string): string[][] {
  const options = { bom: true, skip_empty_lines: true, trim: true, delimiter: separator(text) };
  try {
    return parse(text, options);
  } catch (error) {
    if (error instanceof CsvError)
      throw new Failure(`${path}: expected CSV, got: ${error.message}`, { cause: error });
    throw error;
  }
}

function separator(text: string): string {
  const header = text.slice(0, text.search(/\r|\n|$/)).replace(/"[^"]*"/g, "");
  return [",", ";", "\t"].find((mark) => header.includes(mark)) ?? ",";
}

/** Refuses a column that the table does not have; `option` is what named it. */
export function checkColumn({ path, header }: Sheet, name: string, option: string): void {
  if (header.includes(name)) return;
  throw new UsageError(
    `${option}: expected a column of ${path} (${inQuotes(header)}), got "${name}"`,
  );
}

/** Refuses a table without a column that a model asks for. */
export function needColumn({ path, header }: Sheet, name: string): void {
  if (header.includes(name)) return;
  throw new Failure(`${path}: expected a column "${name}", got ${inQuotes(header)}`);
}

const inQuotes = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/** One CSV line; quotes where a field needs them. */
export const csvLine = (fields: readonly (string | number)[]): string =>
  `${fields.map((field) => quoted(String(field))).join(",")}\n`;

const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
