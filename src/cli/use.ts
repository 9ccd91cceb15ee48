import { type Batch, standardization, type Standardization } from "../index.ts";
import { needColumn, readSheet, type Sheet } from "./csv.ts";
import { Failure, fromFile, UsageError } from "./errors.ts";
import { encodeGroups, type GroupRows } from "./held-out.ts";
import { checkNotAdapted, load, type Loaded, recordOf, type TableRecord } from "./saved.ts";
import type { TableColumns } from "./table-source.ts";

/** A model file of a table, and the way from that table's columns to the network and back. */
export interface TableModel extends Loaded {
  readonly record: TableRecord;
  readonly columns: TableColumns;
  readonly standardization: Standardization;
}

/** One that is not adapted yet. */
export const loadTableModel = async (path: string): Promise<TableModel> =>
  tableModel(checkNotAdapted(await load(path)));

export function tableModel(loaded: Loaded): TableModel {
  const record = recordOf(loaded, "table");
  const known = fromFile(loaded.path, () => standardization(record.standardization));
  return { ...loaded, record, columns: record.columns, standardization: known };
}

/** A CSV's rows with inputs and target, by group. Without the group column all rows are one group, named "". */
export function readGroups(path: string, { columns, standardization }: TableModel): GroupRows[] {
  const sheet = readSheet(path);
  checkInputs(sheet, columns);
  needColumn(sheet, columns.target);
  return fromFile(path, () => {
    if (sheet.header.includes(columns.group))
      return encodeGroups(sheet.table, standardization, columns.group);
    const inputs = standardization.encode(sheet.table);
    const targets = standardization.encodeTarget(sheet.table);
    return [{ name: "", batch: { inputs, targets, rows: sheet.table.rows } }];
  });
}

export function checkInputs(sheet: Sheet, { inputs }: TableColumns): void {
  for (const name of inputs) needColumn(sheet, name);
}

/** The one group of a file, or the one that `only` names. */
export function oneGroup(path: string, groups: readonly GroupRows[], only?: string): GroupRows {
  const found = only === undefined ? groups : groups.filter(({ name }) => name === only);
  if (found.length === 1) return found[0];
  const names = groups.map(({ name }) => `"${name}"`).join(", ");
  if (only === undefined)
    throw new UsageError(`${path}: expected rows of one group, or --only <group>, got ${names}`);
  throw new UsageError(`--only: expected a group of ${path} (${names}), got "${only}"`);
}

/** θ after `steps` on these rows; what the library refuses lies in the file. */
export const adaptTo = ({ learner }: TableModel, path: string, support: Batch, steps?: number) =>
  fromFile(path, () => learner.adapt(support, { steps }));

export function finite(path: string, values: Float32Array): Float32Array {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw new Failure(
    `${path}: expected finite predictions, got ${values[bad]} in row ${bad + 1}; adapting diverged, try fewer --steps`,
  );
}
