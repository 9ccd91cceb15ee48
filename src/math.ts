/**
 * sin, cos, log and exp of f64 from + − × / alone, which IEEE 754 rounds alike everywhere.
 * `Math.sin` and its kin may differ in the last bit between engines, and one such bit changes
 * everything that is drawn after it.
 *
 * Each function: reduce the argument to a short interval, sum the Taylor series there until the
 * first dropped term is below 0.05 ulp, undo the reduction. Errors are largest values seen against
 * 300-bit arithmetic (test/math.test.ts); 0.5 ulp would be exact rounding.
 */

/**
 * π/2 = PI_2_A + PI_2_B + PI_2_C, the first two of 33 bits, so that k·PI_2_A is exact for
 * |k| ≤ 2²⁰.
 */
const PI_2_A = 1.5707963267341256;
const PI_2_B = 6.077100506303966e-11;
const PI_2_C = 2.0222662487959506e-21;
/** ln 2 = LN2_A + LN2_B, the first of 32 bits, so that k·LN2_A is exact for |k| ≤ 2²¹. */
const LN2_A = 0.6931471803691238;
const LN2_B = 1.9082149292705877e-10;

/** The largest |x| that sin and cos take: 2²⁰. */
export const MAX_ANGLE = 0x100000;

/**
 * The eight bytes of one f64, to read and write its exponent. Big-endian, whatever the machine is.
 */
const bytes = new DataView(new ArrayBuffer(8));

/**
 * What reduceAngle gives beside its result. In an array, for a module variable would allocate at
 * every write.
 */
const reduced = new Float64Array(2);

/**
 * x = k·π/2 + reduced[0] + reduced[1], |reduced[0]| ≤ π/4, the second below half an ulp of it;
 * returns k mod 4.
 */
function reduceAngle(x: number): number {
  const k = Math.floor(x * (2 / Math.PI) + 0.5);
  const first = x - k * PI_2_A; // exact: the two agree to a factor of 2, or k = 0
  const b = k * PI_2_B;
  const second = first - b;
  const kept = first - second;
  const error = first - (second + kept) + (kept - b); // what `second` rounded away: Knuth's two-sum
  const rest = k * PI_2_C - error;
  const angle = second - rest;
  reduced[0] = angle;
  reduced[1] = second - angle - rest;
  return k & 3;
}

/**
 * sin(x + t) for |x| ≤ π/4 and a tail t below half an ulp of x: x + t·cos x + x³·(−1/3! + x²/5! − …
 * + x¹⁴/17!). Even and odd terms are summed apart, here and below: two short chains of multiply and
 * add run side by side.
 */
function sinSeries(x: number, t: number): number {
  const z = x * x;
  const w = z * z;
  const even = ((-1 / 1307674368000) * w - 1 / 39916800) * w - 1 / 5040;
  const odd = ((1 / 355687428096000) * w + 1 / 6227020800) * w + 1 / 362880;
  const p = -1 / 6 + z * (1 / 120 + z * (even + z * odd));
  return x + (x * z * p + t * (1 - 0.5 * z));
}

/**
 * cos(x + t): 1 − x²/2 + x⁴·(1/4! − x²/6! + … + x¹²/16!) − t·x, where what 1 − x²/2 rounds away is
 * added back.
 */
function cosSeries(x: number, t: number): number {
  const z = x * x;
  const w = z * z;
  const even = ((-1 / 87178291200) * w - 1 / 3628800) * w - 1 / 720;
  const odd = ((1 / 20922789888000) * w + 1 / 479001600) * w + 1 / 40320;
  const p = 1 / 24 + z * (even + z * odd);
  const half = 0.5 * z;
  const top = 1 - half;
  return top + (1 - top - half + (w * p - t * x));
}

/** sin x, error below 0.8 ulp for |x| ≤ 2²⁰. NaN beyond (also for ±Infinity and NaN). */
export function sin(x: number): number {
  if (!(x <= MAX_ANGLE && x >= -MAX_ANGLE)) return NaN;
  if (x === 0) return x; // keeps the sign of −0
  const quadrant = reduceAngle(x);
  const angle = reduced[0];
  const tail = reduced[1];
  const value = quadrant & 1 ? cosSeries(angle, tail) : sinSeries(angle, tail);
  return quadrant & 2 ? -value : value;
}

/** cos x, error below 0.8 ulp for |x| ≤ 2²⁰. NaN beyond (also for ±Infinity and NaN). */
export function cos(x: number): number {
  if (!(x <= MAX_ANGLE && x >= -MAX_ANGLE)) return NaN;
  const quadrant = reduceAngle(x);
  const angle = reduced[0];
  const tail = reduced[1];
  const value = quadrant & 1 ? sinSeries(angle, tail) : cosSeries(angle, tail);
  return quadrant === 1 || quadrant === 2 ? -value : value;
}

/**
 * ln x, error below 1 ulp for every x > 0, subnormal ones too; log(0) = −Infinity, NaN for x < 0.
 *
 *     x = 2ᵏ·(1 + f),  √½ ≤ 1 + f < √2,  s = f / (2 + f),  ln(1 + f) = 2 artanh s = f − s·(f − r),
 *     r = 2s²/3 + 2s⁴/5 + 2s⁶/7 + …
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // 2⁵⁴ makes a subnormal number normal
    k = -54;
  }
  bytes.setFloat64(0, x);
  const high = bytes.getUint32(0);
  const above = (high & 0xfffff) >= 0x6a09e ? 1 : 0; // the fraction is √2 − 1 or more: halve it
  k += (high >>> 20) - 1023 + above;
  bytes.setUint32(0, (high & 0xfffff) | ((1023 - above) << 20));
  const f = bytes.getFloat64(0) - 1;
  const s = f / (2 + f);
  const r = artanhSeries(s * s);
  return k * LN2_A + (f - (s * (f - r) - k * LN2_B));
}

/** 2z/3 + 2z²/5 + … + 2z¹¹/23 for 0 ≤ z ≤ 0.0295. */
function artanhSeries(z: number): number {
  const w = z * z;
  let even = 2 / 23;
  even = even * w + 2 / 19;
  even = even * w + 2 / 15;
  even = even * w + 2 / 11;
  even = even * w + 2 / 7;
  even = even * w + 2 / 3;
  let odd = 2 / 21;
  odd = odd * w + 2 / 17;
  odd = odd * w + 2 / 13;
  odd = odd * w + 2 / 9;
  odd = odd * w + 2 / 5;
  return z * even + w * odd;
}

/**
 * eˣ, error below 1 ulp for every x (subnormal results: below 1.5 ulp); 0 and Infinity where it
 * leaves f64.
 *
 *     x = k·ln 2 + r,  |r| ≤ ln 2 / 2,  eˣ = 2ᵏ·(1 + r + r²/2! + … + r¹³/13!)
 */
export function exp(x: number): number {
  if (!(x < 710)) return x * Infinity; // Infinity, or NaN for NaN
  if (x < -746) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_A;
  const low = k * LN2_B;
  const r = high - low;
  const tail = high - r - low;
  const w = r * r;
  let even = 1 / 479001600;
  even = even * w + 1 / 3628800;
  even = even * w + 1 / 40320;
  even = even * w + 1 / 720;
  even = even * w + 1 / 24;
  even = even * w + 0.5;
  let odd = 1 / 6227020800;
  odd = odd * w + 1 / 39916800;
  odd = odd * w + 1 / 362880;
  odd = odd * w + 1 / 5040;
  odd = odd * w + 1 / 120;
  odd = odd * w + 1 / 6;
  const value = 1 + (r + (w * (even + r * odd) + tail));
  if (k > 1023) return value * 2 * powerOf2(k - 1);
  return k < -1021 ? value * powerOf2(k + 54) * 5.551115123125783e-17 : value * powerOf2(k);
}

/** 2ᵏ for −1022 ≤ k ≤ 1023. */
function powerOf2(k: number): number {
  bytes.setUint32(0, (k + 1023) << 20);
  bytes.setUint32(4, 0);
  return bytes.getFloat64(0);
}

/** baseⁿ by repeated squaring: the same bits everywhere, as `Math.pow` need not be. */
export function power(base: number, n: number): number {
  let [result, square] = [1, base];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
