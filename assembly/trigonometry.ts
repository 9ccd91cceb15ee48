/** sin and cos on four lanes; the rules of math.ts hold here too. */
import { ROUND, all } from "./math";
import { madd } from "./simd";

// @ts-ignore: decorator
@inline const INVERSE_PI: f32 = 0.3183098861837907;
// Cody–Waite: π = 201/64 (8 bits) + 15 bits + 24 bits − 1e-16. n·PI_HIGH is exact for |n| < 2¹⁶ and
// n·PI_MIDDLE for |n| < 2⁹ (in cos, whose n are half-integers, 2⁸).
// @ts-ignore: decorator
@inline const PI_HIGH: f32 = 3.140625;
// @ts-ignore: decorator
@inline const PI_MIDDLE: f32 = 0.0009676516056060791;
// @ts-ignore: decorator
@inline const PI_LOW: f32 = 1.984187258941006e-9;
// @ts-ignore: decorator
@inline const LIMIT: f32 = 65536.0;

/**
 * sin x = (−1)ⁿ·sin(x − nπ), n = round(x/π), a polynomial of degree 11 there; ±0 kept. Error 2.0
 * ulp for |x| ≤ 800 and 2.1 for |x| ≤ 1000, mean 0.05, but for one number: ±505.79642, 8e-9 from
 * 161π, has 30 ulp. Beyond, the error is an absolute one (at a zero no digit may be left): 2.7e-7
 * for |x| ≤ 10⁴, 1.6e-6 for |x| ≤ 65536; from there on NaN rather than digits that mean nothing.
 * Cost 30, of which 3 for the NaN.
 */
// @ts-ignore: decorator
@inline
export function sin(x: v128): v128 {
  const shifted = madd(x, all(INVERSE_PI), all(ROUND));
  return sinReduced(x, f32x4.sub(shifted, all(ROUND)), shifted);
}

/**
 * cos x = (−1)ᵏ·sin(x − (k − ½)π), k = round(x/π + ½). Error 2.1 ulp for |x| ≤ 804, mean 0.07,
 * but for ±252.89821 (30 ulp, see sin); beyond, absolute as for sin. Cost 32.
 */
// @ts-ignore: decorator
@inline
export function cos(x: v128): v128 {
  const shifted = f32x4.add(madd(x, all(INVERSE_PI), all(0.5)), all(ROUND));
  const n = f32x4.sub(f32x4.sub(shifted, all(ROUND)), all(0.5));
  return sinReduced(x, n, shifted);
}

/**
 * (−1)ᵏ·sin(x − nπ), k = the lowest bit of `parity`. x − nπ = r + low, |r| ≤ π/2, and sin(r + low)
 * = r + (r·u + low·cos r), u = sin(r)/r − 1 and cos r ≈ 1 + 2.75u, good enough for so small a low.
 */
// @ts-ignore: decorator
@inline
function sinReduced(x: v128, n: v128, parity: v128): v128 {
  const r = madd(n, all(-PI_MIDDLE), madd(n, all(-PI_HIGH), x));
  const low = f32x4.mul(n, all(-PI_LOW));
  const z = f32x4.mul(r, r);
  let q = madd(all(-2.5503284817318672e-8), z, all(2.7627061172097456e-6));
  q = madd(q, z, all(-0.00019843093468807638));
  q = madd(q, z, all(0.008333350531756878));
  // In this order u is +0 at r = −0, and so −0 stays −0.
  const u = madd(z, all(-0.1666666716337204), f32x4.mul(f32x4.mul(z, z), q));
  const rest = madd(r, u, f32x4.mul(low, madd(u, all(2.75), all(1.0))));
  const y = v128.xor(f32x4.add(r, rest), i32x4.shl(parity, 31));
  return v128.or(y, f32x4.gt(f32x4.abs(x), all(LIMIT)));
}
