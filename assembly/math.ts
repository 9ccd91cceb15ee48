/**
 * Elementary functions on four lanes: no branches, no memory, no f64, only operations that IEEE 754
 * pins down, so that the strict build gives the same bits on every machine (a NaN's own bits
 * excepted). The polynomials are minimax fits, refitted after each coefficient is rounded to f32,
 * lowest first.
 *
 * Errors: the largest of 50 million f32 arguments (every 43rd bit pattern) against f64, strict
 * build, in ulp of the true value, and the mean; below 2⁻¹²⁶ an ulp is 2⁻¹⁴⁹. Costs: vector
 * instructions for four lanes in the strict build, constants not counted. The relaxed build has the
 * same bounds. NaN in, NaN out: pmin(x, c) and pmax(x, c) keep a NaN of x (in the other order they
 * would not).
 */
import { madd } from "./simd";

/** The same number in every lane. */
// @ts-ignore: decorator
@inline
export function all(x: f32): v128 {
  return f32x4.splat(x);
}

/** All lanes −0: the mask of the sign bit. */
// @ts-ignore: decorator
@inline
export function signBit(): v128 {
  return i32x4.splat(0x80000000);
}

// Adding 1.5·2²³ rounds to an integer n and leaves n in the low bits; a bias added with it
// (254, 191, 127) makes those bits an exponent field.
// @ts-ignore: decorator
@inline export const ROUND: f32 = 12582912.0;
// @ts-ignore: decorator
@inline const LOG2_E: f32 = 1.4426950408889634;
// ln 2 in two pieces: the first has 16 bits, so that n·LN2_HIGH is exact for |n| < 256.
// @ts-ignore: decorator
@inline const LN2_HIGH: f32 = 0.693145751953125;
// @ts-ignore: decorator
@inline const LN2_LOW: f32 = 1.428606765330187e-6;

/** eʳ for |r| ≤ ½ ln 2: 1 + (r + r²·q(r)), q of degree 4, relative error 3e-9 before rounding. */
// @ts-ignore: decorator
@inline
function expReduced(r: v128): v128 {
  let q = madd(all(0.0013820050517097116), r, all(0.00836868304759264));
  q = madd(q, r, all(0.04166827350854874));
  q = madd(q, r, all(0.1666652113199234));
  q = madd(q, r, all(0.4999999403953552));
  return f32x4.add(all(1.0), madd(f32x4.mul(r, r), q, r));
}

/** x − n·ln 2. */
// @ts-ignore: decorator
@inline
function reduceByLn2(x: v128, n: v128): v128 {
  return madd(n, all(-LN2_LOW), madd(n, all(-LN2_HIGH), x));
}

/**
 * eˣ = 2ⁿ·eʳ, n = round(x / ln 2). The whole range: overflow gives Infinity, underflow is gradual.
 * 2ⁿ is applied as two factors, 2^⌊·⌋ and 2^⌈·⌉ of n/2, since n runs from −150 to 128.
 * Error 0.98 ulp, mean 0.07. Cost 27.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, all(89.0)), all(-104.0));
  const shifted = madd(clamped, all(LOG2_E), all(ROUND + 254.0));
  const n = f32x4.sub(shifted, all(ROUND + 254.0));
  const p = expReduced(reduceByLn2(clamped, n));
  const exponents = i32x4.shl(shifted, 23);
  const half = v128.and(i32x4.shr_u(exponents, 1), i32x4.splat(0x7f800000));
  return f32x4.mul(f32x4.mul(p, half), i32x4.sub(exponents, half));
}

/**
 * eˣ for x ≤ 0 (or NaN), underflow gradual; error as exp. 2ⁿ⁺⁶⁴ and the constant 2⁻⁶⁴ do. Cost 23.
 */
// @ts-ignore: decorator
@inline
export function expOfNegative(x: v128): v128 {
  const clamped = f32x4.pmax(x, all(-104.0));
  const shifted = madd(clamped, all(LOG2_E), all(ROUND + 191.0));
  const n = f32x4.sub(shifted, all(ROUND + 191.0));
  const p = expReduced(reduceByLn2(clamped, n));
  return f32x4.mul(f32x4.mul(p, i32x4.shl(shifted, 23)), all(5.421010862427522e-20));
}

/**
 * ln x = e·ln 2 + ln(1 + f), x = 2ᵉ(1 + f), √½ ≤ 1 + f < √2; ln(1 + f) = f − f²/2 + f³·q(f), q of
 * degree 6. Denormals right; ±0 gives −Infinity, x < 0 NaN, Infinity Infinity.
 * Error 1.23 ulp, mean 0.25. Cost 38, of which 11 for denormals and special values.
 */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, all(1.1754943508222875e-38));
  const normal = v128.bitselect(f32x4.mul(x, all(33554432.0)), x, tiny);
  const bits = i32x4.sub(normal, i32x4.splat(0x3f3504f3));
  const shift = v128.and(tiny, all(25.0));
  const e = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), shift);
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  const f = f32x4.sub(m, all(1.0));
  const square = f32x4.mul(f, f);
  const small = madd(e, all(LN2_LOW), f32x4.mul(square, logTail(f, square)));
  const y = madd(e, all(LN2_HIGH), f32x4.add(small, f));
  // Not x < ∞: Infinity and NaN stand for themselves. Below zero: all bits set is a NaN.
  const finite = v128.bitselect(y, x, f32x4.lt(x, all(Infinity)));
  const nonZero = v128.bitselect(all(-Infinity), finite, f32x4.eq(x, all(0.0)));
  return v128.or(nonZero, f32x4.lt(x, all(0.0)));
}

/**
 * (ln(1 + f) − f)/f² = −½ + f·q(f), in even and odd halves (a shorter chain: 9 % of log); s = f².
 */
// @ts-ignore: decorator
@inline
function logTail(f: v128, s: v128): v128 {
  let even = madd(all(-0.14266978204250336), s, all(-0.16577647626399994));
  even = madd(even, s, all(-0.2500133514404297));
  even = madd(even, s, all(-0.5));
  let odd = madd(all(0.08700582385063171), s, all(0.14914476871490479));
  odd = madd(odd, s, all(0.19963102042675018));
  odd = madd(odd, s, all(0.3333390951156616));
  return madd(f, odd, even);
}

/**
 * tanh x = sign(x)·(1 − t)/(1 + t), t = e^(−2|x|) = 2ⁿ(1 − w), w = 1 − e^(−2r), |r| ≤ ¼ ln 2. Both
 * sums start from the exact 1 ∓ 2ⁿ, so that nothing is lost near 0: ±0 and denormals come back as
 * they are. Exactly ±1 from |x| = 9.02 on. Error 1.96 ulp, mean 0.07. Cost 30, one of them a
 * division.
 */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), all(9.1));
  const shifted = madd(a, all(-2.0 * LOG2_E), all(ROUND + 127.0));
  const n = f32x4.sub(shifted, all(ROUND + 127.0));
  const r = madd(n, all(0.5 * LN2_LOW), madd(n, all(0.5 * LN2_HIGH), a));
  let q = madd(all(-0.08894751220941544), r, all(0.2677168548107147));
  q = madd(q, r, all(-0.6666697263717651));
  q = madd(q, r, all(1.3333238363265991));
  q = madd(q, r, all(-2.0));
  const w = madd(f32x4.mul(r, r), q, f32x4.add(r, r));
  const scale = i32x4.shl(shifted, 23);
  const part = f32x4.mul(scale, w);
  const numerator = f32x4.add(part, f32x4.sub(all(1.0), scale));
  const denominator = f32x4.sub(f32x4.add(all(1.0), scale), part);
  return v128.or(f32x4.div(numerator, denominator), v128.and(x, signBit()));
}

/**
 * 1/(1 + e⁻ˣ) as (x < 0 ? t : 1)/(1 + t), t = e^(−|x|): relative accuracy for very negative x too,
 * underflow gradual. Error 2.31 ulp, mean 0.08. Cost 28, one of them a division.
 */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const t = expOfNegative(v128.or(x, signBit()));
  const numerator = v128.bitselect(t, all(1.0), f32x4.lt(x, all(0.0)));
  return f32x4.div(numerator, f32x4.add(all(1.0), t));
}

/**
 * ln(1 + eˣ) = max(x, 0) + ln(1 + t), t = e^(−|x|): relative accuracy for very negative x too,
 * underflow gradual. Error 2.26 ulp, mean 0.12. Cost 45.
 */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  const t = expOfNegative(v128.or(x, signBit()));
  return f32x4.add(f32x4.pmax(x, all(0.0)), log1pOfUnit(t));
}

/**
 * ln(1 + t) for 0 ≤ t ≤ 1: t + t²·q(t), q of degree 8. Even and odd halves: 10 % faster, 1.6 ulp
 * worse.
 */
// @ts-ignore: decorator
@inline
function log1pOfUnit(t: v128): v128 {
  let q = madd(all(-0.003290468594059348), t, all(0.020086241886019707));
  q = madd(q, t, all(-0.05745723098516464));
  q = madd(q, t, all(0.10661128163337708));
  q = madd(q, t, all(-0.15344880521297455));
  q = madd(q, t, all(0.19692102074623108));
  q = madd(q, t, all(-0.24958018958568573));
  q = madd(q, t, all(0.33330464363098145));
  q = madd(q, t, all(-0.4999993145465851));
  return madd(f32x4.mul(q, t), t, t);
}
