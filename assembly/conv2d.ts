/**
 * Convolution of images, channels last: y = P(x)·W + b, or P(x)·W alone, and its three other passes. P(x) has a row for each window, as
 * patches.ts lays them out, and is written a chunk of windows at a time.
 *
 *     x: rows×height×width×inChannels, y: rows×outHeight×outWidth×filters; in θ: W, kernelHeight×kernelWidth×inChannels×filters, then b, if any
 *
 * Cost in multiply-adds, with n = rows·outHeight·outWidth·kernelHeight·kernelWidth·inChannels·filters: as of a dense layer, forward n,
 * backward 2n, each tangent pass twice that.
 */
import { Field } from "./abi";
import { addInputGradient, addParameterGradient, addProduct, affine, biasOf } from "./affine";
import { before, channelsOf, sizeOf, word } from "./layer";
import { addPatches, chunkOf, isImage, patches, windowSize, windowsOf } from "./patches";
import { F32 } from "./simd";

/** y ← P(x)·W + b. */
export function conv2dForward(layer: usize, rows: i32, theta: usize): void {
  const size = windowSize(layer), chunk = chunkOf(layer), filters = channelsOf(layer), all = rows * windowsOf(layer);
  const w = theta + word(layer, Field.Parameters), b = biasOf(layer, w, size, filters);
  const x = word(before(layer), Field.Value), y = word(layer, Field.Value);
  for (let first = 0; first < all; first += chunk) {
    const count = min(all - first, chunk);
    affine(count, size, filters, patches(layer, x, first, count), w, b, part(layer, y, first));
  }
}

/**
 * dx ← P⁻(dy·Wᵀ), with P⁻ the transpose of P,  dW += P(x)ᵀ·dy,  db += Σ dy over windows; dy and dx are what stands in `field`.
 * dTheta = 0: dx only.
 */
export function conv2dBackward(layer: usize, rows: i32, theta: usize, dTheta: usize, field: Field): void {
  const size = windowSize(layer), chunk = chunkOf(layer), filters = channelsOf(layer), all = rows * windowsOf(layer), at = word(layer, Field.Parameters);
  const x = word(before(layer), Field.Value), dx = word(before(layer), field), dy = word(layer, field);
  const dw = dTheta + at, db = biasOf(layer, dw, size, filters);
  clear(layer, rows, dx);
  for (let first = 0; first < all; first += chunk) {
    const count = min(all - first, chunk), d = part(layer, dy, first);
    if (dTheta) addParameterGradient(count, size, filters, patches(layer, x, first, count), d, dw, db);
    if (!dx) continue;
    addInputGradient(count, size, filters, d, theta + at, 0, gradients(layer, dx, first));
    if (!isImage(layer)) addPatches(layer, dx, first, count);
  }
}

/** ry ← P(x)·RW + Rb + P(rx)·W; with parameters that do not adapt, P(rx)·W alone. */
export function conv2dForwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize): void {
  const size = windowSize(layer), chunk = chunkOf(layer), filters = channelsOf(layer), all = rows * windowsOf(layer), at = word(layer, Field.Parameters);
  const x = word(before(layer), Field.Value), rx = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  const rw = rTheta + at, rb = biasOf(layer, rw, size, filters), fixed = word(layer, Field.Fixed) != 0;
  for (let first = 0; first < all; first += chunk) {
    const count = min(all - first, chunk), r = part(layer, ry, first);
    if (!fixed) affine(count, size, filters, patches(layer, x, first, count), rw, rb, r);
    if (rx) addProduct(count, size, filters, patches(layer, rx, first, count), theta + at, fixed ? 0 : 1, r);
  }
}

/**
 * rdx ← P⁻(rdy·Wᵀ + dy·RWᵀ) (none of the latter for parameters that do not adapt),  rdW += P(x)ᵀ·rdy + P(rx)ᵀ·dy,
 * rdb += Σ rdy over windows.
 */
export function conv2dBackwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize, rdTheta: usize): void {
  const size = windowSize(layer), chunk = chunkOf(layer), filters = channelsOf(layer), all = rows * windowsOf(layer), at = word(layer, Field.Parameters);
  const input = before(layer), x = word(input, Field.Value), rx = word(input, Field.Tangent), rdx = word(input, Field.GradientTangent);
  const dy = word(layer, Field.Gradient), rdy = word(layer, Field.GradientTangent);
  const rdw = rdTheta + at, rdb = biasOf(layer, rdw, size, filters);
  clear(layer, rows, rdx);
  for (let first = 0; first < all; first += chunk) {
    const count = min(all - first, chunk), d = part(layer, dy, first), rd = part(layer, rdy, first);
    addParameterGradient(count, size, filters, patches(layer, x, first, count), rd, rdw, rdb);
    if (rx) addParameterGradient(count, size, filters, patches(layer, rx, first, count), d, rdw, 0);
    if (!rdx) continue;
    const to = gradients(layer, rdx, first);
    addInputGradient(count, size, filters, rd, theta + at, 0, to);
    if (!word(layer, Field.Fixed)) addInputGradient(count, size, filters, d, rTheta + at, 1, to);
    if (!isImage(layer)) addPatches(layer, rdx, first, count);
  }
}

/** What stands in a run of the layer's outputs from that window on. */
// @ts-ignore: decorator
@inline
function part(layer: usize, y: usize, first: i32): usize {
  return y + <usize>(first * channelsOf(layer)) * F32;
}

/** Where the chunk's gradient with respect to P(x) is put together: in dx itself, where P(x) is x. */
function gradients(layer: usize, dx: usize, first: i32): usize {
  return isImage(layer) ? dx + <usize>(first * windowSize(layer)) * F32 : word(layer, Field.Workspace);
}

/** dx ← 0, where it is wanted and will be added to. */
function clear(layer: usize, rows: i32, dx: usize): void {
  if (dx && !isImage(layer)) memory.fill(dx, 0, <usize>(rows * sizeOf(before(layer))) * F32);
}
