import * as fc from "fast-check";
import { expect, test } from "vitest";
import { resized } from "../src/images/index.ts";
import { byteImages, dataset, type Dataset, episodes, Random } from "../src/index.ts";
import { opencvSizes } from "./opencv-sizes.ts";

/** Half of the fixture's last digit, and what f32 leaves of sums of a few dozen values up to 255. */
const TOLERANCE = 0.5e-3 + 0.1e-3;

const rowOf = (images: Dataset, index: number) => {
  const row = new Float32Array(images.inSize);
  images.row(index, row, 0);
  return row;
};

test.each(opencvSizes)(
  "$width×$height×3 to $to, as OpenCV",
  ({ width, height, pixels, to, wanted }) => {
    // The second of two images, so that a row is not always where the data begin.
    const inputs = [...pixels.toReversed(), ...pixels];
    const shape = [height, width, 3];
    const images = dataset({ inputs, labels: [0, 1], inSize: pixels.length, shape });
    const other = resized(images, { width: to[0], height: to[1] });
    expect(other.shape).toEqual([to[1], to[0], 3]);
    expect(other.inSize).toBe(wanted.length);
    const guards = new Float32Array(wanted.length + 4).fill(NaN);
    other.row(1, guards, 2);
    wanted.forEach((value, i) => expect(Math.abs(guards[2 + i] - value)).toBeLessThan(TOLERANCE));
    for (const at of [0, 1, -2, -1]) expect(guards.at(at)).toBeNaN();
  },
);

const side = fc.integer({ min: 1, max: 9 });
const images = fc
  .record({ width: side, height: side, channels: fc.integer({ min: 1, max: 3 }) })
  .chain(({ width, height, channels }) => {
    const inSize = width * height * channels;
    const value = fc.float({ min: -1, max: 1, noNaN: true });
    return fc
      .array(value, { minLength: inSize, maxLength: inSize })
      .map((inputs) => ({ inputs, inSize, shape: [height, width, channels] }));
  });

const one = (inputs: ArrayLike<number>, inSize: number, shape: readonly number[]) =>
  dataset({ inputs, labels: [0], inSize, shape });

/** The image with left and right, or top and bottom, changed over. */
function mirrored(values: ArrayLike<number>, shape: readonly number[], way: "x" | "y") {
  const [height, width, channels] = shape;
  const out = new Float32Array(values.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) {
        const [v, u] = way === "x" ? [y, width - 1 - x] : [height - 1 - y, x];
        out[(y * width + x) * channels + c] = values[(v * width + u) * channels + c];
      }
  return out;
}

const close = (got: ArrayLike<number>, wanted: ArrayLike<number>) =>
  Array.from(wanted, (value, i) => expect(Math.abs(got[i] - value)).toBeLessThan(1e-6));

test("mirrored and resized is resized and mirrored; no value leaves its channel's range", () => {
  fc.assert(
    fc.property(images, side, side, ({ inputs, inSize, shape }, width, height) => {
      const small = resized(one(inputs, inSize, shape), { width, height });
      const row = rowOf(small, 0);
      for (const way of ["x", "y"] as const) {
        const turned = one(mirrored(inputs, shape, way), inSize, shape);
        close(rowOf(resized(turned, { width, height }), 0), mirrored(row, small.shape, way));
      }
      row.forEach((value, i) => {
        const channel = inputs.filter((_, k) => k % shape[2] === i % shape[2]);
        expect(value).toBeGreaterThanOrEqual(Math.min(...channel) - 1e-6);
        expect(value).toBeLessThanOrEqual(Math.max(...channel) + 1e-6);
      });
    }),
    { seed: 1 },
  );
});

test("smaller: each channel's mean stays what it is", () => {
  fc.assert(
    fc.property(images, fc.nat(), fc.nat(), ({ inputs, inSize, shape }, w, h) => {
      const [height, width] = [1 + (h % shape[0]), 1 + (w % shape[1])];
      const row = rowOf(resized(one(inputs, inSize, shape), { width, height }), 0);
      const mean = (values: ArrayLike<number>, c: number) => {
        const channel = Array.from(values).filter((_, i) => i % shape[2] === c);
        return channel.reduce((sum, value) => sum + value, 0) / channel.length;
      };
      for (let c = 0; c < shape[2]; c++)
        expect(Math.abs(mean(row, c) - mean(inputs, c))).toBeLessThan(1e-6);
    }),
    { seed: 2 },
  );
});

const classNames = ["cat", "dog", "yak"];
const photos = byteImages({
  bytes: Uint8Array.from({ length: 6 * 8 * 6 * 3 }, (_, i) => (i * 37) % 256),
  labels: [0, 1, 2, 0, 1, 2],
  width: 8,
  height: 6,
  channels: 3,
  classNames,
});

test("labels and names are kept, and tasks can be drawn", () => {
  const small = resized(photos, { width: 3, height: 2 });
  expect(small).toMatchObject({ rows: 6, inSize: 18, shape: [2, 3, 3], classNames });
  expect(Array.from(small.labels)).toEqual([0, 1, 2, 0, 1, 2]);
  expect(Object.isFrozen(small)).toBe(true);
  const tasks = episodes(small, { ways: 3, shots: 1, queryShots: 1 });
  expect(tasks.sample(new Random(1)).query.inputs).toHaveLength(3 * 18);
  expect("classNames" in resized(one([1, 2], 2, [1, 2, 1]), { width: 1, height: 1 })).toBe(false);
});

test("at the size that they have, the images as they are", () => {
  expect(resized(photos, { width: 8, height: 6 })).toBe(photos);
  expect(resized(photos, { width: 6, height: 8 })).not.toBe(photos);
});

const flat = dataset({ inputs: new Float32Array(64), labels: [0], inSize: 64 });
const { shape: _, ...shapeless } = photos;
const square = { width: 4, height: 4 };
test.each<[string, () => unknown]>([
  ["images, rows of height×width×channels, got [64]", () => resized(flat, square)],
  ["images, rows of height×width×channels, got []", () => resized(shapeless as never, square)],
  ["1 ≤ width ≤ 4096, got 0", () => resized(photos, { width: 0, height: 4 })],
  ["1 ≤ height ≤ 4096, got 4097", () => resized(photos, { width: 4, height: 4097 })],
  ["integer 1 ≤ width ≤ 4096, got undefined", () => resized(photos, { height: 4 } as never)],
  ["a dataset, got undefined", () => resized(undefined as never, square)],
  ['options width or height, got "size"', () => resized(photos, { size: 4 } as never)],
])("an error that says what: %s", (message, call) => {
  expect(call).toThrow(`resized: expected ${message}`);
});
