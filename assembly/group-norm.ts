/**
 * Group norm: a group is a row over its pixels and, of its channels, c/G that stand together; layer norm is one group, G = 1. Formulas in
 * normalization.ts. (Wu & He 2018, arXiv:1803.08494.)
 *
 * A group lies in memory as `pixels` runs of `width` = c/G elements, `stride` bytes apart; s and rs/s: one a row and group, row by row.
 */
import { Field } from "./abi";
import { addLanes, columnDot } from "./columns";
import { before, channelsOf, sizeOf, word } from "./layer";
import {
  epsilonOf, normalized, normalizedTangent, scaleIn, scales, scaleTangents, shiftIn,
} from "./normalization";
import { F32, LANES, storeLanes, sumLanes } from "./simd";
import { addColumnSums } from "./vector";

/** Groups of a row. */
// @ts-ignore: decorator
@inline
export function groupsOf(layer: usize): i32 {
  return <i32>word(layer, Field.Groups);
}

/** y ← γx̂ + β. */
export function groupNormForward(layer: usize, rows: i32, theta: usize): void {
  const channels = channelsOf(layer), pixels = sizeOf(layer) / channels, groups = groupsOf(layer), width = channels / groups;
  const rowBytes = <usize>sizeOf(layer) * F32, stride = <usize>channels * F32, groupBytes = <usize>width * F32;
  const z = word(before(layer), Field.Value), y = word(layer, Field.Value), xhat = normalized(layer);
  const gamma = scaleIn(layer, theta), beta = shiftIn(layer, theta), epsilon = epsilonOf(layer);
  let s = scales(layer, rows);
  for (let i = 0; i < rows; i++) {
    for (let g = 0; g < groups; g++, s += F32) {
      const first = <usize>g * groupBytes, at = <usize>i * rowBytes + first;
      const g0 = part(gamma, first), b0 = part(beta, first);
      store<f32>(s, forwardGroup(pixels, width, stride, epsilon, g0, b0, z + at, xhat + at, y + at));
    }
  }
}

/** x̂ ← (z − μ)·s and y ← γx̂ + β for one group; returns s. */
function forwardGroup(
  pixels: i32, width: i32, stride: usize, epsilon: f32, gamma: usize, beta: usize, z: usize, xhat: usize, y: usize,
): f32 {
  const perElement: f32 = 1 / <f32>(pixels * width);
  const rough = sumBeyond(pixels, width, stride, z, 0) * perElement;
  const mean = rough + sumBeyond(pixels, width, stride, z, rough) * perElement;
  const scale: f32 = 1 / Mathf.sqrt(squares(pixels, width, stride, z, mean) * perElement + epsilon);
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < width; j += LANES) {
      const channel = <usize>j * F32, at = <usize>i * stride + channel, left = width - j;
      const x = f32x4.mul(f32x4.sub(v128.load(z + at), f32x4.splat(mean)), f32x4.splat(scale));
      storeLanes(xhat + at, x, left);
      const scaled = times(x, gamma, channel);
      storeLanes(y + at, beta ? f32x4.add(scaled, v128.load(beta + channel)) : scaled, left);
    }
  }
  return scale;
}

/** dz ← P(dy·γ), dγ += Σ dy·x̂, dβ += Σ dy; dy and dz are what stands in `field`.   dTheta = 0: dz only. */
export function groupNormBackward(layer: usize, rows: i32, theta: usize, dTheta: usize, field: Field): void {
  const channels = channelsOf(layer), pixels = sizeOf(layer) / channels, groups = groupsOf(layer), width = channels / groups;
  const rowBytes = <usize>sizeOf(layer) * F32, stride = <usize>channels * F32, groupBytes = <usize>width * F32;
  const dy = word(layer, field), dz = word(before(layer), field), xhat = normalized(layer);
  const gamma = scaleIn(layer, theta), dGamma = scaleIn(layer, dTheta), dBeta = shiftIn(layer, dTheta);
  let s = scales(layer, rows);
  for (let i = 0; i < rows; i++) {
    const row = <usize>i * rowBytes;
    if (dGamma) addColumnProducts(pixels, channels, dy + row, xhat + row, dGamma);
    if (dBeta) addColumnSums(pixels, channels, dy + row, dBeta);
    if (!dz) continue;
    for (let g = 0; g < groups; g++, s += F32) {
      const first = <usize>g * groupBytes, at = row + first;
      backwardGroup(pixels, width, stride, load<f32>(s), part(gamma, first), dy + at, xhat + at, dz + at);
    }
  }
}

/** dz ← s·(u − mean u − x̂·mean(u x̂)), u = dy·γ, for one group. */
function backwardGroup(
  pixels: i32, width: i32, stride: usize, scale: f32, gamma: usize, dy: usize, xhat: usize, dz: usize,
): void {
  const perElement: f32 = 1 / <f32>(pixels * width);
  let sum = f32x4.splat(0), dot = sum;
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < width; j += LANES) {
      const channel = <usize>j * F32, at = <usize>i * stride + channel, lanes = firstLanes(width - j);
      const u = times(v128.load(dy + at), gamma, channel);
      sum = f32x4.add(sum, v128.and(u, lanes));
      dot = f32x4.add(dot, v128.and(f32x4.mul(u, v128.load(xhat + at)), lanes));
    }
  }
  const mean = f32x4.splat(sumLanes(sum) * perElement), slope = f32x4.splat(sumLanes(dot) * perElement);
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < width; j += LANES) {
      const channel = <usize>j * F32, at = <usize>i * stride + channel;
      const u = times(v128.load(dy + at), gamma, channel);
      const rest = f32x4.sub(f32x4.sub(u, mean), f32x4.mul(v128.load(xhat + at), slope));
      storeLanes(dz + at, f32x4.mul(f32x4.splat(scale), rest), width - j);
    }
  }
}

/** rx̂ ← P(rz), ry ← γ·rx̂ + Rγ·x̂ + Rβ. */
export function groupNormForwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize): void {
  const channels = channelsOf(layer), pixels = sizeOf(layer) / channels, groups = groupsOf(layer), width = channels / groups;
  const rowBytes = <usize>sizeOf(layer) * F32, stride = <usize>channels * F32, groupBytes = <usize>width * F32;
  const rz = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  const xhat = normalized(layer), rxhat = normalizedTangent(layer, rows);
  const gamma = scaleIn(layer, theta), rGamma = scaleIn(layer, rTheta), rBeta = shiftIn(layer, rTheta);
  let s = scales(layer, rows), rs = scaleTangents(layer, rows, rows * groups);
  for (let i = 0; i < rows; i++) {
    for (let g = 0; g < groups; g++, s += F32, rs += F32) {
      const first = <usize>g * groupBytes, at = <usize>i * rowBytes + first;
      store<f32>(rs, forwardTangentGroup(
        pixels, width, stride, load<f32>(s), part(gamma, first), part(rGamma, first), part(rBeta, first),
        part(rz, at), xhat + at, rxhat + at, ry + at,
      ));
    }
  }
}

/** rx̂ ← s·(rz − mean rz − x̂·mean(rz x̂)), zero for rz = 0, and ry ← γ·rx̂ + Rγ·x̂ + Rβ for one group; returns rs/s. */
function forwardTangentGroup(
  pixels: i32, width: i32, stride: usize, scale: f32, gamma: usize, rGamma: usize, rBeta: usize,
  rz: usize, xhat: usize, rxhat: usize, ry: usize,
): f32 {
  const perElement: f32 = 1 / <f32>(pixels * width);
  let sum = f32x4.splat(0), dot = sum;
  for (let i = 0; rz && i < pixels; i++) {
    for (let j = 0; j < width; j += LANES) {
      const at = <usize>i * stride + <usize>j * F32, lanes = firstLanes(width - j);
      const r = v128.load(rz + at);
      sum = f32x4.add(sum, v128.and(r, lanes));
      dot = f32x4.add(dot, v128.and(f32x4.mul(r, v128.load(xhat + at)), lanes));
    }
  }
  const mean = f32x4.splat(sumLanes(sum) * perElement), slope: f32 = sumLanes(dot) * perElement;
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < width; j += LANES) {
      const channel = <usize>j * F32, at = <usize>i * stride + channel, left = width - j;
      const x = v128.load(xhat + at);
      let rx = f32x4.splat(0);
      if (rz) {
        const rest = f32x4.sub(f32x4.sub(v128.load(rz + at), mean), f32x4.mul(x, f32x4.splat(slope)));
        rx = f32x4.mul(f32x4.splat(scale), rest);
      }
      storeLanes(rxhat + at, rx, left);
      let out = times(rx, gamma, channel);
      if (rGamma) out = f32x4.add(out, times(x, rGamma, channel));
      if (rBeta) out = f32x4.add(out, v128.load(rBeta + channel));
      storeLanes(ry + at, out, left);
    }
  }
  return -scale * slope;
}

/** rdz, rdγ and rdβ of normalization.ts. */
export function groupNormBackwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize, rdTheta: usize): void {
  const channels = channelsOf(layer), pixels = sizeOf(layer) / channels, groups = groupsOf(layer), width = channels / groups;
  const rowBytes = <usize>sizeOf(layer) * F32, stride = <usize>channels * F32, groupBytes = <usize>width * F32;
  const dy = word(layer, Field.Gradient), rdy = word(layer, Field.GradientTangent);
  const dz = word(before(layer), Field.Gradient), rdz = word(before(layer), Field.GradientTangent);
  const xhat = normalized(layer), rxhat = normalizedTangent(layer, rows);
  const gamma = scaleIn(layer, theta), rGamma = scaleIn(layer, rTheta);
  const rdGamma = scaleIn(layer, rdTheta), rdBeta = shiftIn(layer, rdTheta);
  let s = scales(layer, rows), rs = scaleTangents(layer, rows, rows * groups);
  for (let i = 0; i < rows; i++) {
    const row = <usize>i * rowBytes;
    if (rdGamma) {
      addColumnProducts(pixels, channels, rdy + row, xhat + row, rdGamma);
      addColumnProducts(pixels, channels, dy + row, rxhat + row, rdGamma);
    }
    if (rdBeta) addColumnSums(pixels, channels, rdy + row, rdBeta);
    if (!rdz) continue;
    for (let g = 0; g < groups; g++, s += F32, rs += F32) {
      const first = <usize>g * groupBytes, at = row + first;
      backwardTangentGroup(
        pixels, width, stride, load<f32>(s), load<f32>(rs), part(gamma, first), part(rGamma, first),
        dy + at, rdy + at, xhat + at, rxhat + at, part(dz, at), rdz + at,
      );
    }
  }
}

/** rdz of normalization.ts for one group. */
function backwardTangentGroup(
  pixels: i32, width: i32, stride: usize, scale: f32, rScale: f32, gamma: usize, rGamma: usize,
  dy: usize, rdy: usize, xhat: usize, rxhat: usize, dz: usize, rdz: usize,
): void {
  const perElement: f32 = 1 / <f32>(pixels * width);
  let sumA = f32x4.splat(0), sumB = sumA, dot = sumA, dotA = sumA, dotB = sumA, dotC = sumA;
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < width; j += LANES) {
      const channel = <usize>j * F32, at = <usize>i * stride + channel, lanes = firstLanes(width - j);
      const d = v128.load(dy + at), x = v128.load(xhat + at);
      const a = times(v128.load(rdy + at), gamma, channel), u = times(d, gamma, channel);
      sumA = f32x4.add(sumA, v128.and(a, lanes));
      dotA = f32x4.add(dotA, v128.and(f32x4.mul(a, x), lanes));
      dot = f32x4.add(dot, v128.and(f32x4.mul(u, x), lanes));
      dotC = f32x4.add(dotC, v128.and(f32x4.mul(u, v128.load(rxhat + at)), lanes));
      if (!rGamma) continue;
      const b = times(d, rGamma, channel);
      sumB = f32x4.add(sumB, v128.and(b, lanes));
      dotB = f32x4.add(dotB, v128.and(f32x4.mul(b, x), lanes));
    }
  }
  const mean = f32x4.splat((sumLanes(sumA) + sumLanes(sumB)) * perElement);
  const slope = f32x4.splat(sumLanes(dot) * perElement);
  const rSlope = f32x4.splat((sumLanes(dotA) + sumLanes(dotB) + sumLanes(dotC)) * perElement);
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < width; j += LANES) {
      const channel = <usize>j * F32, at = <usize>i * stride + channel;
      let ru = times(v128.load(rdy + at), gamma, channel);
      if (rGamma) ru = f32x4.add(ru, times(v128.load(dy + at), rGamma, channel));
      const bend = f32x4.add(f32x4.mul(v128.load(rxhat + at), slope), f32x4.mul(v128.load(xhat + at), rSlope));
      let out = f32x4.mul(f32x4.splat(scale), f32x4.sub(f32x4.sub(ru, mean), bend));
      // dz is null where the input has no tangent either: then rs is zero.
      if (dz) out = f32x4.add(out, f32x4.mul(f32x4.splat(rScale), v128.load(dz + at)));
      storeLanes(rdz + at, out, width - j);
    }
  }
}

/** Where a part of a run begins; null where there is no run. */
// @ts-ignore: decorator
@inline
function part(run: usize, bytes: usize): usize {
  return run ? run + bytes : 0;
}

/** v·γ from that channel on; v where there is no γ. */
// @ts-ignore: decorator
@inline
function times(v: v128, gamma: usize, channel: usize): v128 {
  return gamma ? f32x4.mul(v, v128.load(gamma + channel)) : v;
}

/** All bits of the first `count` lanes: what else a vector holds is of another group, or of nobody. */
// @ts-ignore: decorator
@inline
function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** Σ (x − base) over a group, pixel by pixel: thousands of numbers in one sum would cost a digit. */
function sumBeyond(pixels: i32, width: i32, stride: usize, x: usize, base: f32): f32 {
  const b = f32x4.splat(base);
  let sum = f32x4.splat(0);
  for (let i = 0; i < pixels; i++, x += stride) {
    let run = f32x4.splat(0), j = 0;
    for (; j + LANES <= width; j += LANES) run = f32x4.add(run, f32x4.sub(v128.load(x + <usize>j * F32), b));
    if (j < width) run = f32x4.add(run, v128.and(f32x4.sub(v128.load(x + <usize>j * F32), b), firstLanes(width - j)));
    sum = f32x4.add(sum, run);
  }
  return sumLanes(sum);
}

/** Σ (x − mean)² over a group, likewise. */
function squares(pixels: i32, width: i32, stride: usize, x: usize, mean: f32): f32 {
  const m = f32x4.splat(mean);
  let sum = f32x4.splat(0);
  for (let i = 0; i < pixels; i++, x += stride) {
    let run = f32x4.splat(0), j = 0;
    for (; j + LANES <= width; j += LANES) run = f32x4.add(run, square(f32x4.sub(v128.load(x + <usize>j * F32), m)));
    if (j < width) {
      run = f32x4.add(run, v128.and(square(f32x4.sub(v128.load(x + <usize>j * F32), m)), firstLanes(width - j)));
    }
    sum = f32x4.add(sum, run);
  }
  return sumLanes(sum);
}

/** to += Σ x·y down the columns.   x, y: rows×size; to: size. */
function addColumnProducts(rows: i32, size: i32, x: usize, y: usize, to: usize): void {
  const rowBytes = <usize>size * F32;
  for (let j = 0; j < size; j += LANES) {
    const column = <usize>j * F32;
    addLanes(to + column, columnDot(x + column, y + column, rows, rowBytes), size - j);
  }
}

// @ts-ignore: decorator
@inline
function square(x: v128): v128 {
  return f32x4.mul(x, x);
}
