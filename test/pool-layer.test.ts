/** Pools as values: shapes, what they refuse, files. Their passes are in pool.test.ts. */
import { expect, test } from "vitest";
import {
  averagePool,
  conv2d,
  dense,
  globalAveragePool,
  maxPool,
  type PoolOptions,
  sequential,
} from "../src/index.ts";
import { comesBack } from "./comes-back.ts";
import type { Shape } from "./naive.ts";

test("the published shapes of the four-layer network with max-pools: 28, 14, 7, 3, 1", () => {
  const { outShape } = maxPool({ kernel: 2 });
  const shapes = [1, 2, 3, 4].reduce<Shape[]>(
    (all) => [...all, outShape(all.at(-1)!)],
    [[28, 28, 64]],
  );
  expect(shapes.map(([height, width, channels]) => [height, width, channels])).toEqual(
    [28, 14, 7, 3, 1].map((side) => [side, side, 64]),
  );
});

const image = [5, 5, 2];
test.each<[string, () => unknown]>([
  [
    "maxPool: expected kernel n or [height, width], got undefined",
    () => maxPool({} as PoolOptions),
  ],
  ["maxPool: expected 1 ≤ kernel ≤ 2147483647, got 0", () => maxPool({ kernel: 0 })],
  ["averagePool: expected integer 1 ≤ stride", () => averagePool({ kernel: 2, stride: 0.5 })],
  ["averagePool: expected padding < 2 (the kernel)", () => averagePool({ kernel: 2, padding: 2 })],
  ["maxPool: expected options kernel, stride or", () => maxPool({ kernel: 2, pad: 1 } as never)],
  ["maxPool: expected an object of options, got 2", () => maxPool(2 as never)],
  [
    "maxPool: expected an image [height, width, channels], got [9]",
    () => maxPool({ kernel: 2 }).outShape([9]),
  ],
  [
    "maxPool: expected an image of at least 6×6 pixels",
    () => maxPool({ kernel: 6 }).outShape(image),
  ],
  [
    "globalAveragePool: expected an image [height, width, channels], got [9]",
    () => globalAveragePool().outShape([9]),
  ],
])("refused: %s", (message, ask) => {
  expect(ask).toThrow(message);
});

test("a saved learner comes back with them, to the same bits", () =>
  comesBack(
    sequential([
      conv2d({ inShape: [7, 8, 1], filters: 3, kernel: 2 }),
      maxPool({ kernel: 2, stride: 1, padding: "same" }),
      averagePool({ kernel: [1, 2], padding: [0, 1] }),
      globalAveragePool(),
      dense({ outSize: 2 }),
    ]),
  ));
