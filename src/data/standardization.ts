import {
  checkArray,
  checkFinite,
  checkInteger,
  checkOneOf,
  refuse,
  refuseKind,
  show,
} from "../check.ts";
import { checkTable, type Table } from "./table.ts";

/**
 * How one column becomes inputs: a number x ↦ (x − mean)/scale, or a category ↦ one 1 among zeros.
 */
export type InputEncoding =
  | { readonly name: string; readonly mean: number; readonly scale: number }
  | { readonly name: string; readonly categories: readonly string[] };

/** All of a standardization, as plain data for JSON. */
export interface StandardizationData {
  readonly inputs: readonly InputEncoding[];
  readonly target: { readonly name: string; readonly mean: number; readonly scale: number };
  /** What a category never seen in training becomes: an error, or all zeros. */
  readonly unknown: "throw" | "zeros";
}

/**
 * Turns table rows into a network's inputs and targets, and its outputs back into the target's own
 * units.
 */
export interface Standardization extends StandardizationData {
  /** Inputs a row: one for a number, one for each category. */
  readonly inSize: number;
  /** What each input is: `age`, `sex=Female`. */
  readonly inputNames: readonly string[];
  /**
   * Rows of `table` (all, or those listed, counted from 0) as inputs, rows×inSize, row-major; only the input
   * columns need be there.
   *
   * @throws {RangeError} `standardization: expected a known category in column "diet", row 3, got
   * "oats"`, unless `unknown` is "zeros"; `standardization: expected 0 ≤ rows element < 6, got 6`
   */
  encode(table: Table, rows?: ArrayLike<number>): Float32Array;
  /** The target column of `table`, (y − mean)/scale, one a row. */
  encodeTarget(table: Table, rows?: ArrayLike<number>): Float32Array;
  /** (y − mean)/scale of a target in its own units. */
  scale(target: number): number;
  /**
   * mean + scale·y: an output of the network in the target's own units. A loss (mean square) goes
   * by scale².
   */
  unscale(output: number): number;
}

/**
 * Means, scales (standard deviations, √(Σ(x − mean)²/n)) and categories of the given rows of a
 * table, and of no others. Two passes in f64.
 *
 * @param rows the rows to learn from: those of the training groups
 * @param categorical columns to take as categories even though their cells are numbers
 * @throws {RangeError} a column with the same value in all these rows (names it); a cell that is no
 * number among numbers (says row and column)
 */
export function standardize(
  where: string,
  table: Table,
  rows: ArrayLike<number>,
  names: { inputs: readonly string[]; target: string; categorical: readonly string[] },
  unknown: "throw" | "zeros",
): Standardization {
  const numeric = (name: string) => ({ name, ...moments(where, name, table.numbers(name), rows) });
  const inputs = names.inputs.map((name) =>
    names.categorical.includes(name) || table.kind(name) === "text"
      ? { name, categories: categoriesOf(where, name, table.texts(name), rows) }
      : numeric(name),
  );
  return standardization({ inputs, target: numeric(names.target), unknown });
}

/**
 * A standardization from its plain data, as `JSON.parse` gives back what `JSON.stringify` made of
 * one.
 *
 * @throws {TypeError} `standardization: expected array inputs, got undefined`; an encoding of another form
 * @throws {RangeError} a mean or scale that is not finite, or a scale of 0
 */
export function standardization(data: StandardizationData): Standardization {
  checkData(data);
  const { inputs, target, unknown } = data;
  const inputNames = inputs.flatMap((one) =>
    "categories" in one ? one.categories.map((category) => `${one.name}=${category}`) : one.name,
  );
  const inSize = inputNames.length;

  function encode(table: Table, listed?: ArrayLike<number>): Float32Array {
    const rows = rowsOf(table, listed);
    const out = new Float32Array(rows.length * inSize);
    let offset = 0;
    for (const one of inputs) {
      const column = { out, offset, stride: inSize };
      if ("categories" in one) encodeCategories(one, table, rows, column, unknown);
      else encodeNumbers(one, table, rows, column);
      offset += "categories" in one ? one.categories.length : 1;
    }
    return out;
  }

  function encodeTarget(table: Table, listed?: ArrayLike<number>): Float32Array {
    const rows = rowsOf(table, listed);
    const out = new Float32Array(rows.length);
    encodeNumbers(target, table, rows, { out, offset: 0, stride: 1 });
    return out;
  }

  return Object.freeze({
    inputs,
    target,
    unknown,
    inSize,
    inputNames,
    encode,
    encodeTarget,
    scale: (value: number) => (value - target.mean) / target.scale,
    unscale: (output: number) => target.mean + target.scale * output,
  });
}

type NumberEncoding = Extract<InputEncoding, { mean: number }>;
type CategoryEncoding = Extract<InputEncoding, { categories: readonly string[] }>;

/** Where a column's values go: out[offset + row·stride]. */
interface Place {
  readonly out: Float32Array;
  readonly offset: number;
  readonly stride: number;
}

/** The form of plain data that may come from a file. */
function checkData(data: StandardizationData): void {
  const where = "standardization";
  if (typeof data !== "object" || data === null) refuseKind(where, "an object", data);
  const { inputs, target, unknown } = data;
  for (const one of checkArray(where, "inputs", inputs)) {
    if (isNumeric(one)) checkFinite(where, one.name, [one.mean, one.scale, 1 / one.scale]);
    else checkCategories(one);
  }
  if (!isNumeric(target)) refuseKind(where, "{ name, mean, scale } in target", target);
  checkFinite(where, target.name, [target.mean, target.scale, 1 / target.scale]);
  checkOneOf(where, "unknown", unknown, ["throw", "zeros"]);
}

function isNumeric(one: InputEncoding): one is NumberEncoding {
  return typeof one?.name === "string" && "mean" in one && "scale" in one;
}

function checkCategories(one: CategoryEncoding): void {
  const where = "standardization";
  if (typeof one?.name !== "string" || !("categories" in one))
    refuseKind(where, "{ name, mean, scale } or { name, categories } in inputs", one);
  for (const category of checkArray(where, "categories", one.categories))
    if (typeof category !== "string") refuseKind(where, "text in categories", category);
}

/** The rows listed; all, where none are. */
function rowsOf(table: Table, listed: ArrayLike<number> | undefined): ArrayLike<number> {
  const where = "standardization";
  checkTable(where, table);
  if (listed === undefined) return Int32Array.from({ length: table.rows }, (_, row) => row);
  checkArray(where, "rows", listed);
  for (let i = 0; i < listed.length; i++)
    checkInteger(where, "rows element", listed[i], { min: 0, below: table.rows });
  return listed;
}

function encodeNumbers(
  { name, mean, scale }: NumberEncoding,
  table: Table,
  rows: ArrayLike<number>,
  { out, offset, stride }: Place,
): void {
  const values = table.numbers(name);
  for (let i = 0; i < rows.length; i++) out[offset + i * stride] = (values[rows[i]] - mean) / scale;
}

function encodeCategories(
  { name, categories }: CategoryEncoding,
  table: Table,
  rows: ArrayLike<number>,
  { out, offset, stride }: Place,
  unknown: "throw" | "zeros",
): void {
  const index = new Map(categories.map((category, i) => [category, i]));
  const texts = table.texts(name);
  for (let i = 0; i < rows.length; i++) {
    const place = index.get(texts[rows[i]]);
    if (place !== undefined) out[offset + i * stride + place] = 1;
    else if (unknown === "throw") {
      const what = `a known category in column ${show(name)}, row ${rows[i] + 1}`;
      refuse("standardization", what, texts[rows[i]]);
    }
  }
}

function moments(where: string, name: string, values: Float64Array, rows: ArrayLike<number>) {
  let sum = 0;
  let constant = true;
  for (let i = 0; i < rows.length; i++) {
    sum += values[rows[i]];
    if (values[rows[i]] !== values[rows[0]]) constant = false;
  }
  if (constant)
    refuse(where, `training rows with different values in column ${show(name)}`, values[rows[0]]);
  const mean = sum / rows.length;
  let squares = 0;
  for (let i = 0; i < rows.length; i++) {
    const off = values[rows[i]] - mean;
    squares += off * off;
  }
  const scale = Math.sqrt(squares / rows.length);
  if (!(scale > 0 && scale < Infinity))
    refuse(where, `a spread in column ${show(name)} that f64 can hold`, scale);
  return { mean, scale };
}

/** Sorted by code units, so that the order of the table's rows does not matter. */
function categoriesOf(
  where: string,
  name: string,
  texts: readonly string[],
  rows: ArrayLike<number>,
): readonly string[] {
  const seen = new Set<string>();
  for (let i = 0; i < rows.length; i++) seen.add(texts[rows[i]]);
  if (seen.size < 2)
    refuse(where, `training rows with different values in column ${show(name)}`, texts[rows[0]]);
  return [...seen].sort();
}
