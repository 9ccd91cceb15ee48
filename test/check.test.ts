import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkArray,
  checkFinite,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  either,
  show,
} from "../src/check.ts";

type Case = [act: () => unknown, kind: typeof RangeError | typeof TypeError, message: string];

const steps = (value: unknown, bounds = { min: 0 }) =>
  checkInteger("maml", "innerSteps", value, bounds);
const rate = (value: unknown, bounds: object = { above: 0 }) =>
  checkNumber("maml", "rate", value, bounds);
const kind = (value: unknown) => checkOneOf("mlp", "norm", value, ["batch", "layer"]);
const finite = (value: unknown) => checkFinite("metaStep", "inputs", value as number[]);
const options = (value: unknown) => checkOptions("maml", value as object, ["a", "b", "c"]);

describe("errors say where, what was expected, and what came", () => {
  test.each([
    [() => steps(-1), RangeError, "maml: expected innerSteps ≥ 0, got -1"],
    [() => steps(1.5), RangeError, "maml: expected integer innerSteps ≥ 0, got 1.5"],
    [() => steps(NaN), RangeError, "maml: expected integer innerSteps ≥ 0, got NaN"],
    [
      () => steps(2 ** 53),
      RangeError,
      "maml: expected integer innerSteps ≥ 0, got 9007199254740992",
    ],
    [() => steps("1"), TypeError, 'maml: expected integer innerSteps ≥ 0, got "1"'],
    [() => steps(undefined), TypeError, "maml: expected integer innerSteps ≥ 0, got undefined"],
    [() => steps(1n), TypeError, "maml: expected integer innerSteps ≥ 0, got 1n"],
    [() => rate(0), RangeError, "maml: expected rate > 0, got 0"],
    [() => rate(-0), RangeError, "maml: expected rate > 0, got -0"],
    [() => rate(Infinity), RangeError, "maml: expected finite rate > 0, got Infinity"],
    [() => rate(null), TypeError, "maml: expected number rate > 0, got null"],
    [() => rate(1, { min: 0, below: 1 }), RangeError, "maml: expected 0 ≤ rate < 1, got 1"],
    [() => rate(2, { above: 0, max: 1 }), RangeError, "maml: expected 0 < rate ≤ 1, got 2"],
    [() => rate(2, { max: 1 }), RangeError, "maml: expected rate ≤ 1, got 2"],
    [() => rate(2, { below: 2 }), RangeError, "maml: expected rate < 2, got 2"],
    [() => rate(NaN, {}), RangeError, "maml: expected finite rate, got NaN"],
    [() => kind("bath"), RangeError, 'mlp: expected norm "batch" or "layer", got "bath"'],
    [() => kind(3), TypeError, 'mlp: expected norm "batch" or "layer", got 3'],
    [() => finite([1, NaN]), RangeError, "metaStep: expected finite inputs, got NaN at index 1"],
    [() => finite([1, "2"]), TypeError, 'metaStep: expected numbers in inputs, got "2" at index 1'],
    [
      () => finite([1, undefined, 2]),
      TypeError,
      "expected numbers in inputs, got undefined at index 1",
    ],
    [() => finite(3), TypeError, "metaStep: expected array inputs, got 3"],
    [() => finite(undefined), TypeError, "metaStep: expected array inputs, got undefined"],
    [() => finite({ length: 1 }), TypeError, "metaStep: expected array inputs, got { length }"],
    [() => checkArray("p", "x", [1], 2), RangeError, "p: expected x.length 2, got 1"],
    [
      () => checkArray("p", "x", [1], 6, "3 rows of 2"),
      RangeError,
      "x.length 6 (3 rows of 2), got 1",
    ],
    [() => checkArray("p", "x", "text"), TypeError, 'p: expected array x, got "text"'],
    [() => options({ a: 1, d: 2 }), TypeError, 'maml: expected options a, b or c, got "d"'],
    [() => options(3), TypeError, "maml: expected an object of options, got 3"],
    [() => options(null), TypeError, "maml: expected an object of options, got null"],
    [() => options([]), TypeError, "maml: expected an object of options, got []"],
  ] as Case[])("%#: %s", (act, kind, message) => {
    expect(act).toThrow(kind);
    expect(act).toThrow(message);
  });

  test("what passes is given back", () => {
    expect(steps(0)).toBe(0);
    expect(rate(0.5)).toBe(0.5);
    expect(rate(0, { min: 0, max: 0 })).toBe(0);
    expect(kind("batch")).toBe("batch");
    const array = [1, 2];
    expect(finite(array)).toBe(array);
    expect(checkArray("p", "x", array, 2)).toBe(array);
    const given = { a: 1 };
    expect(options(given)).toBe(given);
  });
});

describe("checkFinite", () => {
  const makers: { from(values: Iterable<number>): ArrayLike<number> }[] = [
    Float32Array,
    Float64Array,
    Array,
    Int32Array,
  ];
  const bad = [NaN, Infinity, -Infinity];

  test("finds one bad value anywhere, of any kind, at any length", () => {
    for (const make of makers.slice(0, 3))
      for (let length = 1; length <= 13; length++)
        for (let i = 0; i < length; i++)
          for (const value of bad) {
            const array = make.from(Array.from({ length }, (_, j) => j - 3)) as number[];
            array[i] = value;
            expect(() => finite(array)).toThrow(`got ${value} at index ${i}`);
          }
  });

  test("takes everything finite, the largest values too", () => {
    for (const make of makers) expect(() => finite(make.from([]))).not.toThrow();
    const large = [3.4e38, 3.4e38, 3.4e38, 3.4e38, 3.4e38, 1e-45, -0];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...large), fc.float({ noNaN: true }))),
        (values) => {
          const numbers = values.filter(Number.isFinite);
          for (const make of makers.slice(0, 3)) finite(make.from(numbers));
        },
      ),
      { seed: 1 },
    );
    finite(Float64Array.of(Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE));
  });

  test("infinities of both signs do not cancel", () => {
    expect(() => finite(Float32Array.of(Infinity, -Infinity))).toThrow("got Infinity at index 0");
  });
});

function named() {}

describe("show", () => {
  class Model {
    sizes = [1];
  }
  test.each([
    ["text", '"text"'],
    ["x".repeat(100), `"${"x".repeat(57)}…"`],
    [-0, "-0"],
    [1e21, "1e+21"],
    [undefined, "undefined"],
    [null, "null"],
    [10n, "10n"],
    [Symbol("s"), "Symbol(s)"],
    [named, "function named"],
    [[1, "a", [2]], '[1, "a", […]]'],
    [[1, 2, 3, 4, 5], "[1, 2, 3, 4, … 5 in all]"],
    [new Float32Array(12), "Float32Array(12)"],
    [new Uint8Array(2), "Uint8Array(2)"],
    [{}, "{}"],
    [{ a: 1, b: 2 }, "{ a, b }"],
    [new Model(), "Model { sizes }"],
    [Object.create(null), "{}"],
  ])("%o", (value, text) => expect(show(value)).toBe(text));

  test("either", () => {
    expect(either([])).toBe("");
    expect(either(["a"])).toBe("a");
    expect(either(["a", "b", "c"])).toBe("a, b or c");
  });
});
