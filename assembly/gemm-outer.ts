/**
 * The outer-product form of GEMM: rows of B contiguous. The tile, for 4 rows and 8 columns:
 *
 *                      b0 b1        one row of B: 8 floats in two vectors
 *     a0 (splat)       c00 c01
 *     a1               c10 c11      k times: cij ← ai·bj + cij
 *     a2               c20 c21
 *     a3               c30 c31      8 accumulators, 2 of B, 1 splat: 11 of x86's 16 registers
 *
 * Five rows (13 registers) run at half the speed of four on V8 11.3, which spills them.
 */
import { F32, madd, storeLanes } from "./simd";

/** Elements of a B that is read from the first-level cache (16 KiB of 32) for each row of tiles. */
// @ts-ignore: decorator
@inline const SMALL_B: i32 = 4096;

/** C ← αAB + βC with contiguous rows of B and C. Other preconditions as gemm's. */
export function gemmOuter(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, c: usize, rsC: i32,
): void {
  while (m > 0) {
    const rows = tileRows(m);
    const tiles = rows == 4 ? m >> 2 : 1;
    if (rows == 4) rows4(tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
    else if (rows == 3) rows3(tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
    else if (rows == 2) rows2(tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
    else rows1(tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
    const done = tiles * rows;
    m -= done;
    a += <usize>(done * rsA) * F32;
    c += <usize>(done * rsC) * F32;
  }
}

/** Rows of the next tiles: fours, and where one row would be left alone, a three and a two in place of a four and a one. */
function tileRows(m: i32): i32 {
  return m == 5 ? 3 : min(m, 4);
}

/**
 * `tiles` tiles of `rows` rows, all columns. The outer loop goes over what is left in memory longest: B's columns where B is large,
 * so that a panel of k×8 stays in the first-level cache; C's rows where B fits there whole (784×256 ← k = 5: 1.6 times as fast).
 * A function a height: in one body, V8 runs out of registers and spills (half the speed).
 */
// @ts-ignore: decorator
@inline
function block(
  rows: i32, tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, c: usize, rsC: i32,
): void {
  const rowA = <usize>rsA * F32, rowC = <usize>rsC * F32;
  const stepA = <usize>csA * F32, stepB = <usize>rsB * F32;
  const jInner = k * n <= SMALL_B;
  const panels = (n + 7) >> 3;
  const count = tiles * panels;
  let i = 0, j = 0;
  for (let t = 0; t < count; t++) {
    const columns = n - 8 * j;
    const ai = a + <usize>(i * rows) * rowA, bj = b + <usize>(8 * j) * F32;
    const cij = c + <usize>(i * rows) * rowC + <usize>(8 * j) * F32;
    if (columns > 4) tile(rows, 2, columns - 4, k, alpha, ai, rowA, stepA, bj, stepB, beta, cij, rowC);
    else tile(rows, 1, columns, k, alpha, ai, rowA, stepA, bj, stepB, beta, cij, rowC);
    if (jInner) {
      if (++j == panels) {
        j = 0;
        i++;
      }
    } else if (++i == tiles) {
      i = 0;
      j++;
    }
  }
}

function rows4(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, c: usize, rsC: i32,
): void {
  block(4, tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
}

function rows3(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, c: usize, rsC: i32,
): void {
  block(3, tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
}

function rows2(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, c: usize, rsC: i32,
): void {
  block(2, tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
}

function rows1(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, c: usize, rsC: i32,
): void {
  block(1, tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, c, rsC);
}

/**
 * One tile: `rows` and `vectors` are constants where this is inlined, and what they switch off vanishes. `last` is the number of
 * columns (1…4) in the last vector.
 */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, vectors: i32, last: i32, k: i32,
  alpha: f32, a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize,
  beta: f32, c: usize, rowC: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let a0 = a, a1 = a + rowA, a2 = a + 2 * rowA, a3 = a + 3 * rowA;
  for (let p = 0; p < k; p++) {
    const b0 = v128.load(b);
    const b1 = vectors > 1 ? v128.load(b, 16) : b0;
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00);
    if (vectors > 1) c01 = madd(x, b1, c01);
    if (rows > 1) {
      x = v128.load32_splat(a1);
      c10 = madd(x, b0, c10);
      if (vectors > 1) c11 = madd(x, b1, c11);
    }
    if (rows > 2) {
      x = v128.load32_splat(a2);
      c20 = madd(x, b0, c20);
      if (vectors > 1) c21 = madd(x, b1, c21);
    }
    if (rows > 3) {
      x = v128.load32_splat(a3);
      c30 = madd(x, b0, c30);
      if (vectors > 1) c31 = madd(x, b1, c31);
    }
    b += stepB;
    a0 += stepA;
    a1 += stepA;
    a2 += stepA;
    a3 += stepA;
  }
  finish(vectors, last, alpha, c00, c01, beta, c);
  if (rows > 1) finish(vectors, last, alpha, c10, c11, beta, c + rowC);
  if (rows > 2) finish(vectors, last, alpha, c20, c21, beta, c + 2 * rowC);
  if (rows > 3) finish(vectors, last, alpha, c30, c31, beta, c + 3 * rowC);
}

/** Writes one row of a tile: c ← α·sum + βc. */
// @ts-ignore: decorator
@inline
function finish(vectors: i32, last: i32, alpha: f32, sum0: v128, sum1: v128, beta: f32, c: usize): void {
  if (vectors > 1) {
    finishVector(4, alpha, sum0, beta, c);
    finishVector(last, alpha, sum1, beta, c + 16);
  } else finishVector(last, alpha, sum0, beta, c);
}

// @ts-ignore: decorator
@inline
function finishVector(lanes: i32, alpha: f32, sum: v128, beta: f32, c: usize): void {
  let out = alpha == 1 ? sum : f32x4.mul(f32x4.splat(alpha), sum);
  if (beta == 1) out = f32x4.add(out, v128.load(c));
  else if (beta != 0) out = madd(f32x4.splat(beta), v128.load(c), out);
  storeLanes(c, out, lanes);
}
