/**
 * Dense layer: y = xW + b, or xW alone, and its three other passes.
 *
 *     x: rows×inSize, W: inSize×outSize, b: outSize, y: rows×outSize, all row-major; in θ: W, then b, if any
 *
 * Cost in multiply-adds, with n = rows·inSize·outSize: forward n, backward 2n, each tangent pass twice that; the first layer of a
 * network, whose input has neither gradient nor tangent, is spared half.
 */
import { DenseOption, Field } from "./abi";
import { gemm, gemmFrom } from "./gemm";
import { before, sizeOf, word } from "./layer";
import { F32 } from "./simd";
import { addColumnSums } from "./vector";

/** y ← xW + b. */
export function denseForward(layer: usize, rows: i32, theta: usize): void {
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer);
  const w = theta + word(layer, Field.Parameters);
  const x = word(before(layer), Field.Value), y = word(layer, Field.Value);
  affine(rows, inSize, outSize, x, w, bias(layer, w), y);
}

/** dx ← dy Wᵀ,  dW += xᵀ dy,  db += Σ dy over rows; dy and dx are what stands in `field`.   dTheta = 0: dx only. */
export function denseBackward(layer: usize, rows: i32, theta: usize, dTheta: usize, field: Field): void {
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer), at = word(layer, Field.Parameters);
  const x = word(before(layer), Field.Value), dx = word(before(layer), field), dy = word(layer, field);
  if (dTheta) addParameterGradient(rows, inSize, outSize, x, dy, dTheta + at, bias(layer, dTheta + at));
  if (dx) gemm(rows, inSize, outSize, 1, dy, outSize, 1, theta + at, 1, outSize, 0, dx, inSize, 1);
}

/** ry ← x RW + Rb + rx W; with parameters that do not adapt, rx W alone. */
export function denseForwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize): void {
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer), at = word(layer, Field.Parameters);
  const x = word(before(layer), Field.Value), rx = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  const rw = rTheta + at, fixed = word(layer, Field.Fixed) != 0;
  if (!fixed) affine(rows, inSize, outSize, x, rw, bias(layer, rw), ry);
  if (rx) gemm(rows, outSize, inSize, 1, rx, inSize, 1, theta + at, outSize, 1, fixed ? 0 : 1, ry, outSize, 1);
}

/** rdx ← rdy Wᵀ + dy RWᵀ (none of the latter for parameters that do not adapt),  rdW += xᵀ rdy + rxᵀ dy,  rdb += Σ rdy over rows. */
export function denseBackwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize, rdTheta: usize): void {
  const input = before(layer);
  const inSize = sizeOf(input), outSize = sizeOf(layer), at = word(layer, Field.Parameters);
  const rx = word(input, Field.Tangent), rdx = word(input, Field.GradientTangent);
  const dy = word(layer, Field.Gradient), rdy = word(layer, Field.GradientTangent);
  addParameterGradient(rows, inSize, outSize, word(input, Field.Value), rdy, rdTheta + at, bias(layer, rdTheta + at));
  if (rx) gemm(inSize, outSize, rows, 1, rx, 1, inSize, dy, outSize, 1, 1, rdTheta + at, outSize, 1);
  if (rdx) {
    gemm(rows, inSize, outSize, 1, rdy, outSize, 1, theta + at, 1, outSize, 0, rdx, inSize, 1);
    if (!word(layer, Field.Fixed)) gemm(rows, inSize, outSize, 1, dy, outSize, 1, rTheta + at, 1, outSize, 1, rdx, inSize, 1);
  }
}

/** y ← xW + b. */
function affine(rows: i32, inSize: i32, outSize: i32, x: usize, w: usize, b: usize, y: usize): void {
  if (b) gemmFrom(rows, outSize, inSize, 1, x, inSize, 1, w, outSize, 1, 1, b, 0, 1, y, outSize, 1);
  else gemm(rows, outSize, inSize, 1, x, inSize, 1, w, outSize, 1, 0, y, outSize, 1);
}

/** dW += xᵀ dy,  db += Σ dy over rows. */
function addParameterGradient(rows: i32, inSize: i32, outSize: i32, x: usize, dy: usize, dw: usize, db: usize): void {
  gemm(inSize, outSize, rows, 1, x, 1, inSize, dy, outSize, 1, 1, dw, outSize, 1);
  if (db) addColumnSums(rows, outSize, dy, db);
}

/** Where b stands behind W; 0 for a layer without. */
// @ts-ignore: decorator
@inline
function bias(layer: usize, w: usize): usize {
  if (word(layer, Field.Option) == DenseOption.NoBias) return 0;
  return w + <usize>(sizeOf(before(layer)) * sizeOf(layer)) * F32;
}
