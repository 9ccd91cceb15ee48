import * as fc from "fast-check";
import { expect, test } from "vitest";
import { resize } from "../src/images/resize.ts";
import { opencvSizes } from "./opencv-sizes.ts";

test.each(opencvSizes)(
  "$width×$height to $to, as OpenCV",
  ({ width, height, pixels, to, wanted }) => {
    const image = { width, height, channels: 3, bytes: Uint8Array.from(pixels) } as const;
    const { bytes } = resize(image, ...to);
    expect(bytes.length).toBe(wanted.length);
    // Half a unit for rounding to bytes, and the fixture's own rounding to three digits.
    wanted.forEach((value, i) => expect(Math.abs(bytes[i] - value)).toBeLessThan(0.502));
  },
);

const image = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ minLength: width * height, maxLength: width * height })
      .map((bytes) => ({ width, height, channels: 1 as const, bytes })),
  );

test("smaller: each pixel repeated `to` times, then means of `from` in a row", () => {
  fc.assert(
    fc.property(image, fc.nat(), fc.nat(), (pixels, w, h) => {
      const [width, height] = [1 + (w % pixels.width), 1 + (h % pixels.height)];
      const { bytes } = resize(pixels, width, height);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (let j = 0; j < pixels.height; j++)
            for (let i = 0; i < pixels.width; i++) {
              const row = Math.floor((y * pixels.height + j) / height);
              sum += pixels.bytes[row * pixels.width + Math.floor((x * pixels.width + i) / width)];
            }
          const mean = sum / (pixels.width * pixels.height);
          expect(Math.abs(bytes[y * width + x] - mean)).toBeLessThan(0.5 + 1e-9);
        }
    }),
    { seed: 1 },
  );
});

test("of the same size: the same", () => {
  fc.assert(
    fc.property(image, (pixels) => {
      expect(resize(pixels, pixels.width, pixels.height)).toEqual(pixels);
    }),
    { seed: 2 },
  );
});

test("larger: a ramp stays a ramp inside, and is held at its ends", () => {
  const ramp = {
    width: 5,
    height: 1,
    channels: 1,
    bytes: Uint8Array.of(0, 40, 80, 120, 160),
  } as const;
  const { bytes } = resize(ramp, 20, 2);
  const wanted = Array.from({ length: 20 }, (_, x) =>
    Math.round(40 * Math.min(Math.max((x + 0.5) / 4 - 0.5, 0), 4)),
  );
  expect(Array.from(bytes)).toEqual([...wanted, ...wanted]);
});
