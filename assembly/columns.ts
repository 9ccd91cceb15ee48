/** Sums down four columns of a matrix at a time, one a lane.   x, y: rows×columns, its rows rowBytes apart. */
import { storeLanes } from "./simd";

/** Σ x down four columns. */
export function columnSum(x: usize, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, x += rowBytes) sum = f32x4.add(sum, v128.load(x));
  return sum;
}

/** Σ (x − mean) down four columns: times 1/rows, what rounding left out of a mean. */
export function columnRest(x: usize, mean: v128, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, x += rowBytes) sum = f32x4.add(sum, f32x4.sub(v128.load(x), mean));
  return sum;
}

/** Σ (x − mean)² down four columns. */
export function columnSquares(x: usize, mean: v128, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, x += rowBytes) {
    const centered = f32x4.sub(v128.load(x), mean);
    sum = f32x4.add(sum, f32x4.mul(centered, centered));
  }
  return sum;
}

/** Σ x·y down four columns. */
export function columnDot(x: usize, y: usize, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, x += rowBytes, y += rowBytes) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(x), v128.load(y)));
  }
  return sum;
}

/** The first lanes at `to` += v. */
export function addLanes(to: usize, v: v128, count: i32): void {
  storeLanes(to, f32x4.add(v128.load(to), v), count);
}
