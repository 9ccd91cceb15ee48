import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { table, tableFromRows } from "../src/data/table.ts";

const small = tableFromRows(
  ["code", "age", "note"],
  [
    ["007", "31", "tall"],
    ["7", " 4e1 ", ""],
    ["1", "-0.5", "n/a"],
  ],
);

describe("reading", () => {
  test("names, rows, kinds", () => {
    expect(small.rows).toBe(3);
    expect(small.names).toEqual(["code", "age", "note"]);
    expect(small.names.map((name) => small.kind(name))).toEqual(["number", "number", "text"]);
  });

  test("cells stay text until asked for as numbers", () => {
    expect(small.texts("code")).toEqual(["007", "7", "1"]);
    expect(small.numbers("code")).toEqual(Float64Array.of(7, 7, 1));
    expect(small.numbers("age")).toEqual(Float64Array.of(31, 40, -0.5));
  });

  test("columns of numbers and of text", () => {
    const given = table({ columns: { x: Float32Array.of(1, 2.5), y: [3, 4], z: ["a", "b"] } });
    expect(given.numbers("x")).toEqual(Float64Array.of(1, 2.5));
    expect(given.texts("y")).toEqual(["3", "4"]);
    expect(given.kind("z")).toBe("text");
  });

  test("nothing outside changes a table", () => {
    const source = [1, 2];
    const given = table({ columns: { x: source } });
    source[0] = 9;
    given.numbers("x")[1] = 9;
    expect(given.numbers("x")).toEqual(Float64Array.of(1, 2));
    expect(Object.isFrozen(given)).toBe(true);
  });

  test("every finite f64 survives as text", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1 }), (values) => {
        const rows = values.map((value) => [Object.is(value, -0) ? "-0" : String(value)]);
        const read = tableFromRows(["x"], rows);
        expect(read.numbers("x")).toEqual(Float64Array.from(values));
        expect(read.kind("x")).toBe("number");
      }),
      { seed: 1 },
    );
  });

  test.each(["", " ", "NaN", "Infinity", "1e400", "0x1f", "1,5", "1_000", "--1", ".", "e5", "1 2"])(
    "%o is no number",
    (cell) => {
      const mixed = tableFromRows(["x"], [["1"], [cell]]);
      expect(mixed.kind("x")).toBe("mixed");
      expect(() => mixed.numbers("x")).toThrow(
        `table: expected a number in column "x", row 2, got ${JSON.stringify(cell)}`,
      );
    },
  );

  test.each([
    ["+1", 1],
    ["1.", 1],
    [".5", 0.5],
    ["-1E-2", -0.01],
  ])("%o is %d", (cell, value) =>
    expect(tableFromRows(["x"], [[cell]]).numbers("x")[0]).toBe(value),
  );
});

const rows = (...cells: unknown[][]) => cells as string[][];

describe("errors", () => {
  test.each([
    [
      () => small.numbers("Age"),
      'table: expected a column out of "code", "age", "note", got "Age"',
    ],
    [() => small.texts("note"), 'table: expected text in column "note", row 2, got ""'],
    [() => tableFromRows([], []), "tableFromRows: expected a header, got []"],
    [
      () => tableFromRows(["a", "a"], []),
      'tableFromRows: expected different column names, got "a"',
    ],
    [() => tableFromRows(["a", ""], []), "tableFromRows: expected a name for every column"],
    [() => tableFromRows(["a", "b"], rows(["1", "2"], ["3"])), "expected 2 cells in row 2, got 1"],
    [() => tableFromRows(["a"], rows(["1", "2"])), "expected 1 cells in row 1, got 2"],
    [() => tableFromRows(["a"], rows([1])), 'expected text in column "a", row 1, got 1'],
    [() => table({ columns: {} }), "table: expected at least one column, got {}"],
    [() => table({ columns: { x: [1, NaN] } }), 'expected a number in column "x", row 2, got NaN'],
    [() => table({ columns: { x: [1, "2"] as never } }), 'number in column "x", row 2, got "2"'],
    [() => table({ columns: { x: ["1", 2] as never } }), 'text in column "x", row 2, got 2'],
    [() => table({ columns: { x: 3 as never } }), 'table: expected array column "x", got 3'],
    [
      () => table({ columns: { x: [1], y: [1, 2] } }),
      'expected 1 rows in column "y", as in "x", got 2',
    ],
    [() => table({ rows: [] } as never), 'table: expected options columns, got "rows"'],
  ])("%s", (act, message) => expect(act).toThrow(message));

  test("no rows are no error", () => {
    expect(tableFromRows(["a"], []).numbers("a")).toEqual(new Float64Array(0));
  });
});
