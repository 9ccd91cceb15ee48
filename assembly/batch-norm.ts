/**
 * Batch norm: a group is a column over the batch's rows, or a channel over rows and pixels, whose statistics are those of the first
 * `counted` rows. With n elements counted, sums over all, and [·] for what counts, normalization.ts reads
 *
 *     P(u)ᵢ = s·(uᵢ − [i]·(Σ u)/n − [i]·x̂ᵢ·(Σ u x̂)/n) in the backward passes,   s·(rzᵢ − mean rz − x̂ᵢ·mean(rz x̂)) for the tangent rx̂,
 *
 * means being of what counts. Four columns at a time, one a lane.
 */
import { Field } from "./abi";
import { addLanes, columnDot, columnRest, columnSquares, columnSum } from "./columns";
import { before, channelsOf, sizeOf, word } from "./layer";
import {
  epsilonOf, normalized, normalizedTangent, scaleIn, scales, scaleTangents, shiftIn,
} from "./normalization";
import { F32, LANES, storeLanes } from "./simd";

/** y ← γx̂ + β. */
export function batchNormForward(layer: usize, rows: i32, counted: i32, theta: usize): void {
  const size = channelsOf(layer), pixels = sizeOf(layer) / size, rowBytes = <usize>size * F32;
  const z = word(before(layer), Field.Value), y = word(layer, Field.Value);
  const xhat = normalized(layer), s = scales(layer, rows), gamma = scaleIn(layer, theta), beta = shiftIn(layer, theta);
  const n = rows * pixels, nCounted = counted * pixels, perRow = f32x4.splat(1 / <f32>nCounted);
  const epsilon = f32x4.splat(epsilonOf(layer)), one = f32x4.splat(1), zero = f32x4.splat(0);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const rough = f32x4.mul(columnSum(z + column, nCounted, rowBytes), perRow);
    const mean = f32x4.add(rough, f32x4.mul(columnRest(z + column, rough, nCounted, rowBytes), perRow));
    const variance = f32x4.mul(columnSquares(z + column, mean, nCounted, rowBytes), perRow);
    const scale = f32x4.div(one, f32x4.sqrt(f32x4.add(variance, epsilon)));
    storeLanes(s + column, scale, left);
    const g = gamma ? v128.load(gamma + column) : one, b = beta ? v128.load(beta + column) : zero;
    for (let i = 0, at = column; i < n; i++, at += rowBytes) {
      const x = f32x4.mul(f32x4.sub(v128.load(z + at), mean), scale);
      storeLanes(xhat + at, x, left);
      storeLanes(y + at, f32x4.add(f32x4.mul(g, x), b), left);
    }
  }
}

/** dz ← P(dy·γ), dγ += Σ dy·x̂, dβ += Σ dy; dy and dz are what stands in `field`.   dTheta = 0: dz only. */
export function batchNormBackward(
  layer: usize, rows: i32, counted: i32, theta: usize, dTheta: usize, field: Field,
): void {
  const size = channelsOf(layer), pixels = sizeOf(layer) / size, rowBytes = <usize>size * F32;
  const dy = word(layer, field), dz = word(before(layer), field);
  const xhat = normalized(layer), s = scales(layer, rows);
  const gamma = scaleIn(layer, theta), dGamma = scaleIn(layer, dTheta), dBeta = shiftIn(layer, dTheta);
  const n = rows * pixels, nCounted = counted * pixels, perRow = f32x4.splat(1 / <f32>nCounted);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const sum = columnSum(dy + column, n, rowBytes);
    const product = columnDot(dy + column, xhat + column, n, rowBytes);
    if (dGamma) addLanes(dGamma + column, product, left);
    if (dBeta) addLanes(dBeta + column, sum, left);
    if (!dz) continue;
    let scale = v128.load(s + column);
    if (gamma) scale = f32x4.mul(scale, v128.load(gamma + column));
    const mean = f32x4.mul(sum, perRow), slope = f32x4.mul(product, perRow);
    let at = column;
    for (let i = 0; i < nCounted; i++, at += rowBytes) {
      const rest = f32x4.sub(f32x4.sub(v128.load(dy + at), mean), f32x4.mul(v128.load(xhat + at), slope));
      storeLanes(dz + at, f32x4.mul(scale, rest), left);
    }
    for (let i = nCounted; i < n; i++, at += rowBytes) storeLanes(dz + at, f32x4.mul(scale, v128.load(dy + at)), left);
  }
}

/** rx̂ ← P(rz), ry ← γ·rx̂ + Rγ·x̂ + Rβ. */
export function batchNormForwardTangent(layer: usize, rows: i32, counted: i32, theta: usize, rTheta: usize): void {
  const size = channelsOf(layer), pixels = sizeOf(layer) / size, rowBytes = <usize>size * F32;
  const rz = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  const xhat = normalized(layer), rxhat = normalizedTangent(layer, rows);
  const s = scales(layer, rows), rs = scaleTangents(layer, rows, size);
  const gammas = scaleIn(layer, theta), rGammas = scaleIn(layer, rTheta), rBetas = shiftIn(layer, rTheta);
  const n = rows * pixels, nCounted = counted * pixels, perRow = f32x4.splat(1 / <f32>nCounted);
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const gamma = gammas ? v128.load(gammas + column) : one;
    const rGamma = rGammas ? v128.load(rGammas + column) : zero;
    const rBeta = rBetas ? v128.load(rBetas + column) : zero;
    const scale = v128.load(s + column);
    let mean = zero, slope = zero;
    if (rz) {
      mean = f32x4.mul(columnSum(rz + column, nCounted, rowBytes), perRow);
      slope = f32x4.mul(columnDot(rz + column, xhat + column, nCounted, rowBytes), perRow);
    }
    storeLanes(rs + column, f32x4.neg(f32x4.mul(scale, slope)), left);
    for (let i = 0, at = column; i < n; i++, at += rowBytes) {
      const x = v128.load(xhat + at);
      let rx = zero;
      if (rz) rx = f32x4.mul(scale, f32x4.sub(f32x4.sub(v128.load(rz + at), mean), f32x4.mul(x, slope)));
      storeLanes(rxhat + at, rx, left);
      storeLanes(ry + at, f32x4.add(f32x4.add(f32x4.mul(gamma, rx), f32x4.mul(rGamma, x)), rBeta), left);
    }
  }
}

/** rdz, rdγ and rdβ of normalization.ts. */
export function batchNormBackwardTangent(
  layer: usize, rows: i32, counted: i32, theta: usize, rTheta: usize, rdTheta: usize,
): void {
  const size = channelsOf(layer), pixels = sizeOf(layer) / size, rowBytes = <usize>size * F32;
  const dy = word(layer, Field.Gradient), rdy = word(layer, Field.GradientTangent);
  const dz = word(before(layer), Field.Gradient), rdz = word(before(layer), Field.GradientTangent);
  const xhat = normalized(layer), rxhat = normalizedTangent(layer, rows);
  const s = scales(layer, rows), rs = scaleTangents(layer, rows, size);
  const gammas = scaleIn(layer, theta), rGammas = scaleIn(layer, rTheta);
  const rdGammas = scaleIn(layer, rdTheta), rdBetas = shiftIn(layer, rdTheta);
  const n = rows * pixels, nCounted = counted * pixels, perRow = f32x4.splat(1 / <f32>nCounted);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const sumR = columnSum(rdy + column, n, rowBytes), dotR = columnDot(rdy + column, xhat + column, n, rowBytes);
    const dotX = columnDot(dy + column, rxhat + column, n, rowBytes);
    if (rdGammas) addLanes(rdGammas + column, f32x4.add(dotR, dotX), left);
    if (rdBetas) addLanes(rdBetas + column, sumR, left);
    if (!rdz) continue;
    const gamma = gammas ? v128.load(gammas + column) : f32x4.splat(1);
    const rGamma = rGammas ? v128.load(rGammas + column) : f32x4.splat(0);
    const dot = columnDot(dy + column, xhat + column, n, rowBytes), sum = columnSum(dy + column, n, rowBytes);
    // With γ the same for the whole group: mean ru, mean(u x̂) and mean(ru x̂ + u rx̂).
    const mean = f32x4.mul(f32x4.add(f32x4.mul(gamma, sumR), f32x4.mul(rGamma, sum)), perRow);
    const slope = f32x4.mul(f32x4.mul(gamma, dot), perRow);
    const rSlope = f32x4.mul(f32x4.add(f32x4.mul(gamma, f32x4.add(dotR, dotX)), f32x4.mul(rGamma, dot)), perRow);
    const scale = v128.load(s + column), rScale = v128.load(rs + column);
    for (let i = 0, at = column; i < n; i++, at += rowBytes) {
      let rest = f32x4.add(f32x4.mul(gamma, v128.load(rdy + at)), f32x4.mul(rGamma, v128.load(dy + at)));
      if (i < nCounted) {
        const bend = f32x4.add(f32x4.mul(v128.load(rxhat + at), slope), f32x4.mul(v128.load(xhat + at), rSlope));
        rest = f32x4.sub(f32x4.sub(rest, mean), bend);
      }
      let out = f32x4.mul(scale, rest);
      // dz is null where the input has no tangent either: then rs is zero.
      if (dz) out = f32x4.add(out, f32x4.mul(rScale, v128.load(dz + at)));
      storeLanes(rdz + at, out, left);
    }
  }
}
