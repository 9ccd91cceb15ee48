/** Layer norm: a group is a row over its elements. Formulas in normalization.ts. */
import { Field } from "./abi";
import { before, sizeOf, word } from "./layer";
import { epsilonOf, normalized, normalizedTangent, scales, scaleTangents } from "./normalization";
import { F32, LANES, loadLanes, storeLanes, sumLanes } from "./simd";

/** y ← γx̂ + β. */
export function layerNormForward(layer: usize, rows: i32, theta: usize): void {
  const size = sizeOf(layer), rowBytes = <usize>size * F32, perElement: f32 = 1 / <f32>size;
  const gamma = theta + word(layer, Field.Parameters), beta = gamma + rowBytes;
  let z = word(before(layer), Field.Value), y = word(layer, Field.Value), xhat = normalized(layer), s = scales(layer, rows);
  for (let i = 0; i < rows; i++, z += rowBytes, y += rowBytes, xhat += rowBytes, s += F32) {
    const rough = f32x4.splat(rowSum(z, size) * perElement);
    const mean = f32x4.add(rough, f32x4.splat(rowRest(z, rough, size) * perElement));
    const scale: f32 = 1 / Mathf.sqrt(rowSquares(z, mean, size) * perElement + epsilonOf(layer));
    store<f32>(s, scale);
    for (let j = 0; j < size; j += LANES) {
      const at = <usize>j * F32, left = size - j;
      const x = f32x4.mul(f32x4.sub(v128.load(z + at), mean), f32x4.splat(scale));
      storeLanes(xhat + at, x, left);
      storeLanes(y + at, f32x4.add(f32x4.mul(v128.load(gamma + at), x), v128.load(beta + at)), left);
    }
  }
}

/** dz ← P(dy·γ), dγ += Σ dy·x̂, dβ += Σ dy; dy and dz are what stands in `field`.   dTheta = 0: dz only. */
export function layerNormBackward(layer: usize, rows: i32, theta: usize, dTheta: usize, field: Field): void {
  const size = sizeOf(layer), rowBytes = <usize>size * F32, at = word(layer, Field.Parameters);
  let dy = word(layer, field), dz = word(before(layer), field);
  let xhat = normalized(layer), s = scales(layer, rows);
  for (let i = 0; i < rows; i++, dy += rowBytes, xhat += rowBytes, s += F32) {
    if (dTheta) {
      addProduct(dTheta + at, dy, xhat, size);
      addRow(dTheta + at + rowBytes, dy, size);
    }
    if (dz) {
      backwardRow(size, load<f32>(s), theta + at, dy, xhat, dz);
      dz += rowBytes;
    }
  }
}

/** dz ← s·(u − mean u − x̂·mean(u x̂)), u = dy·γ, for one row. */
function backwardRow(size: i32, scale: f32, gamma: usize, dy: usize, xhat: usize, dz: usize): void {
  const perElement: f32 = 1 / <f32>size;
  const mean = f32x4.splat(rowDot(dy, gamma, size) * perElement);
  const slope = f32x4.splat(rowDot3(dy, gamma, xhat, size) * perElement);
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32;
    const u = f32x4.mul(v128.load(dy + at), v128.load(gamma + at));
    const rest = f32x4.sub(f32x4.sub(u, mean), f32x4.mul(v128.load(xhat + at), slope));
    storeLanes(dz + at, f32x4.mul(f32x4.splat(scale), rest), size - j);
  }
}

/** rx̂ ← P(rz), ry ← γ·rx̂ + Rγ·x̂ + Rβ. */
export function layerNormForwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize): void {
  const size = sizeOf(layer), rowBytes = <usize>size * F32, perElement: f32 = 1 / <f32>size;
  const gamma = theta + word(layer, Field.Parameters), rGamma = rTheta + word(layer, Field.Parameters);
  const rBeta = rGamma + rowBytes;
  let rz = word(before(layer), Field.Tangent), ry = word(layer, Field.Tangent);
  let xhat = normalized(layer), rxhat = normalizedTangent(layer, rows);
  let s = scales(layer, rows), rs = scaleTangents(layer, rows, rows);
  for (let i = 0; i < rows; i++, ry += rowBytes, xhat += rowBytes, rxhat += rowBytes, s += F32, rs += F32) {
    const scale = load<f32>(s);
    const mean = rz ? rowSum(rz, size) * perElement : 0;
    const slope = rz ? rowDot(rz, xhat, size) * perElement : 0;
    store<f32>(rs, -scale * slope);
    for (let j = 0; j < size; j += LANES) {
      const at = <usize>j * F32, left = size - j;
      const x = v128.load(xhat + at);
      let rx = f32x4.splat(0);
      if (rz) {
        const rest = f32x4.sub(f32x4.sub(v128.load(rz + at), f32x4.splat(mean)), f32x4.mul(x, f32x4.splat(slope)));
        rx = f32x4.mul(f32x4.splat(scale), rest);
      }
      storeLanes(rxhat + at, rx, left);
      const scaled = f32x4.add(f32x4.mul(v128.load(gamma + at), rx), f32x4.mul(v128.load(rGamma + at), x));
      storeLanes(ry + at, f32x4.add(scaled, v128.load(rBeta + at)), left);
    }
    if (rz) rz += rowBytes;
  }
}

/** rdz, rdγ and rdβ of normalization.ts. */
export function layerNormBackwardTangent(layer: usize, rows: i32, theta: usize, rTheta: usize, rdTheta: usize): void {
  const size = sizeOf(layer), rowBytes = <usize>size * F32, parameters = word(layer, Field.Parameters);
  let dy = word(layer, Field.Gradient), rdy = word(layer, Field.GradientTangent);
  let dz = word(before(layer), Field.Gradient), rdz = word(before(layer), Field.GradientTangent);
  let xhat = normalized(layer), rxhat = normalizedTangent(layer, rows);
  let s = scales(layer, rows), rs = scaleTangents(layer, rows, rows);
  for (let i = 0; i < rows; i++, dy += rowBytes, rdy += rowBytes, xhat += rowBytes, rxhat += rowBytes, s += F32, rs += F32) {
    addProduct(rdTheta + parameters, rdy, xhat, size);
    addProduct(rdTheta + parameters, dy, rxhat, size);
    addRow(rdTheta + parameters + rowBytes, rdy, size);
    if (!rdz) continue;
    const gamma = theta + parameters, rGamma = rTheta + parameters;
    backwardTangentRow(size, load<f32>(s), load<f32>(rs), gamma, rGamma, dy, rdy, xhat, rxhat, dz, rdz);
    if (dz) dz += rowBytes;
    rdz += rowBytes;
  }
}

function backwardTangentRow(
  size: i32, scale: f32, rScale: f32, gamma: usize, rGamma: usize,
  dy: usize, rdy: usize, xhat: usize, rxhat: usize, dz: usize, rdz: usize,
): void {
  const perElement: f32 = 1 / <f32>size;
  const mean = f32x4.splat((rowDot(rdy, gamma, size) + rowDot(dy, rGamma, size)) * perElement);
  const slope = f32x4.splat(rowDot3(dy, gamma, xhat, size) * perElement);
  const sum: f32 = rowDot3(rdy, gamma, xhat, size) + rowDot3(dy, rGamma, xhat, size) + rowDot3(dy, gamma, rxhat, size);
  const rSlope = f32x4.splat(sum * perElement);
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32;
    const ru = f32x4.add(
      f32x4.mul(v128.load(rdy + at), v128.load(gamma + at)),
      f32x4.mul(v128.load(dy + at), v128.load(rGamma + at)),
    );
    const bend = f32x4.add(f32x4.mul(v128.load(rxhat + at), slope), f32x4.mul(v128.load(xhat + at), rSlope));
    let out = f32x4.mul(f32x4.splat(scale), f32x4.sub(f32x4.sub(ru, mean), bend));
    // dz is null where the input has no tangent either: then rs is zero.
    if (dz) out = f32x4.add(out, f32x4.mul(f32x4.splat(rScale), v128.load(dz + at)));
    storeLanes(rdz + at, out, size - j);
  }
}

/** Σ x along a row. */
function rowSum(x: usize, size: i32): f32 {
  let sum = f32x4.splat(0);
  for (let j = 0; j < size; j += LANES) sum = f32x4.add(sum, loadLanes(x + <usize>j * F32, size - j));
  return sumLanes(sum);
}

/** Σ (x − mean) along a row: times 1/size, what rounding left out of a mean. */
function rowRest(x: usize, mean: v128, size: i32): f32 {
  let sum = f32x4.splat(0);
  for (let j = 0; j < size; j += LANES) {
    const left = size - j, at = x + <usize>j * F32;
    sum = f32x4.add(sum, f32x4.sub(loadLanes(at, left), left >= LANES ? mean : firstLanes(mean, left)));
  }
  return sumLanes(sum);
}

/** Σ (x − mean)² along a row. */
function rowSquares(x: usize, mean: v128, size: i32): f32 {
  let sum = f32x4.splat(0);
  for (let j = 0; j < size; j += LANES) {
    const left = size - j;
    // Behind the row's end `mean` stands in for x: those lanes add zero.
    const at = x + <usize>j * F32;
    const centered = f32x4.sub(loadLanes(at, left), left >= LANES ? mean : firstLanes(mean, left));
    sum = f32x4.add(sum, f32x4.mul(centered, centered));
  }
  return sumLanes(sum);
}

/** The first one to three lanes of v; the others zero. */
function firstLanes(v: v128, count: i32): v128 {
  const lane = i32x4(0, 1, 2, 3);
  return v128.and(v, i32x4.lt_s(lane, i32x4.splat(count)));
}

/** Σ x·y along a row. */
function rowDot(x: usize, y: usize, size: i32): f32 {
  let sum = f32x4.splat(0);
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32, left = size - j;
    sum = f32x4.add(sum, f32x4.mul(loadLanes(x + at, left), loadLanes(y + at, left)));
  }
  return sumLanes(sum);
}

/** Σ x·y·z along a row. */
function rowDot3(x: usize, y: usize, z: usize, size: i32): f32 {
  let sum = f32x4.splat(0);
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32, left = size - j;
    const xy = f32x4.mul(loadLanes(x + at, left), loadLanes(y + at, left));
    sum = f32x4.add(sum, f32x4.mul(xy, loadLanes(z + at, left)));
  }
  return sumLanes(sum);
}

/** to += x ⊙ y along a row. */
function addProduct(to: usize, x: usize, y: usize, size: i32): void {
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32;
    const product = f32x4.mul(v128.load(x + at), v128.load(y + at));
    storeLanes(to + at, f32x4.add(v128.load(to + at), product), size - j);
  }
}

/** to += x along a row. */
function addRow(to: usize, x: usize, size: i32): void {
  for (let j = 0; j < size; j += LANES) {
    const at = <usize>j * F32;
    storeLanes(to + at, f32x4.add(v128.load(to + at), v128.load(x + at)), size - j);
  }
}
