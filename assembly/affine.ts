/** The matrix products that dense layers and convolutions are made of, with or without a bias.   x: rows×inSize, w: inSize×outSize, y: rows×outSize. */
import { DenseOption, Field } from "./abi";
import { gemm, gemmFrom } from "./gemm";
import { word } from "./layer";
import { F32 } from "./simd";
import { addColumnSums } from "./vector";

/** y ← xW + b; b = 0: y ← xW. */
export function affine(rows: i32, inSize: i32, outSize: i32, x: usize, w: usize, b: usize, y: usize): void {
  if (b) gemmFrom(rows, outSize, inSize, 1, x, inSize, 1, w, outSize, 1, 1, b, 0, 1, y, outSize, 1);
  else addProduct(rows, inSize, outSize, x, w, 0, y);
}

/** y ← xW + βy. */
export function addProduct(rows: i32, inSize: i32, outSize: i32, x: usize, w: usize, beta: f32, y: usize): void {
  gemm(rows, outSize, inSize, 1, x, inSize, 1, w, outSize, 1, beta, y, outSize, 1);
}

/** dx ← dy Wᵀ + βdx. */
export function addInputGradient(rows: i32, inSize: i32, outSize: i32, dy: usize, w: usize, beta: f32, dx: usize): void {
  gemm(rows, inSize, outSize, 1, dy, outSize, 1, w, 1, outSize, beta, dx, inSize, 1);
}

/** dW += xᵀ dy,  db += Σ dy over rows; db = 0: dW alone. */
export function addParameterGradient(
  rows: i32, inSize: i32, outSize: i32, x: usize, dy: usize, dw: usize, db: usize,
): void {
  gemm(inSize, outSize, rows, 1, x, 1, inSize, dy, outSize, 1, 1, dw, outSize, 1);
  if (db) addColumnSums(rows, outSize, dy, db);
}

/** Where b stands behind W; 0 for a layer without. */
// @ts-ignore: decorator
@inline
export function biasOf(layer: usize, w: usize, inSize: i32, outSize: i32): usize {
  if (word(layer, Field.Option) == DenseOption.NoBias) return 0;
  return w + <usize>(inSize * outSize) * F32;
}
