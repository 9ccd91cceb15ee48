/**
 * Dense layer: y = xW + b, or xW alone, and its three other passes.
 *
 *     x: rows×inSize, W: inSize×outSize, b: outSize, y: rows×outSize, all row-major; in θ: W, then b, if any
 *
 * Cost in multiply-adds, with n = rows·inSize·outSize: forward n, backward 2n, each tangent pass twice that; the first layer of a
 * network, whose input has neither gradient nor tangent, is spared half.
 */
import { Field } from "./abi";
import { addInputGradient, addParameterGradient, addProduct, affine, biasOf } from "./affine";
import { before, sizeOf, word } from "./layer";

/** y ← xW + b. */
export function denseForward(layer: usize, rows: i32, theta: usize): void {
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer);
  const w = theta + word(layer, Field.Parameters);
  const x = word(before(layer), Field.Value), y = word(layer, Field.Value);
  affine(rows, inSize, outSize, x, w, biasOf(layer, w, inSize, outSize), y);
}

/** dx ← dy Wᵀ,  dW += xᵀ dy,  db += Σ dy over rows; dy and dx are what stands in `field`.   dTheta = 0: dx only. */
export function denseBackward(layer: usize, rows: i32, theta: usize, dTheta: usize, field: Field): void {
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer), at = word(layer, Field.Parameters);
  const x = word(before(layer), Field.Value), dx = word(before(layer), field), dy = word(layer, field);
  const dw = dTheta + at;
  if (dTheta) addParameterGradient(rows, inSize, outSize, x, dy, dw, biasOf(layer, dw, inSize, outSize));
  if (dx) addInputGradient(rows, inSize, outSize, dy, theta + at, 0, dx);
}

/** ry ← x RW + Rb + rx W; with parameters that do not adapt, rx W alone. */
export function denseForwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize): void {
  const inSize = sizeOf(before(layer)), outSize = sizeOf(layer), at = word(layer, Field.Parameters);
  const x = word(before(layer), Field.Value), rx = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  const rw = rTheta + at, fixed = word(layer, Field.Fixed) != 0;
  if (!fixed) affine(rows, inSize, outSize, x, rw, biasOf(layer, rw, inSize, outSize), ry);
  if (rx) addProduct(rows, inSize, outSize, rx, theta + at, fixed ? 0 : 1, ry);
}

/** rdx ← rdy Wᵀ + dy RWᵀ (none of the latter for parameters that do not adapt),  rdW += xᵀ rdy + rxᵀ dy,  rdb += Σ rdy over rows. */
export function denseBackwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize, rdTheta: usize): void {
  const input = before(layer);
  const inSize = sizeOf(input), outSize = sizeOf(layer), at = word(layer, Field.Parameters);
  const x = word(input, Field.Value), rx = word(input, Field.Tangent), rdx = word(input, Field.GradientTangent);
  const dy = word(layer, Field.Gradient), rdy = word(layer, Field.GradientTangent);
  const rdw = rdTheta + at;
  addParameterGradient(rows, inSize, outSize, x, rdy, rdw, biasOf(layer, rdw, inSize, outSize));
  if (rx) addParameterGradient(rows, inSize, outSize, rx, dy, rdw, 0);
  if (rdx) {
    addInputGradient(rows, inSize, outSize, rdy, theta + at, 0, rdx);
    if (!word(layer, Field.Fixed)) addInputGradient(rows, inSize, outSize, dy, rTheta + at, 1, rdx);
  }
}
