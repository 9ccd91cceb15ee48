/**
 * The windows of a convolution as rows of a matrix (im2col), and the way back (col2im).
 *
 *     x: rows×height×width×channels      P(x): a row a window, which is kernelHeight runs of kernelWidth·channels floats
 *
 * Channels stand last, so that each run is one piece of a row of the image, clipped at its borders; outside there are zeros. A window of
 * one pixel, one step at a time, is the image as it stands: there P(x) = x, and nothing is copied.
 */
import { Field } from "./abi";
import { before, channelsOf, sizeOf, word } from "./layer";
import { F32, LANES, storeLanes } from "./simd";

/** Windows that are written out at a time: as many as take 147 KB, from 64 (of 576 floats, all passes are as fast to 2 % from 32 to 256) … */
const LEAST_CHUNK: i32 = 64;
/** … to 256 (of nine floats, a network's first layer has 6 % more of the peak with these than with 64). */
const LARGEST_CHUNK: i32 = 256;
const CHUNK_FLOATS: i32 = 0x9000;

/** Floats of a window. */
export function windowSize(layer: usize): i32 {
  return <i32>(word(layer, Field.KernelHeight) * word(layer, Field.KernelWidth)) * channelsOf(before(layer));
}

/** Windows that are written out at a time. */
export function chunkOf(layer: usize): i32 {
  return max(LEAST_CHUNK, min(LARGEST_CHUNK, CHUNK_FLOATS / windowSize(layer)));
}

/** Windows of a row. */
export function windowsOf(layer: usize): i32 {
  return <i32>(word(layer, Field.Height) * word(layer, Field.Width));
}

/** Floats of workspace for a chunk of windows. */
export function patchesWorkspace(layer: usize, rows: i32): i32 {
  if (isImage(layer)) return 0;
  const windows = min(<i64>rows * windowsOf(layer), chunkOf(layer));
  const size = <i64>word(layer, Field.KernelHeight) * word(layer, Field.KernelWidth) * channelsOf(before(layer));
  // More than memory holds stays so, instead of wrapping around.
  return <i32>min(windows * size + LANES, i32.MAX_VALUE);
}

/** Whether P(x) = x. */
export function isImage(layer: usize): bool {
  return windowSize(layer) == channelsOf(before(layer)) && windowsOf(layer) * channelsOf(before(layer)) == sizeOf(before(layer));
}

/** P(x) of `count` windows from window `first` on, counted over all rows: where it stands. */
export function patches(layer: usize, x: usize, first: i32, count: i32): usize {
  if (isImage(layer)) return x + <usize>(first * windowSize(layer)) * F32;
  visit(false, layer, x, first, count);
  return word(layer, Field.Workspace);
}

/** dx += what stands in dP, the same chunk's matrix in the layer's workspace, in the places that P(x) has from x. */
export function addPatches(layer: usize, dx: usize, first: i32, count: i32): void {
  visit(true, layer, dx, first, count);
}

/** Goes from window to window: images → matrix, or, where it `adds`, images += matrix. */
// @ts-ignore: decorator
@inline
function visit(adds: bool, layer: usize, images: usize, first: i32, count: i32): void {
  const input = before(layer), channels = channelsOf(input), pixelBytes = <usize>channels * F32;
  const height = <i32>word(input, Field.Height), width = <i32>word(input, Field.Width);
  const lineBytes = <usize>width * pixelBytes, imageBytes = <usize>height * lineBytes;
  const kernelHeight = <i32>word(layer, Field.KernelHeight), kernelWidth = <i32>word(layer, Field.KernelWidth);
  const strideHeight = <i32>word(layer, Field.StrideHeight), strideWidth = <i32>word(layer, Field.StrideWidth);
  const paddingTop = <i32>word(layer, Field.PaddingTop), paddingLeft = <i32>word(layer, Field.PaddingLeft);
  const outWidth = <i32>word(layer, Field.Width), windows = windowsOf(layer), runBytes = <usize>kernelWidth * pixelBytes;
  const windowBytes = <usize>kernelHeight * runBytes;
  let image = images + <usize>(first / windows) * imageBytes, run = word(layer, Field.Workspace);
  let top = first % windows / outWidth * strideHeight - paddingTop, left = first % outWidth * strideWidth - paddingLeft;
  const endTop = windows / outWidth * strideHeight - paddingTop, endLeft = outWidth * strideWidth - paddingLeft;
  for (let i = 0; i < count; i++) {
    // What of the window is inside the image.
    const from = max(left, 0), seen = min(left + kernelWidth, width) - from;
    const fromLine = max(top, 0), toLine = min(top + kernelHeight, height);
    const skippedBytes = <usize>(from - left) * pixelBytes, seenBytes = <usize>seen * pixelBytes;
    let piece = image + <usize>fromLine * lineBytes + <usize>from * pixelBytes;
    const next = run + windowBytes;
    let lines = toLine - fromLine;
    if (fromLine > top) {
      const above = <usize>(fromLine - top) * runBytes;
      if (!adds) clear(run, above);
      run += above;
    }
    if (adds) for (; lines > 0; lines--, run += runBytes, piece += lineBytes) add(piece, run + skippedBytes, seen * channels);
    else if (seen == kernelWidth) for (; lines > 0; lines--, run += runBytes, piece += lineBytes) copy(run, piece, runBytes);
    else for (; lines > 0; lines--, run += runBytes, piece += lineBytes) {
      clear(run, runBytes);
      copy(run + skippedBytes, piece, seenBytes);
      clear(run + skippedBytes + seenBytes, runBytes - skippedBytes - seenBytes);
    }
    if (!adds) clear(run, next - run);
    run = next;
    left += strideWidth;
    if (left < endLeft) continue;
    left = -paddingLeft;
    top += strideHeight;
    if (top < endTop) continue;
    top = -paddingTop;
    image += imageBytes;
  }
}

/**
 * to ← from by whole vectors: up to 12 bytes more, which are written again, by the next run. memory.copy takes twice as long for 3 floats,
 * a quarter less for 192, where this is 3 % of a pass.
 */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
}

/** to ← 0, likewise. */
// @ts-ignore: decorator
@inline
function clear(to: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, f32x4.splat(0));
}

/** to += from. */
// @ts-ignore: decorator
@inline
function add(to: usize, from: usize, count: i32): void {
  for (let j = 0; j < count; j += LANES) {
    const at = <usize>j * F32;
    storeLanes(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)), count - j);
  }
}
