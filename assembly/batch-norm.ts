/** Batch norm: a group is a column over the batch's rows. Formulas in normalization.ts. Four columns at a time, one a lane. */
import { Field } from "./abi";
import { before, sizeOf, word } from "./layer";
import { EPSILON, normalized, normalizedTangent, scales, scaleTangents } from "./normalization";
import { F32, LANES, storeLanes } from "./simd";

/** y ← γx̂ + β. */
export function batchNormForward(layer: usize, rows: i32, theta: usize): void {
  const size = sizeOf(layer), rowBytes = <usize>size * F32;
  const z = word(before(layer), Field.Value), y = word(layer, Field.Value);
  const xhat = normalized(layer), s = scales(layer, rows);
  const gamma = theta + word(layer, Field.Parameters), beta = gamma + rowBytes;
  const perRow = f32x4.splat(1 / <f32>rows);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const rough = f32x4.mul(columnSum(z + column, rows, rowBytes), perRow);
    const mean = f32x4.add(rough, f32x4.mul(columnRest(z + column, rough, rows, rowBytes), perRow));
    const variance = f32x4.mul(columnSquares(z + column, mean, rows, rowBytes), perRow);
    const scale = f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(EPSILON))));
    storeLanes(s + column, scale, left);
    const g = v128.load(gamma + column), b = v128.load(beta + column);
    for (let i = 0, at = column; i < rows; i++, at += rowBytes) {
      const x = f32x4.mul(f32x4.sub(v128.load(z + at), mean), scale);
      storeLanes(xhat + at, x, left);
      storeLanes(y + at, f32x4.add(f32x4.mul(g, x), b), left);
    }
  }
}

/** dz ← P(dy·γ), dγ += Σ dy·x̂, dβ += Σ dy; dy and dz are what stands in `field`.   dTheta = 0: dz only. */
export function batchNormBackward(layer: usize, rows: i32, theta: usize, dTheta: usize, field: Field): void {
  const size = sizeOf(layer), rowBytes = <usize>size * F32, at = word(layer, Field.Parameters);
  const dy = word(layer, field), dz = word(before(layer), field);
  const xhat = normalized(layer), s = scales(layer, rows);
  const perRow = f32x4.splat(1 / <f32>rows);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const sum = columnSum(dy + column, rows, rowBytes);
    const product = columnDot(dy + column, xhat + column, rows, rowBytes);
    if (dTheta) {
      addLanes(dTheta + at + column, product, left);
      addLanes(dTheta + at + rowBytes + column, sum, left);
    }
    if (!dz) continue;
    const scale = f32x4.mul(v128.load(s + column), v128.load(theta + at + column));
    const mean = f32x4.mul(sum, perRow), slope = f32x4.mul(product, perRow);
    for (let i = 0, at = column; i < rows; i++, at += rowBytes) {
      const rest = f32x4.sub(f32x4.sub(v128.load(dy + at), mean), f32x4.mul(v128.load(xhat + at), slope));
      storeLanes(dz + at, f32x4.mul(scale, rest), left);
    }
  }
}

/** rx̂ ← P(rz), ry ← γ·rx̂ + Rγ·x̂ + Rβ. */
export function batchNormForwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize): void {
  const size = sizeOf(layer), rowBytes = <usize>size * F32, parameters = word(layer, Field.Parameters);
  const rz = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  const xhat = normalized(layer), rxhat = normalizedTangent(layer, rows);
  const s = scales(layer, rows), rs = scaleTangents(layer, rows, size);
  const perRow = f32x4.splat(1 / <f32>rows);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const gamma = v128.load(theta + parameters + column);
    const rGamma = v128.load(rTheta + parameters + column), rBeta = v128.load(rTheta + parameters + rowBytes + column);
    const scale = v128.load(s + column);
    let mean = f32x4.splat(0), slope = mean;
    if (rz) {
      mean = f32x4.mul(columnSum(rz + column, rows, rowBytes), perRow);
      slope = f32x4.mul(columnDot(rz + column, xhat + column, rows, rowBytes), perRow);
    }
    storeLanes(rs + column, f32x4.neg(f32x4.mul(scale, slope)), left);
    for (let i = 0, at = column; i < rows; i++, at += rowBytes) {
      const x = v128.load(xhat + at);
      let rx = f32x4.splat(0);
      if (rz) rx = f32x4.mul(scale, f32x4.sub(f32x4.sub(v128.load(rz + at), mean), f32x4.mul(x, slope)));
      storeLanes(rxhat + at, rx, left);
      storeLanes(ry + at, f32x4.add(f32x4.add(f32x4.mul(gamma, rx), f32x4.mul(rGamma, x)), rBeta), left);
    }
  }
}

/** rdz, rdγ and rdβ of normalization.ts. */
export function batchNormBackwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize, rdTheta: usize): void {
  const size = sizeOf(layer), rowBytes = <usize>size * F32, parameters = word(layer, Field.Parameters);
  const dy = word(layer, Field.Gradient), rdy = word(layer, Field.GradientTangent);
  const dz = word(before(layer), Field.Gradient), rdz = word(before(layer), Field.GradientTangent);
  const xhat = normalized(layer), rxhat = normalizedTangent(layer, rows);
  const s = scales(layer, rows), rs = scaleTangents(layer, rows, size);
  const perRow = f32x4.splat(1 / <f32>rows);
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32, left = size - j;
    const sumR = columnSum(rdy + column, rows, rowBytes), dotR = columnDot(rdy + column, xhat + column, rows, rowBytes);
    const dotX = columnDot(dy + column, rxhat + column, rows, rowBytes);
    addLanes(rdTheta + parameters + column, f32x4.add(dotR, dotX), left);
    addLanes(rdTheta + parameters + rowBytes + column, sumR, left);
    if (!rdz) continue;
    const gamma = v128.load(theta + parameters + column), rGamma = v128.load(rTheta + parameters + column);
    const dot = columnDot(dy + column, xhat + column, rows, rowBytes), sum = columnSum(dy + column, rows, rowBytes);
    // With γ the same for the whole group: mean ru, mean(u x̂) and mean(ru x̂ + u rx̂).
    const mean = f32x4.mul(f32x4.add(f32x4.mul(gamma, sumR), f32x4.mul(rGamma, sum)), perRow);
    const slope = f32x4.mul(f32x4.mul(gamma, dot), perRow);
    const rSlope = f32x4.mul(f32x4.add(f32x4.mul(gamma, f32x4.add(dotR, dotX)), f32x4.mul(rGamma, dot)), perRow);
    const scale = v128.load(s + column), rScale = v128.load(rs + column);
    for (let i = 0, at = column; i < rows; i++, at += rowBytes) {
      const ru = f32x4.add(f32x4.mul(gamma, v128.load(rdy + at)), f32x4.mul(rGamma, v128.load(dy + at)));
      const bend = f32x4.add(f32x4.mul(v128.load(rxhat + at), slope), f32x4.mul(v128.load(xhat + at), rSlope));
      const rest = f32x4.sub(f32x4.sub(ru, mean), bend);
      let out = f32x4.mul(scale, rest);
      // dz is null where the input has no tangent either: then rs is zero.
      if (dz) out = f32x4.add(out, f32x4.mul(rScale, v128.load(dz + at)));
      storeLanes(rdz + at, out, left);
    }
  }
}

/** Σ x down four columns. */
function columnSum(x: usize, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, x += rowBytes) sum = f32x4.add(sum, v128.load(x));
  return sum;
}

/** Σ (x − mean) down four columns: times 1/rows, what rounding left out of a mean. */
function columnRest(x: usize, mean: v128, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, x += rowBytes) sum = f32x4.add(sum, f32x4.sub(v128.load(x), mean));
  return sum;
}

/** Σ (x − mean)² down four columns. */
function columnSquares(x: usize, mean: v128, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, x += rowBytes) {
    const centered = f32x4.sub(v128.load(x), mean);
    sum = f32x4.add(sum, f32x4.mul(centered, centered));
  }
  return sum;
}

/** Σ x·y down four columns. */
function columnDot(x: usize, y: usize, rows: i32, rowBytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++, x += rowBytes, y += rowBytes) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(x), v128.load(y)));
  }
  return sum;
}

/** The first lanes at `to` += v. */
function addLanes(to: usize, v: v128, count: i32): void {
  storeLanes(to, f32x4.add(v128.load(to), v), count);
}
