/**
 * erfc(x) = 1 − erf(x) = 2/√π ∫ₓ^∞ exp(−t²) dt, to about 1e-15 absolute, and relative too for x >
 * 2.
 */
export function erfc(x: number): number {
  return x > 2 ? tail(x) : 1 - erf(x);
}

/**
 * erf(x) = 2/√π exp(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5···(2n+1)): all terms have one sign, so nothing
 * cancels.
 */
export function erf(x: number): number {
  if (Math.abs(x) > 2) return Math.sign(x) * (1 - tail(Math.abs(x)));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/**
 * erfc(x) = exp(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), evaluated from the inside
 * out; 150 levels are enough for 1e-16 from x = 2 on.
 */
function tail(x: number): number {
  let fraction = x;
  for (let n = 150; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
