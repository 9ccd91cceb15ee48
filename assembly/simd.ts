/** The SIMD idiom of the core: one fused-or-not multiply-add, and tails of one to three lanes. */

/** f32 elements in a vector. */
// @ts-ignore: decorator
@inline export const LANES: i32 = 4;

/** Bytes of an f32. */
// @ts-ignore: decorator
@inline export const F32: usize = 4;

/** x·y + z: one rounding in the relaxed build, two in the strict build. */
// @ts-ignore: decorator
@inline
export function madd(x: v128, y: v128, z: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, z);
  return f32x4.add(f32x4.mul(x, y), z);
}

/** Stores the first `count` (1…4) lanes of v at `to`, and touches nothing behind them. */
// @ts-ignore: decorator
@inline
export function storeLanes(to: usize, v: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, v);
    return;
  }
  v128.store_lane<f32>(to, v, 0);
  if (count > 1) v128.store_lane<f32>(to, v, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, v, 2, 8);
}

/** Loads the first `count` (1…4) lanes from `from`; the others are zero. Reads nothing behind them. */
// @ts-ignore: decorator
@inline
export function loadLanes(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from);
  let v = v128.load32_zero(from);
  if (count > 1) v = v128.load_lane<f32>(from, v, 1, 4);
  if (count > 2) v = v128.load_lane<f32>(from, v, 2, 8);
  return v;
}

/** Sum of the four lanes, pairwise: (x₀ + x₂) + (x₁ + x₃). */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
