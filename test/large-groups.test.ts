import { expect, test } from "vitest";
import { extent } from "../src/cli/extent.ts";
import { panels } from "../src/cli/panels.ts";
import type { Batch, Learner } from "../src/index.ts";

/** More than a call takes arguments. */
const rows = 200_000;

test("the least and the largest of many values", () => {
  const values = Array.from({ length: rows }, (_, i) => ((i * 7) % rows) - 3);
  expect(extent(values)).toEqual([-3, rows - 4]);
  expect(extent([2])).toEqual([2, 2]);
});

test("a group of many rows is drawn over all of its inputs", () => {
  const inputs = Float32Array.from({ length: rows }, (_, i) => (i * 7) % rows);
  const query: Batch = { inputs, targets: inputs, rows };
  const support: Batch = { inputs: [rows], targets: [1], rows: 1 };
  /** Stands in for one: f(x) = x. */
  const learner = {
    adapt: () => ({ predict: (given: ArrayLike<number>) => Float32Array.from(given) }),
  } as unknown as Learner;
  const same = (value: number) => value;
  const axes = {
    input: { name: "x", unscale: same },
    target: { name: "y", scale: 1, unscale: same },
  };
  const pictures = panels(learner, [{ name: "a", tasks: [{ support, query }] }], axes, {
    steps: 1,
    words: { measure: "RMSE", group: "site" },
  });
  if (pictures.kind !== "panels") throw new Error(pictures.kind);
  const [{ after, errorAfter }] = pictures.panels;
  expect([after[0].x, after.at(-1)!.x]).toEqual([0, rows]);
  expect(errorAfter).toBe(0);
});
