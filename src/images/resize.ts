import type { Pixels } from "./pixels.ts";

/** What an output pixel is made of along one side: its first source pixel, and the weights from there on. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** An image's values of another size: see {@link resize}. */
export function resizeValues(
  values: ArrayLike<number>,
  from: { readonly width: number; readonly height: number; readonly channels: number },
  width: number,
  height: number,
): Float64Array {
  const { channels } = from;
  const across = alongSide(from.width, width);
  const down = alongSide(from.height, height);
  const narrow = new Float64Array(from.height * width * channels);
  for (let y = 0; y < from.height; y++)
    for (let x = 0; x < width; x++) {
      const { first, weights } = across[x];
      for (let c = 0; c < channels; c++) {
        const at = (y * from.width + first) * channels + c;
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * values[at + k * channels];
        narrow[(y * width + x) * channels + c] = sum;
      }
    }
  const line = width * channels;
  const out = new Float64Array(height * line);
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y];
    for (let i = 0; i < line; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * narrow[(first + k) * line + i];
      out[y * line + i] = sum;
    }
  }
  return out;
}

/**
 * An image of another size. Along a side that gets smaller, a pixel is the mean of the area that it
 * covers; along one that gets larger, it lies between the two nearest, pixel centers half a pixel in
 * (area and bilinear, as OpenCV has them). The sides' ratio is not kept.
 *
 * Cost: one pass over the source for each direction; width·height of the source in f64 at most.
 */
export function resize(pixels: Pixels, width: number, height: number): Pixels {
  const values = resizeValues(pixels.bytes, pixels, width, height);
  return { width, height, channels: pixels.channels, bytes: Uint8Array.from(values, Math.round) };
}

function alongSide(from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, i) =>
    to < from ? area(from, to, i) : between(from, to, i),
  );
}

/** Output pixel i covers i·from/to … (i + 1)·from/to; counted in 1/to of a source pixel, all is whole. */
function area(from: number, to: number, i: number): Taps {
  const [start, end] = [i * from, (i + 1) * from];
  const first = Math.floor(start / to);
  const last = Math.ceil(end / to) - 1;
  const weights = Array.from({ length: last - first + 1 }, (_, k) => {
    const left = (first + k) * to;
    return (Math.min(left + to, end) - Math.max(left, start)) / from;
  });
  return { first, weights };
}

function between(from: number, to: number, i: number): Taps {
  const center = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
  const first = Math.floor(center);
  const part = center - first;
  return { first, weights: part === 0 ? [1] : [1 - part, part] };
}
