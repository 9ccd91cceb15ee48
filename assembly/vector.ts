/** Vector operations on runs of f32 of any length n ≥ 0. None writes behind the n-th
 * element; most read up to 12 bytes behind it. */
import { F32, LANES, loadLanes, madd, storeLanes } from "./simd";

/** x ← value. */
export function fill(n: i32, value: f32, x: usize): void {
  assert(n >= 0, "fill: expected a length of at least 0");
  const v = f32x4.splat(value);
  let i = 0;
  // Four vectors a turn, here and below: three times as fast as one with its tail check.
  for (; i + 16 <= n; i += 16) {
    const to = x + <usize>i * F32;
    v128.store(to, v);
    v128.store(to, v, 16);
    v128.store(to, v, 32);
    v128.store(to, v, 48);
  }
  for (; i < n; i += LANES) storeLanes(x + <usize>i * F32, v, n - i);
}

/** y ← x. The runs may overlap. */
export function copy(n: i32, x: usize, y: usize): void {
  assert(n >= 0, "copy: expected a length of at least 0");
  memory.copy(y, x, <usize>n * F32);
}

/** y ← αx. */
export function multiple(n: i32, alpha: f32, x: usize, y: usize): void {
  assert(n >= 0, "multiple: expected a length of at least 0");
  const a = f32x4.splat(alpha);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const from = x + <usize>i * F32, to = y + <usize>i * F32;
    v128.store(to, f32x4.mul(a, v128.load(from)));
    v128.store(to, f32x4.mul(a, v128.load(from, 16)), 16);
    v128.store(to, f32x4.mul(a, v128.load(from, 32)), 32);
    v128.store(to, f32x4.mul(a, v128.load(from, 48)), 48);
  }
  for (; i < n; i += LANES) {
    const at = <usize>i * F32;
    storeLanes(y + at, f32x4.mul(a, v128.load(x + at)), n - i);
  }
}

/** y ← αx + y. */
export function axpy(n: i32, alpha: f32, x: usize, y: usize): void {
  combine(n, alpha, x, y, y);
}

/** z ← αx + y. */
export function combine(n: i32, alpha: f32, x: usize, y: usize, z: usize): void {
  assert(n >= 0, "combine: expected a length of at least 0");
  const a = f32x4.splat(alpha);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const at = <usize>i * F32, xi = x + at, yi = y + at, zi = z + at;
    v128.store(zi, madd(a, v128.load(xi), v128.load(yi)));
    v128.store(zi, madd(a, v128.load(xi, 16), v128.load(yi, 16)), 16);
    v128.store(zi, madd(a, v128.load(xi, 32), v128.load(yi, 32)), 32);
    v128.store(zi, madd(a, v128.load(xi, 48), v128.load(yi, 48)), 48);
  }
  for (; i < n; i += LANES) {
    const at = <usize>i * F32;
    storeLanes(z + at, madd(a, v128.load(x + at), v128.load(y + at)), n - i);
  }
}

/** z ← αx ⊙ y + w. */
export function hadamard(n: i32, alpha: f32, x: usize, y: usize, w: usize, z: usize): void {
  assert(n >= 0, "hadamard: expected a length of at least 0");
  const a = f32x4.splat(alpha);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const at = <usize>i * F32, xi = x + at, yi = y + at, wi = w + at, zi = z + at;
    v128.store(zi, madd(f32x4.mul(a, v128.load(xi)), v128.load(yi), v128.load(wi)));
    v128.store(zi, madd(f32x4.mul(a, v128.load(xi, 16)), v128.load(yi, 16), v128.load(wi, 16)), 16);
  }
  for (; i < n; i += LANES) {
    const at = <usize>i * F32;
    storeLanes(z + at, madd(f32x4.mul(a, v128.load(x + at)), v128.load(y + at), v128.load(w + at)), n - i);
  }
}

/** z ← αx ⊙ y. */
export function product(n: i32, alpha: f32, x: usize, y: usize, z: usize): void {
  assert(n >= 0, "product: expected a length of at least 0");
  const a = f32x4.splat(alpha);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const at = <usize>i * F32, xi = x + at, yi = y + at, zi = z + at;
    v128.store(zi, f32x4.mul(f32x4.mul(a, v128.load(xi)), v128.load(yi)));
    v128.store(zi, f32x4.mul(f32x4.mul(a, v128.load(xi, 16)), v128.load(yi, 16)), 16);
  }
  for (; i < n; i += LANES) {
    const at = <usize>i * F32;
    storeLanes(z + at, f32x4.mul(f32x4.mul(a, v128.load(x + at)), v128.load(y + at)), n - i);
  }
}

/** z ← αx / y, elementwise. */
export function quotient(n: i32, alpha: f32, x: usize, y: usize, z: usize): void {
  assert(n >= 0, "quotient: expected a length of at least 0");
  const a = f32x4.splat(alpha);
  for (let i = 0; i < n; i += LANES) {
    const at = <usize>i * F32;
    storeLanes(z + at, f32x4.div(f32x4.mul(a, v128.load(x + at)), v128.load(y + at)), n - i);
  }
}

/** y ← √(αx + β), elementwise. */
export function root(n: i32, alpha: f32, x: usize, beta: f32, y: usize): void {
  assert(n >= 0, "root: expected a length of at least 0");
  const a = f32x4.splat(alpha), b = f32x4.splat(beta);
  for (let i = 0; i < n; i += LANES) {
    const at = <usize>i * F32;
    storeLanes(y + at, f32x4.sqrt(madd(a, v128.load(x + at), b)), n - i);
  }
}

/** y ← x + β, elementwise. */
export function offset(n: i32, x: usize, beta: f32, y: usize): void {
  assert(n >= 0, "offset: expected a length of at least 0");
  const b = f32x4.splat(beta);
  for (let i = 0; i < n; i += LANES) {
    const at = <usize>i * F32;
    storeLanes(y + at, f32x4.add(v128.load(x + at), b), n - i);
  }
}

/** x·y, summed in f64 (on purpose: it is compared with thresholds and divided by, and costs little beside a gradient). */
export function dot(n: i32, x: usize, y: usize): f64 {
  assert(n >= 0, "dot: expected a length of at least 0");
  let a = f64x2.splat(0), b = a, c = a, d = a, i = 0;
  // Four sums, for their additions not to wait for each other: twice as fast as two.
  for (; i + 8 <= n; i += 8) {
    const at = <usize>i * F32;
    const x0 = v128.load(x + at), y0 = v128.load(y + at), x1 = v128.load(x + at, 16), y1 = v128.load(y + at, 16);
    a = f64x2.add(a, f64x2.mul(f64x2.promote_low_f32x4(x0), f64x2.promote_low_f32x4(y0)));
    b = f64x2.add(b, f64x2.mul(highHalf(x0), highHalf(y0)));
    c = f64x2.add(c, f64x2.mul(f64x2.promote_low_f32x4(x1), f64x2.promote_low_f32x4(y1)));
    d = f64x2.add(d, f64x2.mul(highHalf(x1), highHalf(y1)));
  }
  for (; i < n; i += LANES) {
    const at = <usize>i * F32;
    const xi = loadLanes(x + at, n - i), yi = loadLanes(y + at, n - i);
    a = f64x2.add(a, f64x2.mul(f64x2.promote_low_f32x4(xi), f64x2.promote_low_f32x4(yi)));
    b = f64x2.add(b, f64x2.mul(highHalf(xi), highHalf(yi)));
  }
  return sumOfFour(a, b, c, d);
}

/** Σ x, in f64, as dot. */
export function sum(n: i32, x: usize): f64 {
  assert(n >= 0, "sum: expected a length of at least 0");
  let a = f64x2.splat(0), b = a, c = a, d = a, i = 0;
  for (; i + 8 <= n; i += 8) {
    const at = <usize>i * F32, x0 = v128.load(x + at), x1 = v128.load(x + at, 16);
    a = f64x2.add(a, f64x2.promote_low_f32x4(x0));
    b = f64x2.add(b, highHalf(x0));
    c = f64x2.add(c, f64x2.promote_low_f32x4(x1));
    d = f64x2.add(d, highHalf(x1));
  }
  for (; i < n; i += LANES) {
    const xi = loadLanes(x + <usize>i * F32, n - i);
    a = f64x2.add(a, f64x2.promote_low_f32x4(xi));
    b = f64x2.add(b, highHalf(xi));
  }
  return sumOfFour(a, b, c, d);
}

/** The third and fourth lane, as f64. */
// @ts-ignore: decorator
@inline
function highHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
}

// @ts-ignore: decorator
@inline
function sumOfFour(a: v128, b: v128, c: v128, d: v128): f64 {
  const all = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
}

/** y += Σ x over rows.   x: rows×size, y: size. */
export function addColumnSums(rows: i32, size: i32, x: usize, y: usize): void {
  addColumns(rows, size, size, x, y);
}

/** y += Σ x over rows.   x: rows×size, its rows `stride` elements apart; y: size. */
export function addColumns(rows: i32, size: i32, stride: i32, x: usize, y: usize): void {
  const rowBytes = <usize>stride * F32;
  let j = 0;
  for (; j + 16 <= size; j += 16) {
    const at = <usize>j * F32, to = y + at;
    let a = f32x4.splat(0), b = a, c = a, d = a, from = x + at;
    for (let i = 0; i < rows; i++, from += rowBytes) {
      a = f32x4.add(a, v128.load(from));
      b = f32x4.add(b, v128.load(from, 16));
      c = f32x4.add(c, v128.load(from, 32));
      d = f32x4.add(d, v128.load(from, 48));
    }
    v128.store(to, f32x4.add(v128.load(to), a));
    v128.store(to, f32x4.add(v128.load(to, 16), b), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), c), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), d), 48);
  }
  for (; j < size; j += LANES) {
    const at = <usize>j * F32;
    let sum = f32x4.splat(0), from = x + at;
    for (let i = 0; i < rows; i++, from += rowBytes) sum = f32x4.add(sum, v128.load(from));
    storeLanes(y + at, f32x4.add(v128.load(y + at), sum), size - j);
  }
}
