import { checkArray, checkOptions, refuse, refuseKind, show } from "../check.ts";

/** A column as given: numbers, or text as it stood in the file. */
export type Column = ArrayLike<number> | readonly string[];

/**
 * Named columns of equal length, never changed after they are made. Rows count from 1 in error
 * messages (the header is not a row).
 */
export interface Table {
  readonly rows: number;
  /** Column names, in order. */
  readonly names: readonly string[];
  /**
   * Whether every cell of the column is a number, none is, or some are. An empty cell is no number.
   * O(rows), once.
   */
  kind(name: string): "number" | "text" | "mixed";
  /**
   * The column as numbers, a new array at each call.
   *
   * @throws {RangeError} `table: expected a number in column "age", row 3, got "n/a"`; the same for
   * an empty cell
   */
  numbers(name: string): Float64Array;
  /**
   * The column as text: the very cells of a text column ("01" stays "01"), `String(value)` of
   * numbers.
   *
   * @throws {RangeError} `table: expected text in column "school", row 3, got ""`
   */
  texts(name: string): readonly string[];
}

/**
 * A table from whole columns: arrays of finite numbers, typed or plain, or arrays of strings.
 * Columns are copied.
 *
 * Strings that spell numbers ("3", "-1.5e3", blanks around them allowed) can be read either way, by
 * `numbers` or by `texts`. Decimal commas, "Infinity", "NaN", hexadecimal numbers and empty cells
 * are no numbers.
 *
 * @throws {RangeError} no columns, columns of different lengths, a number that is not finite (says
 * row and column)
 * @throws {TypeError} a column that is no array, or not all numbers or all strings
 * @example
 * const marks = table({
 *   columns: { school: ["a", "a", "b"], hours: [1, 2.5, 2], mark: [52, 60, 71] },
 * });
 */
export function table(options: { columns: Readonly<Record<string, Column>> }): Table {
  checkOptions("table", options, ["columns"]);
  const { columns } = options;
  if (typeof columns !== "object" || columns === null)
    refuseKind("table", "columns by name", columns);
  const names = Object.keys(columns);
  if (names.length === 0) refuse("table", "at least one column", columns);
  const cells = names.map((name) => copyColumn(name, columns[name]));
  const rows = cells[0].length;
  for (let i = 1; i < cells.length; i++)
    if (cells[i].length !== rows)
      refuse(
        "table",
        `${rows} rows in column ${show(names[i])}, as in ${show(names[0])}`,
        cells[i].length,
      );
  return createTable(names, cells);
}

/**
 * A table from a header and rows of text cells, as a CSV parser gives them. Cells stay text until
 * asked for as numbers, so a group column of codes such as "007" keeps its zeros.
 *
 * @throws {RangeError} an empty header; an empty or repeated name; `tableFromRows: expected 4 cells
 * in row 7, got 3`
 * @throws {TypeError} a cell that is no string
 */
export function tableFromRows(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): Table {
  const where = "tableFromRows";
  if (checkArray(where, "header", header).length === 0) refuse(where, "a header", header);
  const seen = new Set<string>();
  for (const name of header) {
    if (typeof name !== "string") refuseKind(where, "column names of text", name);
    if (name.trim() === "") refuse(where, "a name for every column", header);
    if (seen.has(name)) refuse(where, "different column names", name);
    seen.add(name);
  }
  checkArray(where, "rows", rows);
  const cells = header.map(() => Array.from<string>({ length: rows.length }));
  rows.forEach((row, r) => {
    if (checkArray(where, `row ${r + 1}`, row).length !== header.length)
      refuse(where, `${header.length} cells in row ${r + 1}`, row.length);
    for (let c = 0; c < row.length; c++) {
      if (typeof row[c] !== "string")
        refuseKind(where, `text in column ${show(header[c])}, row ${r + 1}`, row[c]);
      cells[c][r] = row[c];
    }
  });
  return createTable(
    [...header],
    cells.map((column) => Object.freeze(column)),
  );
}

/** Something that answers for columns. */
export function checkTable(where: string, value: Table): Table {
  const methods = [value?.kind, value?.numbers, value?.texts];
  if (!methods.every((each) => typeof each === "function")) refuseKind(where, "a table", value);
  return value;
}

type Cells = Float64Array | readonly string[];

function createTable(names: readonly string[], cells: readonly Cells[]): Table {
  const indices = new Map(names.map((name, index) => [name, index]));
  const kinds = new Map<string, "number" | "text" | "mixed">();

  function find(name: string): Cells {
    const index = indices.get(name);
    if (index === undefined) refuse("table", `a column out of ${names.map(show).join(", ")}`, name);
    return cells[index];
  }

  return Object.freeze({
    rows: cells[0].length,
    names: Object.freeze([...names]),
    kind(name: string) {
      const column = find(name);
      let kind = kinds.get(name);
      if (!kind) kinds.set(name, (kind = kindOf(column)));
      return kind;
    },
    numbers(name: string) {
      const column = find(name);
      return column instanceof Float64Array ? column.slice() : parseColumn(name, column);
    },
    texts(name: string) {
      const column = find(name);
      const empty = column instanceof Float64Array ? -1 : column.findIndex((c) => c.trim() === "");
      if (empty >= 0)
        refuse("table", `text in column ${show(name)}, row ${empty + 1}`, column[empty]);
      return column instanceof Float64Array ? Array.from(column, String) : column;
    },
  });
}

function copyColumn(name: string, column: Column): Cells {
  checkArray("table", `column ${show(name)}`, column as ArrayLike<unknown>);
  if (Array.isArray(column) && typeof column[0] === "string") {
    const odd = column.findIndex((cell) => typeof cell !== "string");
    if (odd >= 0) refuseKind("table", `text in column ${show(name)}, row ${odd + 1}`, column[odd]);
    return Object.freeze([...column]) as readonly string[];
  }
  for (let r = 0; r < column.length; r++)
    if (!Number.isFinite(column[r])) {
      const raise = typeof column[r] === "number" ? refuse : refuseKind;
      raise("table", `a number in column ${show(name)}, row ${r + 1}`, column[r]);
    }
  return Float64Array.from(column as ArrayLike<number>);
}

/** Written out, for Number() also takes "", "0x1f" and "Infinity". */
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

function parse(cell: string): number {
  return NUMBER.test(cell) ? Number(cell) : NaN;
}

function kindOf(column: Cells): "number" | "text" | "mixed" {
  if (column instanceof Float64Array) return "number";
  let numbers = 0;
  for (const cell of column) if (Number.isFinite(parse(cell))) numbers++;
  return numbers === column.length ? "number" : numbers === 0 ? "text" : "mixed";
}

function parseColumn(name: string, column: readonly string[]): Float64Array {
  const numbers = new Float64Array(column.length);
  for (let r = 0; r < column.length; r++) {
    numbers[r] = parse(column[r]);
    if (!Number.isFinite(numbers[r]))
      refuse("table", `a number in column ${show(name)}, row ${r + 1}`, column[r]);
  }
  return numbers;
}
