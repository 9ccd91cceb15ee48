/**
 * The dot-product form of GEMM: rows of A and columns of B contiguous. The tile, for 2 rows and 4 columns:
 *
 *              b0  b1  b2  b3       four columns of B, four k of each in a vector
 *     a0       c00 c01 c02 c03      k/4 times: cij ← ai ⊙ bj + cij
 *     a1       c10 c11 c12 c13      then each cij is summed across its lanes
 *
 * 8 accumulators, 2 of A, 1 of B: 11 of x86's 16 registers. Three rows (16 registers) run at half the speed on V8 11.3, which
 * spills them.
 */
import { F32, loadLanes, madd } from "./simd";

/** C ← αAB + βD with contiguous rows of A, C and D, and contiguous columns of B. Reads nothing outside A and B. */
export function gemmDot(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, b: usize, csB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  // A core that has to be small takes one row at a time: the same bits.
  const pairs = isDefined(SMALL) ? 0 : m >> 1;
  if (!isDefined(SMALL)) twoRows(pairs, n, k, alpha, a, rsA, b, csB, beta, d, rsD, c, rsC);
  for (let done = 2 * pairs; done < m; done++) {
    const to = c + <usize>(done * rsC) * F32;
    oneRow(n, k, alpha, a + <usize>(done * rsA) * F32, b, csB, beta, d + <usize>(done * rsD) * F32, to);
  }
}

function twoRows(
  pairs: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, b: usize, csB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  block(2, pairs, n, k, alpha, a, rsA, b, csB, beta, d, rsD, c, rsC);
}

function oneRow(n: i32, k: i32, alpha: f32, a: usize, b: usize, csB: i32, beta: f32, d: usize, c: usize): void {
  block(1, 1, n, k, alpha, a, 0, b, csB, beta, d, 0, c, 0);
}

/** `tiles` tiles of `rows` rows, all columns. */
// @ts-ignore: decorator
@inline
function block(
  rows: i32, tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, b: usize, csB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  const rowA = <usize>rsA * F32, rowC = <usize>rsC * F32, rowD = <usize>rsD * F32, columnB = <usize>csB * F32;
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    let ai = a, di = d + <usize>j * F32, ci = c + <usize>j * F32;
    for (let i = 0; i < tiles; i++) {
      tile(rows, k, alpha, ai, rowA, b, columnB, beta, di, rowD, ci, rowC);
      ai += <usize>rows * rowA;
      di += <usize>rows * rowD;
      ci += <usize>rows * rowC;
    }
    b += 4 * columnB;
  }
  for (; j < n; j++) {
    let ai = a, di = d + <usize>j * F32, ci = c + <usize>j * F32;
    for (let i = 0; i < tiles; i++) {
      column(rows, k, alpha, ai, rowA, b, beta, di, rowD, ci, rowC);
      ai += <usize>rows * rowA;
      di += <usize>rows * rowD;
      ci += <usize>rows * rowC;
    }
    b += columnB;
  }
}

/** One tile of four columns; `rows` is a constant where this is inlined, and what it switches off vanishes. */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, k: i32,
  alpha: f32, a: usize, rowA: usize, b: usize, columnB: usize,
  beta: f32, d: usize, rowD: usize, c: usize, rowC: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let a0 = a, a1 = a + rowA;
  let b0 = b, b1 = b + columnB, b2 = b + 2 * columnB, b3 = b + 3 * columnB;
  for (let p = k >> 2; p > 0; p--) {
    const x0 = v128.load(a0), x1 = rows > 1 ? v128.load(a1) : x0;
    let y = v128.load(b0);
    c00 = madd(x0, y, c00);
    if (rows > 1) c10 = madd(x1, y, c10);
    y = v128.load(b1);
    c01 = madd(x0, y, c01);
    if (rows > 1) c11 = madd(x1, y, c11);
    y = v128.load(b2);
    c02 = madd(x0, y, c02);
    if (rows > 1) c12 = madd(x1, y, c12);
    y = v128.load(b3);
    c03 = madd(x0, y, c03);
    if (rows > 1) c13 = madd(x1, y, c13);
    a0 += 16;
    a1 += 16;
    b0 += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
  }
  const left = k & 3;
  if (left > 0) {
    const x0 = loadLanes(a0, left), x1 = rows > 1 ? loadLanes(a1, left) : x0;
    const y0 = loadLanes(b0, left), y1 = loadLanes(b1, left), y2 = loadLanes(b2, left), y3 = loadLanes(b3, left);
    c00 = madd(x0, y0, c00);
    c01 = madd(x0, y1, c01);
    c02 = madd(x0, y2, c02);
    c03 = madd(x0, y3, c03);
    if (rows > 1) {
      c10 = madd(x1, y0, c10);
      c11 = madd(x1, y1, c11);
      c12 = madd(x1, y2, c12);
      c13 = madd(x1, y3, c13);
    }
  }
  finish(alpha, c00, c01, c02, c03, beta, d, c);
  if (rows > 1) finish(alpha, c10, c11, c12, c13, beta, d + rowD, c + rowC);
}

/** One column behind the last full tile, in the tile's order of summation. */
// @ts-ignore: decorator
@inline
function column(
  rows: i32, k: i32, alpha: f32, a: usize, rowA: usize, b: usize,
  beta: f32, d: usize, rowD: usize, c: usize, rowC: usize,
): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0);
  let a0 = a, a1 = a + rowA;
  for (let p = k >> 2; p > 0; p--) {
    const y = v128.load(b);
    c0 = madd(v128.load(a0), y, c0);
    if (rows > 1) c1 = madd(v128.load(a1), y, c1);
    a0 += 16;
    a1 += 16;
    b += 16;
  }
  const left = k & 3;
  if (left > 0) {
    const y = loadLanes(b, left);
    c0 = madd(loadLanes(a0, left), y, c0);
    if (rows > 1) c1 = madd(loadLanes(a1, left), y, c1);
  }
  const sums = sumEach(c0, c1, c1, c1);
  finishOne(alpha, f32x4.extract_lane(sums, 0), beta, d, c);
  if (rows > 1) finishOne(alpha, f32x4.extract_lane(sums, 1), beta, d + rowD, c + rowC);
}

// @ts-ignore: decorator
@inline
function finishOne(alpha: f32, sum: f32, beta: f32, d: usize, c: usize): void {
  store<f32>(c, beta == 0 ? alpha * sum : alpha * sum + beta * load<f32>(d));
}

/** Writes four elements of a row: c ← α·[Σ c0, Σ c1, Σ c2, Σ c3] + βd. */
// @ts-ignore: decorator
@inline
function finish(alpha: f32, c0: v128, c1: v128, c2: v128, c3: v128, beta: f32, d: usize, c: usize): void {
  let out = f32x4.mul(f32x4.splat(alpha), sumEach(c0, c1, c2, c3));
  if (beta != 0) out = f32x4.add(out, f32x4.mul(f32x4.splat(beta), v128.load(d)));
  v128.store(c, out);
}

/** [Σ x, Σ y, Σ z, Σ w], each as (lane 0 + lane 2) + (lane 1 + lane 3). */
// @ts-ignore: decorator
@inline
function sumEach(x: v128, y: v128, z: v128, w: v128): v128 {
  const xy = f32x4.add(v128.shuffle<f32>(x, y, 0, 1, 4, 5), v128.shuffle<f32>(x, y, 2, 3, 6, 7));
  const zw = f32x4.add(v128.shuffle<f32>(z, w, 0, 1, 4, 5), v128.shuffle<f32>(z, w, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(xy, zw, 0, 2, 4, 6), v128.shuffle<f32>(xy, zw, 1, 3, 5, 7));
}
