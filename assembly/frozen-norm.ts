/**
 * Batch norm by statistics that are constants: x̂ = (z − μ)·s, s = 1/√(σ² + ε), y = γx̂ + β, each one a channel.
 *
 *     backward               dz = s·γ·dy                    dγ += Σ dy·x̂,  dβ += Σ dy
 *     tangent                ry = γ·s·rz + Rγ·x̂ + Rβ
 *     tangent of backward    rdz = s·(γ·rdy + Rγ·dy)        rdγ += Σ rdy·x̂ + dy·s·rz,  rdβ += Σ rdy
 *
 * γ and β as in normalization.ts. Constants: μ, then s, whole vectors each. Rows do not depend on each other; x̂ is not kept. Four
 * channels at a time, one a lane.
 */
import { Field } from "./abi";
import { addLanes, columnSum } from "./columns";
import { before, channelsOf, sizeOf, word } from "./layer";
import { scaleIn, shiftIn } from "./normalization";
import { F32, LANES, madd, storeLanes } from "./simd";

/** y. */
export function frozenNormForward(layer: usize, rows: i32, theta: usize): void {
  const size = channelsOf(layer), n = pixelsOf(layer, rows), rowBytes = <usize>size * F32;
  const z = word(before(layer), Field.Value), y = word(layer, Field.Value);
  const gamma = scaleIn(layer, theta), beta = shiftIn(layer, theta);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const mean = meanOf(layer, column), s = inverseOf(layer, column);
    const g = gamma ? v128.load(gamma + column) : f32x4.splat(1), b = beta ? v128.load(beta + column) : f32x4.splat(0);
    for (let i = 0, at = column; i < n; i++, at += rowBytes) {
      storeLanes(y + at, madd(g, f32x4.mul(f32x4.sub(v128.load(z + at), mean), s), b), left);
    }
  }
}

/** dz, and dγ, dβ where there is a dθ, for what stands in `field`. */
export function frozenNormBackward(layer: usize, rows: i32, theta: usize, dTheta: usize, field: Field): void {
  const size = channelsOf(layer), n = pixelsOf(layer, rows), rowBytes = <usize>size * F32;
  const z = word(before(layer), Field.Value), dy = word(layer, field), dz = word(before(layer), field);
  const gamma = scaleIn(layer, theta), dGamma = scaleIn(layer, dTheta), dBeta = shiftIn(layer, dTheta);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const mean = meanOf(layer, column), s = inverseOf(layer, column);
    if (dGamma) addLanes(dGamma + column, normalizedDot(dy + column, z + column, mean, s, n, rowBytes), left);
    if (dBeta) addLanes(dBeta + column, columnSum(dy + column, n, rowBytes), left);
    if (!dz) continue;
    const slope = gamma ? f32x4.mul(s, v128.load(gamma + column)) : s;
    for (let i = 0, at = column; i < n; i++, at += rowBytes) storeLanes(dz + at, f32x4.mul(slope, v128.load(dy + at)), left);
  }
}

/** ry. */
export function frozenNormForwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize): void {
  const size = channelsOf(layer), n = pixelsOf(layer, rows), rowBytes = <usize>size * F32;
  const z = word(before(layer), Field.Value), rz = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  const gamma = scaleIn(layer, theta), rGamma = scaleIn(layer, rTheta), rBeta = shiftIn(layer, rTheta);
  const zero = f32x4.splat(0);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const mean = meanOf(layer, column), s = inverseOf(layer, column);
    const slope = gamma ? f32x4.mul(s, v128.load(gamma + column)) : s;
    const rg = rGamma ? v128.load(rGamma + column) : zero, rb = rBeta ? v128.load(rBeta + column) : zero;
    for (let i = 0, at = column; i < n; i++, at += rowBytes) {
      const own = madd(rg, f32x4.mul(f32x4.sub(v128.load(z + at), mean), s), rb);
      storeLanes(ry + at, rz ? madd(slope, v128.load(rz + at), own) : own, left);
    }
  }
}

/** rdz, and rdγ, rdβ. */
export function frozenNormBackwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize, rdTheta: usize): void {
  const size = channelsOf(layer), n = pixelsOf(layer, rows), rowBytes = <usize>size * F32;
  const z = word(before(layer), Field.Value), rz = word(before(layer), Field.Tangent);
  const dy = word(layer, Field.Gradient), rdy = word(layer, Field.GradientTangent), rdz = word(before(layer), Field.GradientTangent);
  const gamma = scaleIn(layer, theta), rGamma = scaleIn(layer, rTheta);
  const rdGamma = scaleIn(layer, rdTheta), rdBeta = shiftIn(layer, rdTheta);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const mean = meanOf(layer, column), s = inverseOf(layer, column);
    if (rdGamma) {
      let sum = normalizedDot(rdy + column, z + column, mean, s, n, rowBytes);
      if (rz) sum = f32x4.add(sum, normalizedDot(dy + column, rz + column, f32x4.splat(0), s, n, rowBytes));
      addLanes(rdGamma + column, sum, left);
    }
    if (rdBeta) addLanes(rdBeta + column, columnSum(rdy + column, n, rowBytes), left);
    if (!rdz) continue;
    const slope = gamma ? f32x4.mul(s, v128.load(gamma + column)) : s;
    const rSlope = rGamma ? f32x4.mul(s, v128.load(rGamma + column)) : f32x4.splat(0);
    for (let i = 0, at = column; i < n; i++, at += rowBytes) {
      storeLanes(rdz + at, madd(slope, v128.load(rdy + at), f32x4.mul(rSlope, v128.load(dy + at))), left);
    }
  }
}

/** Rows of one number a channel. */
// @ts-ignore: decorator
@inline
function pixelsOf(layer: usize, rows: i32): i32 {
  return rows * (sizeOf(layer) / channelsOf(layer));
}

/** μ. */
// @ts-ignore: decorator
@inline
function meanOf(layer: usize, column: usize): v128 {
  return v128.load(word(layer, Field.Constants) + column);
}

/** s. */
// @ts-ignore: decorator
@inline
function inverseOf(layer: usize, column: usize): v128 {
  const vectors = <usize>((channelsOf(layer) + LANES - 1) / LANES * LANES) * F32;
  return v128.load(word(layer, Field.Constants) + vectors + column);
}

/** Σ d·(z − mean)·s down four columns. */
function normalizedDot(d: usize, z: usize, mean: v128, s: v128, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, d += rowBytes, z += rowBytes) {
    sum = madd(v128.load(d), f32x4.mul(f32x4.sub(v128.load(z), mean), s), sum);
  }
  return sum;
}
