/**
 * The outer-product form of GEMM: rows of B contiguous. The tile, for 4 rows and 8 columns:
 *
 *                      b0 b1        one row of B: 8 floats in two vectors
 *     a0 (splat)       c00 c01
 *     a1               c10 c11      k times: cij ← ai·bj + cij
 *     a2               c20 c21
 *     a3               c30 c31      8 accumulators, 2 of B, 1 splat: 11 of x86's 16 registers
 *
 * Five rows (13 registers) run at half the speed on V8 11.3, which spills them.
 */
import { F32, madd, storeLanes } from "./simd";

/** Elements of a B that is read from the first-level cache (16 KiB) for each row of tiles. */
// @ts-ignore: decorator
@inline const SMALL_B: i32 = 4096;

/** C ← αAB + βD with contiguous rows of B, C and D. Other preconditions as gemmFrom's. */
export function gemmOuter(
  m: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  while (m > 0) {
    const rows = tileRows(m);
    const tiles = rows == 4 ? m >> 2 : 1;
    if (!isDefined(SMALL) && rows == 4 && rsA == 1) rows4Packed(tiles, n, k, alpha, a, csA, b, rsB, beta, d, rsD, c, rsC);
    else if (rows == 4) rows4(tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
    else if (!isDefined(SMALL) && rows == 3) rows3(tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
    else if (!isDefined(SMALL) && rows == 2) rows2(tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
    else rows1(tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
    const done = tiles * rows;
    m -= done;
    a += <usize>(done * rsA) * F32;
    d += <usize>(done * rsD) * F32;
    c += <usize>(done * rsC) * F32;
  }
}

/**
 * Rows of the next tiles: fours; of five, a three and a two rather than a four and a lone one. In a core that has to be small, fours and ones:
 * the same bits, for an element's sum does not depend on its tile.
 */
function tileRows(m: i32): i32 {
  if (isDefined(SMALL)) return m >= 4 ? 4 : 1;
  return m == 5 ? 3 : min(m, 4);
}

// A function a height: in one body, V8 runs out of registers and spills (half the speed).

/** Four rows of a transposed A, whose elements stand side by side: one pointer instead of four. */
function rows4Packed(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, csA: i32, b: usize, rsB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  block(4, true, tiles, n, k, alpha, a, 1, csA, b, rsB, beta, d, rsD, c, rsC);
}

function rows4(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  block(4, false, tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
}

function rows3(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  block(3, false, tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
}

function rows2(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  block(2, false, tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
}

function rows1(
  tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  block(1, false, tiles, n, k, alpha, a, rsA, csA, b, rsB, beta, d, rsD, c, rsC);
}

/** `tiles` tiles of `rows` rows: all columns by eights, what is left by fours. */
// @ts-ignore: decorator
@inline
function block(
  rows: i32, packed: bool, tiles: i32, n: i32, k: i32,
  alpha: f32, a: usize, rsA: i32, csA: i32, b: usize, rsB: i32,
  beta: f32, d: usize, rsD: i32, c: usize, rsC: i32,
): void {
  const rowA = <usize>rsA * F32, rowC = <usize>rsC * F32, rowD = <usize>rsD * F32;
  const stepA = <usize>csA * F32, stepB = <usize>rsB * F32;
  const panels = n >> 3;
  sweep(rows, packed, 2, 4, tiles, panels, k, alpha, a, rowA, stepA, b, stepB, beta, d, rowD, c, rowC);
  for (let j = 8 * panels; j < n; j += 4) {
    const at = <usize>j * F32, last = n - j;
    sweep(rows, packed, 1, last, tiles, 1, k, alpha, a, rowA, stepA, b + at, stepB, beta, d + at, rowD, c + at, rowC);
  }
}

/**
 * A grid of tiles. The outer loop goes over what stays longest: B's columns where B is large, so that a panel of k×8 stays in the
 * first-level cache; C's rows where B fits there whole.
 */
// @ts-ignore: decorator
@inline
function sweep(
  rows: i32, packed: bool, vectors: i32, last: i32, tiles: i32, panels: i32, k: i32,
  alpha: f32, a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize,
  beta: f32, d: usize, rowD: usize, c: usize, rowC: usize,
): void {
  const across = 8 * k * panels <= SMALL_B;
  const inner = across ? panels : tiles, outer = across ? tiles : panels;
  const wide: usize = 8 * F32, tall = <usize>rows, none: usize = 0;
  const innerA = across ? none : tall * rowA, innerB = across ? wide : none;
  const innerD = across ? wide : tall * rowD, innerC = across ? wide : tall * rowC;
  const adds = alpha == 1 && beta == 1, scales = !adds && !(alpha == 1 && beta == 0);
  for (let o = 0; o < outer; o++) {
    let ai = a, bj = b, dij = d, cij = c;
    for (let i = inner; i > 0; i--) {
      tile(rows, packed, vectors, last, k, adds, scales, alpha, ai, rowA, stepA, bj, stepB, beta, dij, rowD, cij, rowC);
      ai += innerA;
      bj += innerB;
      dij += innerD;
      cij += innerC;
    }
    a += tall * rowA - innerA;
    b += wide - innerB;
    d += across ? tall * rowD : wide;
    c += across ? tall * rowC : wide;
  }
}

/**
 * One tile: `rows` and `vectors` are constants where this is inlined, and what they switch off vanishes. `last` is the number of
 * columns (1…4, or more) in the last vector. With α = β = 1 the accumulators start from D, which spares a pass over the tile.
 */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, packed: bool, vectors: i32, last: i32, k: i32, adds: bool, scales: bool,
  alpha: f32, a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize,
  beta: f32, d: usize, rowD: usize, c: usize, rowC: usize,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
  const d1 = d + rowD, d2 = d + 2 * rowD, d3 = d + 3 * rowD;
  if (adds) {
    c00 = v128.load(d);
    if (vectors > 1) c01 = v128.load(d, 16);
    if (rows > 1) c10 = v128.load(d1);
    if (rows > 1 && vectors > 1) c11 = v128.load(d1, 16);
    if (rows > 2) c20 = v128.load(d2);
    if (rows > 2 && vectors > 1) c21 = v128.load(d2, 16);
    if (rows > 3) c30 = v128.load(d3);
    if (rows > 3 && vectors > 1) c31 = v128.load(d3, 16);
  }
  let a0 = a, a1 = a + rowA, a2 = a + 2 * rowA, a3 = a + 3 * rowA;
  for (let p = k; p > 0; p--) {
    const b0 = v128.load(b);
    const b1 = vectors > 1 ? v128.load(b, 16) : b0;
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00);
    if (vectors > 1) c01 = madd(x, b1, c01);
    if (rows > 1) {
      x = packed ? v128.load32_splat(a0, 4) : v128.load32_splat(a1);
      c10 = madd(x, b0, c10);
      if (vectors > 1) c11 = madd(x, b1, c11);
    }
    if (rows > 2) {
      x = packed ? v128.load32_splat(a0, 8) : v128.load32_splat(a2);
      c20 = madd(x, b0, c20);
      if (vectors > 1) c21 = madd(x, b1, c21);
    }
    if (rows > 3) {
      x = packed ? v128.load32_splat(a0, 12) : v128.load32_splat(a3);
      c30 = madd(x, b0, c30);
      if (vectors > 1) c31 = madd(x, b1, c31);
    }
    b += stepB;
    a0 += stepA;
    if (!packed) {
      a1 += stepA;
      a2 += stepA;
      a3 += stepA;
    }
  }
  if (scales) {
    c00 = combine(alpha, c00, beta, d);
    if (vectors > 1) c01 = combine(alpha, c01, beta, d + 16);
    if (rows > 1) c10 = combine(alpha, c10, beta, d1);
    if (rows > 1 && vectors > 1) c11 = combine(alpha, c11, beta, d1 + 16);
    if (rows > 2) c20 = combine(alpha, c20, beta, d2);
    if (rows > 2 && vectors > 1) c21 = combine(alpha, c21, beta, d2 + 16);
    if (rows > 3) c30 = combine(alpha, c30, beta, d3);
    if (rows > 3 && vectors > 1) c31 = combine(alpha, c31, beta, d3 + 16);
  }
  storeRow(vectors, last, c00, c01, c);
  if (rows > 1) storeRow(vectors, last, c10, c11, c + rowC);
  if (rows > 2) storeRow(vectors, last, c20, c21, c + 2 * rowC);
  if (rows > 3) storeRow(vectors, last, c30, c31, c + 3 * rowC);
}

/** α·sum + βD. */
// @ts-ignore: decorator
@inline
function combine(alpha: f32, sum: v128, beta: f32, d: usize): v128 {
  const product = f32x4.mul(f32x4.splat(alpha), sum);
  return beta == 0 ? product : f32x4.add(product, f32x4.mul(f32x4.splat(beta), v128.load(d)));
}

// @ts-ignore: decorator
@inline
function storeRow(vectors: i32, last: i32, c0: v128, c1: v128, c: usize): void {
  if (vectors > 1) {
    v128.store(c, c0);
    storeLanes(c + 16, c1, last);
  } else storeLanes(c, c0, last);
}
