/** Φ and φ in f64, written independently of the core: a series near zero, a continued fraction in the tails. */

/** φ(x) = e^(−x²/2)/√(2π), x² carried in two pieces (Dekker's product), about 1e-15 relative. */
export function normalDensity(x: number): number {
  const square = x * x;
  const upper = Math.fround(x);
  const lower = x - upper;
  const rest = upper * upper - square + 2 * upper * lower + lower * lower;
  return (Math.exp(-square / 2) * (1 - rest / 2)) / Math.sqrt(2 * Math.PI);
}

/**
 * Φ(x), about 1e-14 relative, in the lower tail too: Φ(−a) = ½ − φ(a)·Σ a^(2k+1)/(1·3·5⋯(2k+1)) for a < 2, and
 * φ(a)/(a + 1/(a + 2/(a + 3/(a + …)))) beyond (Laplace).
 */
export function normalCdf(x: number): number {
  const a = Math.abs(x);
  const tail = a < 2 ? 0.5 - normalDensity(a) * series(a) : normalDensity(a) / fraction(a);
  return x > 0 ? 1 - tail : tail;
}

function series(a: number): number {
  let sum = a;
  for (let k = 1, term = a; term > 1e-18 * sum; k++) sum += term *= (a * a) / (2 * k + 1);
  return sum;
}

function fraction(a: number): number {
  let tail = a;
  for (let k = Math.ceil(30 + 300 / a); k > 0; k--) tail = a + k / tail;
  return tail;
}
