/**
 * Losses of a network's output o, rows×size: the value, its gradient do, and the tangent rdo of that gradient along ro.
 * Each is a mean; the caller gives `scale` = 1/Σ wᵢ, and with weights wᵢ row i counts cᵢ = scale·wᵢ, else cᵢ = scale. The gradient is times
 * `factor` besides.
 *
 *     mean squared error     Σᵢ cᵢ Σⱼ (oᵢⱼ − tᵢⱼ)²/size              do = 2c(o − t)/size     rdo = 2c·ro/size
 *     cross-entropy          Σᵢ cᵢ (log Σⱼ exp oᵢⱼ − oᵢ,tᵢ)           do = c(p − onehot t)    rdo = c·p ⊙ (ro − p·ro), p = softmax o
 *     binary cross-entropy   Σᵢ cᵢ Σⱼ [(1−t)σ⁺(o) + tσ⁺(−o)]/size    do = c(σ(o) − t)/size   rdo = c·σ(o)σ(−o)·ro/size, σ⁺ = softplus
 *
 * Sums of the value are f64, on purpose: a step's loss is compared with the next one's. No probability is subtracted from a 1 that it
 * may be close to, so that a row that is nearly learned keeps its digits.
 */
import { LossKind } from "./abi";
import { exp, log, sigmoid, softplus } from "./math";
import { F32, LANES, loadLanes, storeLanes } from "./simd";

/**
 * The loss, and factor·do where that is not 0 (else do is workspace).   o, do: rows×size; targets: rows×size, or one class index a row for
 * cross-entropy; weights: rows, or 0 for none.
 */
export function lossGradient(
  kind: LossKind, rows: i32, size: i32, o: usize, targets: usize, weights: usize, scale: f32, factor: f32, d: usize,
): f64 {
  const rowBytes = <usize>size * F32, targetBytes = kind == LossKind.CrossEntropy ? F32 : rowBytes;
  let sum: f64 = 0;
  for (let i = 0; i < rows; i++, o += rowBytes, d += rowBytes, targets += targetBytes) {
    const c = weights ? scale * load<f32>(weights + <usize>i * F32) : scale;
    switch (kind) {
      case LossKind.MeanSquaredError: sum += squaredErrorRow(size, c, factor, o, targets, d); break;
      case LossKind.CrossEntropy: sum += crossEntropyRow(size, c, factor, o, <i32>load<f32>(targets), d); break;
      case LossKind.BinaryCrossEntropy: sum += binaryCrossEntropyRow(size, c, factor, o, targets, d); break;
      default: unreachable();
    }
  }
  return sum;
}

/** rdo along ro.   o, ro, rdo: rows×size. */
export function lossTangent(
  kind: LossKind, rows: i32, size: i32, o: usize, weights: usize, scale: f32, ro: usize, rd: usize,
): void {
  const rowBytes = <usize>size * F32;
  for (let i = 0; i < rows; i++, o += rowBytes, ro += rowBytes, rd += rowBytes) {
    const c = weights ? scale * load<f32>(weights + <usize>i * F32) : scale;
    switch (kind) {
      case LossKind.MeanSquaredError: squaredErrorTangent(size, c, ro, rd); break;
      case LossKind.CrossEntropy: crossEntropyTangent(size, c, o, ro, rd); break;
      case LossKind.BinaryCrossEntropy: binaryCrossEntropyTangent(size, c, o, ro, rd); break;
      default: unreachable();
    }
  }
}

function squaredErrorRow(size: i32, c: f32, factor: f32, o: usize, t: usize, d: usize): f64 {
  const slope = f32x4.splat((factor * (2 * c)) / <f32>size);
  let sum: f64 = 0;
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32, left = size - j;
    const error = f32x4.sub(loadLanes(o + at, left), loadLanes(t + at, left));
    sum += sumSquares(error);
    if (factor != 0) storeLanes(d + at, f32x4.mul(slope, error), left);
  }
  return (<f64>c * sum) / size;
}

function squaredErrorTangent(size: i32, c: f32, ro: usize, rd: usize): void {
  const slope = f32x4.splat((2 * c) / <f32>size);
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32;
    storeLanes(rd + at, f32x4.mul(slope, v128.load(ro + at)), size - j);
  }
}

/**
 * With m = max o at index k and eⱼ = exp(oⱼ − m): loss = (m − o_t) + log(1 + Σ_{j≠k} eⱼ); do_j = c·eⱼ/Σe, and for the target
 * −c·Σ_{j≠t} eⱼ/Σe.
 */
function crossEntropyRow(size: i32, c: f32, factor: f32, o: usize, target: i32, d: usize): f64 {
  assert(target >= 0 && target < size, "cross-entropy: expected a class of the output");
  const k = argMax(size, o);
  const max = load<f32>(o + <usize>k * F32);
  exponentials(size, o, max, d);
  const others = sumExcept(size, d, k);
  const value = max - load<f32>(o + <usize>target * F32) + log1p(others);
  if (factor != 0) {
    const perSum: f32 = (factor * c) / (1 + others);
    const rest = sumExcept(size, d, target);
    for (let j = 0; j < size; j += LANES) {
      const at = <usize>j * F32;
      storeLanes(d + at, f32x4.mul(f32x4.splat(perSum), v128.load(d + at)), size - j);
    }
    store<f32>(d + <usize>target * F32, -perSum * rest);
  }
  return <f64>c * value;
}

function crossEntropyTangent(size: i32, c: f32, o: usize, ro: usize, rd: usize): void {
  const k = argMax(size, o);
  const top = load<f32>(ro + <usize>k * F32);
  exponentials(size, o, load<f32>(o + <usize>k * F32), rd);
  const sum: f32 = 1 + sumExcept(size, rd, k);
  let mean: f32 = 0;
  for (let j = 0; j < size; j++) mean += load<f32>(rd + <usize>j * F32) * (load<f32>(ro + <usize>j * F32) - top);
  mean /= sum;
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32;
    const p = f32x4.mul(v128.load(rd + at), f32x4.splat(c / sum));
    const r = f32x4.sub(v128.load(ro + at), f32x4.splat(top));
    storeLanes(rd + at, f32x4.mul(p, f32x4.sub(r, f32x4.splat(mean))), size - j);
  }
}

function binaryCrossEntropyRow(size: i32, c: f32, factor: f32, o: usize, t: usize, d: usize): f64 {
  const slope = f32x4.splat((factor * c) / <f32>size), one = f32x4.splat(1);
  let sum: f64 = 0;
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32, left = size - j;
    const z = v128.load(o + at), y = v128.load(t + at), rest = f32x4.sub(one, y), minus = f32x4.neg(z);
    const loss = f32x4.add(f32x4.mul(rest, softplus(z)), f32x4.mul(y, softplus(minus)));
    sum += sumFirst(loss, left);
    const step = f32x4.sub(f32x4.mul(rest, sigmoid(z)), f32x4.mul(y, sigmoid(minus)));
    if (factor != 0) storeLanes(d + at, f32x4.mul(slope, step), left);
  }
  return (<f64>c * sum) / size;
}

function binaryCrossEntropyTangent(size: i32, c: f32, o: usize, ro: usize, rd: usize): void {
  const slope = f32x4.splat(c / <f32>size);
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32;
    const z = v128.load(o + at);
    const variance = f32x4.mul(sigmoid(z), sigmoid(f32x4.neg(z)));
    storeLanes(rd + at, f32x4.mul(slope, f32x4.mul(variance, v128.load(ro + at))), size - j);
  }
}

/** Index of the largest element; the first of equals. */
function argMax(size: i32, o: usize): i32 {
  let best = 0, max = load<f32>(o);
  for (let j = 1; j < size; j++) {
    const x = load<f32>(o + <usize>j * F32);
    if (x > max) {
      max = x;
      best = j;
    }
  }
  return best;
}

/** e ← exp(o − max). */
function exponentials(size: i32, o: usize, max: f32, e: usize): void {
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32;
    storeLanes(e + at, exp(f32x4.sub(v128.load(o + at), f32x4.splat(max))), size - j);
  }
}

/** Σ e without the element at `index`. */
function sumExcept(size: i32, e: usize, index: i32): f32 {
  let sum: f32 = 0;
  for (let j = 0; j < size; j++) if (j != index) sum += load<f32>(e + <usize>j * F32);
  return sum;
}

/** log(1 + x) for x ≥ 0: the rounding of u = 1 + x is made good by the factor x/(u − 1). */
function log1p(x: f32): f32 {
  const u: f32 = 1 + x;
  return u == 1 ? x : (f32x4.extract_lane(log(f32x4.splat(u)), 0) * x) / (u - 1);
}

/** Σ x² over the four lanes, in f64. */
function sumSquares(x: v128): f64 {
  const low = f64x2.promote_low_f32x4(x), high = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  const sum = f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Σ of the first lanes of x, in f64. */
function sumFirst(x: v128, count: i32): f64 {
  let sum: f64 = f32x4.extract_lane(x, 0);
  if (count > 1) sum += f32x4.extract_lane(x, 1);
  if (count > 2) sum += f32x4.extract_lane(x, 2);
  if (count > 3) sum += f32x4.extract_lane(x, 3);
  return sum;
}
