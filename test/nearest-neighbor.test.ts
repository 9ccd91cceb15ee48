import { describe, expect, test } from "vitest";
import { nearestNeighbor } from "../src/baselines/nearest-neighbor.ts";
import { Random } from "../src/random.ts";
import { episodes } from "../src/tasks/episodes.ts";
import { numbered } from "./sources.ts";

/** Three points of the plane, two targets each. */
const support = { inputs: [0, 0, 3, 4, -3, 1], targets: [1, 10, 2, 20, 3, 30], rows: 3 };

/** Sorts all distances, instead of keeping the least: the oracle. */
function byDistance(inputs: ArrayLike<number>, asked: readonly number[]): number[] {
  const size = asked.length;
  const distance = (i: number) =>
    Math.hypot(...asked.map((value, j) => value - inputs[i * size + j]));
  return Array.from({ length: inputs.length / size }, (_, i) => i).sort(
    (a, b) => distance(a) - distance(b) || a - b,
  );
}

describe("nearestNeighbor", () => {
  test("gives the targets of the nearest row", () => {
    const { predict } = nearestNeighbor(support, 2);
    expect(predict([0.1, -5, 2, 3, -9, 9])).toEqual(Float32Array.of(1, 10, 2, 20, 3, 30));
    for (let i = 0; i < 3; i++)
      expect([...predict(support.inputs.slice(2 * i, 2 * i + 2))]).toEqual(
        support.targets.slice(2 * i, 2 * i + 2),
      );
  });

  test("of rows at the same distance, the first", () => {
    const { predict } = nearestNeighbor({ inputs: [1, -1, 1], targets: [5, 6, 7], rows: 3 }, 1);
    expect(predict([0, 1, -0.1])).toEqual(Float32Array.of(5, 5, 6));
  });

  test("no rows in, none out; one support row answers everything, however far it is", () => {
    expect(nearestNeighbor(support, 2).predict([])).toEqual(new Float32Array(0));
    const one = nearestNeighbor({ inputs: [1e300], targets: [4], rows: 1 }, 1);
    expect(one.predict([-1e300, 0])).toEqual(Float32Array.of(4, 4));
  });

  test("rows of weight 0 do not count", () => {
    const { predict } = nearestNeighbor({ ...support, weights: [0, 2, 0.5] }, 2);
    expect(predict([0, 0])).toEqual(Float32Array.of(3, 30));
  });

  test("agrees with sorting all distances, for any size", () => {
    const random = new Random(1);
    for (const [rows, size] of [
      [1, 1],
      [7, 3],
      [20, 11],
    ]) {
      const inputs = Float32Array.from({ length: rows * size }, () => random.normal());
      const targets = Array.from({ length: rows }, (_, i) => i);
      const { predict } = nearestNeighbor({ inputs, targets, rows }, size);
      for (let i = 0; i < 50; i++) {
        const asked = Array.from({ length: size }, () => random.normal());
        expect(predict(asked)[0]).toBe(byDistance(inputs, asked)[0]);
      }
    }
  });

  test("classes of an episode: class indices, one a row", () => {
    const { support, query } = episodes(numbered(5, 4), { ways: 3, shots: 2 }).sample(
      new Random(2),
    );
    const classes = nearestNeighbor(support, 2).predict(query.inputs);
    expect(classes).toHaveLength(query.rows);
    for (const each of classes) expect([0, 1, 2]).toContain(each);
  });

  test.each([
    [{ inputs: [1, 2, 3] }, "expected support.inputs.length 6 (3 rows of 2), got 3"],
    [{ inputs: [1, 2, 3, 4, 5, NaN] }, "expected finite support.inputs, got NaN at index 5"],
    [{ targets: [1, 2, 3, 4] }, "expected support.targets.length a multiple of 3, got 4"],
    [{ targets: [] }, "expected support.targets.length a multiple of 3, got 0"],
    [{ targets: [1, 2, Infinity] }, "expected finite support.targets, got Infinity at index 2"],
    [{ rows: 0 }, "expected support.rows ≥ 1, got 0"],
    [{ weights: [1, 1] }, "expected support.weights.length 3 (3 rows), got 2"],
    [{ weights: [1, -1, 1] }, "expected support.weights ≥ 0, got -1"],
    [{ weights: [0, 0, 0] }, "expected support.weights with a sum > 0, got 0"],
  ])("%o is refused", (change, message) => {
    expect(() => nearestNeighbor({ ...support, ...change }, 2)).toThrow(
      `nearestNeighbor: ${message}`,
    );
  });

  test("so are no batch, a size that is none, and inputs that do not fit", () => {
    expect(() => nearestNeighbor(null as never, 2)).toThrow(
      "nearestNeighbor: expected support { inputs, targets, rows }, got null",
    );
    expect(() => nearestNeighbor(support, 0)).toThrow(
      "nearestNeighbor: expected inSize ≥ 1, got 0",
    );
    const { predict } = nearestNeighbor(support, 2);
    expect(() => predict([1, 2, 3])).toThrow(
      "nearestNeighbor: expected inputs.length a multiple of 2, got 3",
    );
    expect(() => predict([1, NaN])).toThrow("nearestNeighbor: expected finite inputs, got NaN");
    expect(() => predict(3 as never)).toThrow("nearestNeighbor: expected array inputs, got 3");
  });
});
