import { describe, expect, it } from "vitest";
import { expectClose, relativeError } from "./close.ts";

describe("relativeError", () => {
  it("is ‖a − e‖/‖e‖, and ‖a‖ where e is zero", () => {
    expect(relativeError([3, 4.5], [3, 4])).toBeCloseTo(0.1, 15);
    expect(relativeError([3, 4], [0, 0])).toBe(5);
    expect(relativeError([0], [0])).toBe(0);
    expect(relativeError(2, 1)).toBe(1);
  });
});

describe("expectClose", () => {
  it("passes within the tolerance", () => {
    expectClose(Float32Array.of(1, 2), [1, 2.000001], 1e-6, "values");
  });

  it("names the worst element, both values and the relative error", () => {
    expect(() => expectClose([3, 4.5], [3, 4], 1e-3, "values")).toThrow(
      "values: relative error 1.00e-1, allowed 0.001; worst at [1] of 2: got 4.5, expected 4",
    );
  });

  it("fails on NaN, infinity and lengths that differ", () => {
    expect(() => expectClose([1, NaN], [1, 2], 1, "values")).toThrow("worst at [1] of 2: got NaN");
    expect(() => expectClose([1, Infinity], [1, 2], 1, "values")).toThrow("got Infinity");
    expect(() => expectClose([1, 2], [1, NaN], 1, "values")).toThrow("expected NaN");
    expect(() => expectClose([1], [1, 2], 1, "values")).toThrow("expected 2 values, got 1");
  });
});
