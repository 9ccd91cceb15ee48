/**
 * Convolutions, pools and norms of images in f64, each from its definition: which pixels a window sees is written down as a list of
 * indices, all else are matrix products and sums. Rows are images of height×width×channels, channels last, as in src/; shares nothing
 * with it.
 */
import {
  add,
  div,
  gather,
  matmul,
  mul,
  power,
  reshape,
  sqrt,
  sub,
  sumTo,
  tensor,
} from "./autograd.ts";
import type { Tensor } from "./autograd.ts";

/** Of a row: [n], or [height, width, channels]. */
export type Shape = readonly number[];

type Pair = number | readonly [height: number, width: number];

export interface Window {
  readonly kernel: Pair;
  /** From one window to the next. */
  readonly stride?: Pair;
  /** On each side; "same": ⌈size/stride⌉ windows, with the odd pixel behind; "valid" and absent: none. */
  readonly padding?: Pair | "same" | "valid";
}

/** Pixels of the image that each window sees, −1 outside. */
interface Windows {
  readonly height: number;
  readonly width: number;
  /** One list of kernel height·width pixels each, row by row. */
  readonly seen: readonly (readonly number[])[];
}

export function lengthOf(shape: Shape): number {
  return shape.reduce((product, each) => product * each, 1);
}

/** Height, width, channels; of what is no image 1, 1, n. */
export function imageOf(shape: Shape): [height: number, width: number, channels: number] {
  if (shape.length !== 1 && shape.length !== 3) throw new RangeError(`shape: got [${shape}]`);
  const [height, width, channels] = shape.length === 3 ? shape : [1, 1, shape[0]];
  return [height, width, channels];
}

/** How many windows fit: height and width of what a convolution or pool gives. */
export function windowed(shape: Shape, window: Window): [height: number, width: number] {
  const { height, width } = windowsOf(shape, window);
  return [height, width];
}

/** How many pixels a window has. */
export function kernelPixels({ kernel }: Window): number {
  return sideOf(kernel, 0) * sideOf(kernel, 1);
}

function sideOf(pair: Pair, axis: 0 | 1): number {
  return typeof pair === "number" ? pair : pair[axis];
}

function windowsOf(shape: Shape, { kernel, stride = 1, padding = 0 }: Window): Windows {
  const [inHeight, inWidth] = imageOf(shape);
  const side = (axis: 0 | 1) => {
    const pad = typeof padding === "string" ? padding : sideOf(padding, axis);
    return along([inHeight, inWidth][axis], sideOf(kernel, axis), sideOf(stride, axis), pad);
  };
  const [down, across] = [side(0), side(1)];
  const seen = down.flatMap((ys) =>
    across.map((xs) => ys.flatMap((y) => xs.map((x) => (y < 0 || x < 0 ? -1 : y * inWidth + x)))),
  );
  return { height: down.length, width: across.length, seen };
}

/** What each window sees of a line of that many pixels; −1 beyond its ends. */
function along(size: number, kernel: number, stride: number, padding: number | string): number[][] {
  let [ahead, count] = [padding, 0];
  if (padding === "same") {
    count = Math.ceil(size / stride);
    ahead = Math.floor(Math.max((count - 1) * stride + kernel - size, 0) / 2);
  } else {
    ahead = padding === "valid" ? 0 : Number(padding);
    while (count * stride + kernel <= size + 2 * ahead) count++;
  }
  const pixel = (at: number) => (at >= 0 && at < size ? at : -1);
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: kernel }, (_, k) => pixel(i * stride + k - Number(ahead))),
  );
}

/** Where in x: rows×(height·width·channels) each window finds what it sees, channel by channel: the list of (row, pixel, channel). */
function indicesOf(
  rows: number,
  shape: Shape,
  lists: readonly (readonly number[])[],
  order: "pixel, channel" | "channel, pixel",
): Int32Array {
  const [height, width, channels] = imageOf(shape);
  const each = Array.from({ length: channels }, (_, c) => c);
  const at = (pixel: number, c: number) => (pixel < 0 ? -1 : pixel * channels + c);
  const ofOne = lists.flatMap((pixels) =>
    order === "pixel, channel"
      ? pixels.flatMap((pixel) => each.map((c) => at(pixel, c)))
      : each.flatMap((c) => pixels.map((pixel) => at(pixel, c))),
  );
  const size = height * width * channels;
  const indices = new Int32Array(rows * ofOne.length);
  for (let r = 0; r < rows; r++)
    ofOne.forEach((from, i) => (indices[r * ofOne.length + i] = from < 0 ? -1 : r * size + from));
  return indices;
}

/** y[r, window, f] = Σ over pixel and channel of x[r, pixel, channel]·w[pixel, channel, f] + b[f].   w: (kernel·channels)×filters. */
export function convolved(x: Tensor, shape: Shape, window: Window, w: Tensor, b?: Tensor): Tensor {
  const { seen } = windowsOf(shape, window);
  const patches = x.rows * seen.length;
  const columns = gather(x, indicesOf(x.rows, shape, seen, "pixel, channel"), patches, w.rows);
  const y = matmul(columns, w);
  return reshape(b ? add(y, b) : y, x.rows, seen.length * w.cols);
}

/** The largest that each window sees of each channel, the first of equals; its slope is the constant 1 there. */
export function maxPooled(x: Tensor, shape: Shape, window: Window): Tensor {
  const lists = poolIndices(x.rows, shape, window);
  const largest = lists.map((list) => list.reduce((a, b) => (x.data[b] > x.data[a] ? b : a)));
  return gather(x, Int32Array.from(largest), x.rows, largest.length / x.rows);
}

/** The mean of what each window sees of each channel, of the pixels within the image. */
export function averagePooled(x: Tensor, shape: Shape, window: Window): Tensor {
  const lists = poolIndices(x.rows, shape, window);
  const kernel = kernelPixels(window);
  const padded = lists.flatMap((list) => [...list, ...new Array(kernel - list.length).fill(-1)]);
  const seen = gather(x, Int32Array.from(padded), lists.length, kernel);
  const shares = tensor(
    lists.length,
    1,
    lists.map(({ length }) => 1 / length),
  );
  return reshape(mul(sumTo(seen, lists.length, 1), shares), x.rows, lists.length / x.rows);
}

/** For each row, window and channel where in x the pixels stand that it sees, row by row; those outside left out. */
export function poolIndices(rows: number, shape: Shape, window: Window): Int32Array[] {
  const { seen } = windowsOf(shape, window);
  const all = indicesOf(rows, shape, seen, "channel, pixel");
  const kernel = seen[0].length;
  return Array.from({ length: all.length / kernel }, (_, i) =>
    all.slice(i * kernel, (i + 1) * kernel).filter((index) => index >= 0),
  );
}

/**
 * Each channel less its mean, over the root of its variance (biased) + ε, over rows and pixels; of both the first `counted` rows alone
 * are asked, and all are normalized.
 */
export function batchNormalized(
  x: Tensor,
  shape: Shape,
  epsilon: number,
  counted = x.rows,
): Tensor {
  const channels = imageOf(shape)[2];
  const pixels = x.cols / channels;
  const y = reshape(x, x.rows * pixels, channels);
  const counts = counted * pixels;
  const shares = new Float64Array(y.rows).fill(1 / counts, 0, counts);
  const mean = (value: Tensor) => matmul(tensor(1, y.rows, shares), value);
  return reshape(normalized(y, mean, epsilon), x.rows, x.cols);
}

/** The same over the pixels and channels of each of that many groups of neighboring channels, row by row. */
export function groupNormalized(x: Tensor, shape: Shape, epsilon: number, groups = 1): Tensor {
  const [, , channels] = imageOf(shape);
  if (channels % groups !== 0) throw new RangeError(`groups: expected to divide ${channels}`);
  // Group by group: for each row the places of its groups' numbers.
  const places = Array.from({ length: groups }, (_, g) =>
    Array.from({ length: x.cols }, (_, i) => i).filter(
      (i) => Math.floor(((i % channels) * groups) / channels) === g,
    ),
  ).flat();
  const sorted = Int32Array.from(x.data, (_, i) => {
    const within = i % x.cols;
    return i - within + places[within];
  });
  const y = gather(x, sorted, x.rows * groups, x.cols / groups);
  const mean = (value: Tensor) => div(sumTo(value, value.rows, 1), y.cols);
  const back = new Int32Array(sorted.length);
  sorted.forEach((from, to) => (back[from] = to));
  return gather(normalized(y, mean, epsilon), back, x.rows, x.cols);
}

function normalized(x: Tensor, mean: (x: Tensor) => Tensor, epsilon: number): Tensor {
  const centered = sub(x, mean(x));
  return div(centered, sqrt(add(mean(power(centered, 2)), epsilon)));
}

/** γ and β, one a channel each, on every pixel. */
export function scaledAndShifted(x: Tensor, shape: Shape, scale?: Tensor, shift?: Tensor): Tensor {
  const channels = imageOf(shape)[2];
  let y = reshape(x, (x.rows * x.cols) / channels, channels);
  if (scale) y = mul(y, scale);
  if (shift) y = add(y, shift);
  return reshape(y, x.rows, x.cols);
}
