/**
 * Max-pool and average-pool: of the pixels in each window, channel by channel, the largest or the mean; pixels outside the image do not
 * count. Channels last, four at a time, one a lane. x: rows×height×width×channels, y: rows×outHeight×outWidth×channels.
 *
 *     max    y = x[w],  w the first of the largest in row order   dx[w] += dy     ry = rx[w]            rdx[w] += rdy
 *     mean   y = Σ x/n, n the pixels inside the image             dx += dy/n      ry = Σ rx/n           rdx += rdy/n
 *
 * Max-pool's workspace: w as an element of the input's row, one for each of y. A window that holds NaN gives NaN, and NaN wins.
 * Where windows overlap, gradients add up; of pixels in no window they are zero.
 */
import { Field } from "./abi";
import { before, channelsOf, sizeOf, word } from "./layer";
import { F32, LANES, storeLanes } from "./simd";

const enum Pass { Largest, Mean, Spread }

/** Floats of workspace that max-pool needs: winners, as i32. */
export function maxPoolWorkspace(layer: usize, rows: i32): i32 {
  return rows * sizeOf(layer);
}

/** y ← x[w], w ← the winners. */
export function maxPoolForward(layer: usize, rows: i32): void {
  overWindows(Pass.Largest, layer, rows, word(before(layer), Field.Value), word(layer, Field.Value));
}

/** dx ← 0, dx[w] += dy; dy and dx are what stands in `field`. */
export function maxPoolBackward(layer: usize, rows: i32, field: Field): void {
  const size = sizeOf(layer), inBytes = <usize>sizeOf(before(layer)) * F32;
  let dx = word(before(layer), field), dy = word(layer, field), winner = word(layer, Field.Workspace);
  if (!dx) return;
  memory.fill(dx, 0, <usize>rows * inBytes);
  for (let i = 0; i < rows; i++, dx += inBytes) {
    for (let k = 0; k < size; k++, dy += F32, winner += F32) {
      const to = dx + <usize>load<i32>(winner) * F32;
      store<f32>(to, load<f32>(to) + load<f32>(dy));
    }
  }
}

/** ry ← rx[w]. */
export function maxPoolForwardTangent(layer: usize, rows: i32): void {
  const size = sizeOf(layer), inBytes = <usize>sizeOf(before(layer)) * F32;
  let rx = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent), winner = word(layer, Field.Workspace);
  if (!rx) return memory.fill(ry, 0, <usize>(rows * size) * F32);
  for (let i = 0; i < rows; i++, rx += inBytes) {
    for (let k = 0; k < size; k++, ry += F32, winner += F32) store<f32>(ry, load<f32>(rx + <usize>load<i32>(winner) * F32));
  }
}

/** y ← Σ x/n. */
export function averagePoolForward(layer: usize, rows: i32): void {
  overWindows(Pass.Mean, layer, rows, word(before(layer), Field.Value), word(layer, Field.Value));
}

/** dx ← 0, dx += dy/n; dy and dx are what stands in `field`. */
export function averagePoolBackward(layer: usize, rows: i32, field: Field): void {
  const dx = word(before(layer), field);
  if (!dx) return;
  memory.fill(dx, 0, <usize>(rows * sizeOf(before(layer))) * F32);
  overWindows(Pass.Spread, layer, rows, dx, word(layer, field));
}

/** ry ← Σ rx/n. */
export function averagePoolForwardTangent(layer: usize, rows: i32): void {
  const rx = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  if (rx) overWindows(Pass.Mean, layer, rows, rx, ry);
  else memory.fill(ry, 0, <usize>(rows * sizeOf(layer)) * F32);
}

/** What that pass does, for each window of each row.   x: of the input's shape, y: of the output's. */
function overWindows(pass: Pass, layer: usize, rows: i32, x: usize, y: usize): void {
  const input = before(layer), channels = channelsOf(layer), pixelBytes = <usize>channels * F32;
  const height = <i32>word(input, Field.Height), width = <i32>word(input, Field.Width);
  const outHeight = <i32>word(layer, Field.Height), outWidth = <i32>word(layer, Field.Width);
  const rowBytes = <usize>width * pixelBytes, imageBytes = <usize>height * rowBytes;
  let winner = word(layer, Field.Workspace);
  for (let i = 0; i < rows; i++, x += imageBytes) {
    for (let v = 0; v < outHeight; v++) {
      const down = v * <i32>word(layer, Field.StrideHeight) - <i32>word(layer, Field.PaddingTop);
      const top = max(down, 0), tall = min(down + <i32>word(layer, Field.KernelHeight), height) - top;
      for (let u = 0; u < outWidth; u++, y += pixelBytes) {
        const across = u * <i32>word(layer, Field.StrideWidth) - <i32>word(layer, Field.PaddingLeft);
        const left = max(across, 0), wide = min(across + <i32>word(layer, Field.KernelWidth), width) - left;
        const first = <usize>top * rowBytes + <usize>left * pixelBytes;
        if (pass == Pass.Mean) mean(channels, tall, wide, rowBytes, x + first, y);
        else if (pass == Pass.Spread) spread(channels, tall, wide, rowBytes, x + first, y);
        else {
          largest(channels, tall, wide, rowBytes, x, first, y, winner);
          winner += pixelBytes;
        }
      }
    }
  }
}

/** y ← the largest of a window whose first pixel is `first` bytes into x; winner ← its place in x, in elements. */
function largest(channels: i32, tall: i32, wide: i32, rowBytes: usize, x: usize, first: usize, y: usize, winner: usize): void {
  const pixelBytes = <usize>channels * F32;
  for (let c = 0; c < channels; c += LANES) {
    const start = first + <usize>c * F32;
    let best = v128.load(x + start), at = elements(start);
    for (let i = 0, row = start; i < tall; i++, row += rowBytes) {
      for (let j = 0, pixel = row; j < wide; j++, pixel += pixelBytes) {
        const value = v128.load(x + pixel);
        // Greater, or NaN: whatever is compared with NaN afterwards is neither.
        const wins = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
        best = v128.bitselect(value, best, wins);
        at = v128.bitselect(elements(pixel), at, wins);
      }
    }
    storeLanes(y + <usize>c * F32, best, channels - c);
    storeLanes(winner + <usize>c * F32, at, channels - c);
  }
}

/** The numbers of the four elements from that many bytes on. */
// @ts-ignore: decorator
@inline
function elements(bytes: usize): v128 {
  return i32x4.add(i32x4.splat(<i32>(bytes / F32)), i32x4(0, 1, 2, 3));
}

/** y ← the mean of a window whose first pixel is at x. */
function mean(channels: i32, tall: i32, wide: i32, rowBytes: usize, x: usize, y: usize): void {
  const pixelBytes = <usize>channels * F32, pixels = f32x4.splat(<f32>(tall * wide));
  for (let c = 0; c < channels; c += LANES) {
    let sum = f32x4.splat(0);
    for (let i = 0, row = x + <usize>c * F32; i < tall; i++, row += rowBytes) {
      for (let j = 0, pixel = row; j < wide; j++, pixel += pixelBytes) sum = f32x4.add(sum, v128.load(pixel));
    }
    storeLanes(y + <usize>c * F32, f32x4.div(sum, pixels), channels - c);
  }
}

/** dx += dy/n over a window whose first pixel is at dx. */
function spread(channels: i32, tall: i32, wide: i32, rowBytes: usize, dx: usize, dy: usize): void {
  const pixelBytes = <usize>channels * F32, pixels = f32x4.splat(<f32>(tall * wide));
  for (let c = 0; c < channels; c += LANES) {
    const share = f32x4.div(v128.load(dy + <usize>c * F32), pixels);
    for (let i = 0, row = dx + <usize>c * F32; i < tall; i++, row += rowBytes) {
      for (let j = 0, pixel = row; j < wide; j++, pixel += pixelBytes) {
        storeLanes(pixel, f32x4.add(v128.load(pixel), share), channels - c);
      }
    }
  }
}
