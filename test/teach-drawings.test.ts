import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { examples } from "../examples/teach/page/examples.js";
import { rasterize, SIDE } from "../examples/teach/page/raster.js";
import { readSymbols, writeSymbols } from "../examples/teach/page/symbols-file.js";
import { Symbols } from "../examples/teach/page/symbols.js";
import { trace } from "../examples/teach/training/trace.js";
import type { Drawing } from "../examples/teach/page/strokes.js";

const share = fc.integer({ min: 0, max: 10_000 }).map((value) => value / 10_000);
const drawings = fc.array(fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 3,
});

/** The distance to each stroke by many points along it, instead of a formula; the box of 20 pixels by hand. */
function sampled(drawing: Drawing): number[] {
  const points = drawing.flat();
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = 20 / Math.max(x1 - x0, y1 - y0, 0.05);
  const dense = drawing.flatMap((stroke) =>
    stroke.flatMap(([ax, ay], i) => {
      const [bx, by] = stroke[Math.min(i + 1, stroke.length - 1)];
      return Array.from({ length: 201 }, (_, k) => {
        const [x, y] = [ax + ((bx - ax) * k) / 200, ay + ((by - ay) * k) / 200];
        return [14 + (x - (x0 + x1) / 2) * scale, 14 + (y - (y0 + y1) / 2) * scale];
      });
    }),
  );
  return Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [px, py] = [(at % SIDE) + 0.5, Math.floor(at / SIDE) + 0.5];
    const nearest = Math.min(...dense.map(([x, y]) => Math.hypot(x - px, y - py)));
    return Math.min(1, Math.max(0, 1.3 - nearest));
  });
}

describe("rasterize", () => {
  it("is 1 near a stroke and falls to 0 within a pixel", () => {
    fc.assert(
      fc.property(drawings, (drawing) => {
        const [pixels, expected] = [rasterize(drawing), sampled(drawing)];
        const errors = expected.map((value, at) => Math.abs(pixels[at] - value));
        expect(Math.max(...errors)).toBeLessThan(0.01);
      }),
      { numRuns: 10, seed: 1 },
    );
  });

  it("does not care where and how large a drawing is", () => {
    for (const { drawings } of examples) {
      const there = rasterize(drawings[0]);
      const elsewhere = drawings[0].map((stroke) =>
        stroke.map(([x, y]) => [0.7 + x / 4, 0.1 + y / 4] as const),
      );
      rasterize(elsewhere).forEach((value, at) => expect(value).toBeCloseTo(there[at], 5));
    }
  });

  it("leaves a dot a dot", () => {
    const ink = rasterize([[[0.3, 0.3]]]).reduce((sum, value) => sum + value, 0);
    expect(ink).toBeGreaterThan(1);
    expect(ink).toBeLessThan(9);
  });
});

describe("trace", () => {
  const pixelsOf = (lines: string[]) =>
    lines.flatMap((line) => [...line].map((c) => Number(c === "#")));

  it("follows a line from end to end", () => {
    const [stroke, ...others] = trace(pixelsOf([".....", "#####", ".....", ".....", "....."]), 5);
    expect(others).toEqual([]);
    expect(stroke.map(([x]) => x)).toEqual([0.5, 1.5, 2.5, 3.5, 4.5]);
    expect(stroke.map(([, y]) => y)).toEqual([1.5, 1.5, 1.5, 1.5, 1.5]);
  });

  it("parts a cross at its middle, and closes a ring", () => {
    const cross = trace(pixelsOf(["..#..", "..#..", "#####", "..#..", "..#.."]), 5);
    expect(cross).toHaveLength(4);
    for (const stroke of cross)
      expect([stroke[0], stroke[stroke.length - 1]]).toContainEqual([2.5, 2.5]);
    const [ring] = trace(pixelsOf([".###.", "#...#", "#...#", "#...#", ".###."]), 5);
    expect(ring[0]).toEqual(ring[ring.length - 1]);
    expect(ring).toHaveLength(13);
  });

  it("thins what is thick, and keeps dots", () => {
    const lines = trace(pixelsOf(["######", "######", "######", "......", "......", ".....#"]), 6);
    expect(lines).toHaveLength(2);
    for (const [, y] of lines[0]) expect(y).toBe(1.5);
    expect(lines[1]).toEqual([[5.5, 5.5]]);
  });
});

describe("a file of symbols", () => {
  const symbol = fc.record({
    name: fc.string({ minLength: 1, maxLength: 24 }).filter((name) => name.trim() !== ""),
    drawings: fc.array(drawings, { minLength: 1, maxLength: 8 }),
  });
  const lists = fc.uniqueArray(symbol, {
    minLength: 1,
    maxLength: 8,
    selector: ({ name }) => name,
  });

  it("gives back what was written", () => {
    fc.assert(
      fc.property(lists, (list) => {
        expect(readSymbols(writeSymbols(list))).toEqual(list);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  const file = (changed: object) => ({
    format: "rvml-symbols",
    version: 1,
    symbols: [{ name: "a", drawings: [[[[0, 0]]]] }],
    ...changed,
  });
  it.each([
    ["", "it is no JSON"],
    ["null", "not a file of symbols"],
    [file({ format: "other" }), "not a file of symbols"],
    [file({ version: 2 }), "of version 2; this page reads version 1"],
    [file({ symbols: [] }), "Expected 1 to 8 symbols in this file, got 0"],
    [file({ symbols: [7] }), "Symbol 1 of this file is not a symbol"],
    [file({ symbols: [{ name: " ", drawings: [[[[0, 0]]]] }] }), "needs a name"],
    [file({ symbols: [{ name: "a", drawings: [] }] }), "needs 1 to 8 drawings, and has 0"],
    [file({ symbols: [{ name: "a", drawings: [[]] }] }), "no list of strokes"],
    [file({ symbols: [{ name: "a", drawings: [[[[0, "1"]]]] }] }), "no list of strokes"],
    [file({ symbols: [{ name: "a", drawings: [[[[0, 1e9]]]] }] }), "no list of strokes"],
    [
      file({
        symbols: [{ name: "a", drawings: [[Array.from({ length: 10_001 }, () => [0, 0])]] }],
      }),
      "too many points",
    ],
    [file({ symbols: [file({}).symbols[0], file({}).symbols[0]] }), "have the same name"],
  ])("%j is refused", (content, why) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    expect(() => readSymbols(text)).toThrow(why);
  });
});

describe("symbols", () => {
  const dot: Drawing = [[[0, 0]]];

  it("takes a name that is there as one more drawing, and goes with its last one", () => {
    const symbols = new Symbols();
    symbols.add("a", dot);
    symbols.add("b", dot);
    symbols.add("a", dot);
    expect(symbols.list.map(({ drawings }) => drawings.length)).toEqual([2, 1]);
    symbols.removeDrawing(1, 0);
    expect(symbols.list.map(({ name }) => name)).toEqual(["a"]);
  });

  it("holds eight at the most, names each of them once, and tells of changes", () => {
    const symbols = new Symbols();
    let told = 0;
    symbols.onChange(() => told++);
    for (let i = 0; i < 9; i++) symbols.add(symbols.freeName(), dot);
    expect(symbols.list.map(({ name }) => name).join()).toBe(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `symbol ${n}`).join(),
    );
    expect(told).toBe(8);
    expect(symbols.rename(0, "symbol 2")).toBe(false);
    expect(symbols.rename(0, "sun")).toBe(true);
    expect(symbols.list[0].name).toBe("sun");
  });
});
