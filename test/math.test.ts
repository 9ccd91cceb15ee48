import { describe, expect, test } from "vitest";
import { cos, exp, log, MAX_ANGLE, sin } from "../src/math.ts";
import { Random } from "../src/random.ts";

/** The oracle: fixed-point numbers with 300 bits after the point, as BigInt. */
const BITS = 300n;
const ONE = 1n << BITS;
const mul = (a: bigint, b: bigint) => (a * b) >> BITS;

/** An f64 as fixed point; exact while its last bit is worth 2⁻³⁰⁰ or more. */
function fixed(x: number): bigint {
  let shift = 0n;
  for (; !Number.isInteger(x); x *= 2) shift++;
  return (BigInt(x) << BITS) >> shift;
}

/** Σ terms, from `term` on, each made of the one before by `next`. */
function sum(term: bigint, next: (term: bigint, n: bigint) => bigint): bigint {
  let total = 0n;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    total += term;
    term = next(term, n);
  }
  return total;
}

const artanhInverse = (n: bigint) => {
  let power = ONE / n;
  return sum(power, (_, k) => (power /= n * n) / (2n * k + 1n));
};
const LN2 = 2n * artanhInverse(3n);
const arctanInverse = (n: bigint) => {
  let power = ONE / n;
  let total = power;
  for (let k = 1n; power !== 0n && power !== -1n; k++) total += (power /= -n * n) / (2n * k + 1n);
  return total;
};
const PI = 16n * arctanInverse(5n) - 4n * arctanInverse(239n); // Machin

function exactSin(x: bigint): bigint {
  const r = ((x % (2n * PI)) + 2n * PI) % (2n * PI);
  return sum(r, (term, n) => -mul(mul(term, r), r) / (2n * n * (2n * n + 1n)));
}
const exactCos = (x: bigint) => exactSin(x + PI / 2n);
const exactExp = (x: bigint) => {
  const k = x / LN2;
  const r = x - k * LN2;
  const value = sum(ONE, (term, n) => mul(term, r) / n);
  return k >= 0n ? value << k : value >> -k;
};
function exactLog(x: bigint): bigint {
  const k = BigInt(x.toString(2).length) - BITS - 1n;
  const m = k >= 0n ? x >> k : x << -k;
  const s = ((m - ONE) << BITS) / (m + ONE);
  let power = s;
  return k * LN2 + 2n * sum(s, (_, n) => (power = mul(mul(power, s), s)) / (2n * n + 1n));
}

/** |got − exact| in units of the last place of `exact`, an f64 with 53 bits. */
function ulps(got: number, exact: bigint): number {
  const size = exact < 0n ? -exact : exact;
  const ulp = BigInt(size.toString(2).length) - 53n;
  const off = fixed(got) - exact;
  return Number(ulp >= 20n ? off >> (ulp - 20n) : off << (20n - ulp)) / 2 ** 20;
}

function worst(
  f: (x: number) => number,
  exact: (x: bigint) => bigint,
  points: Iterable<number>,
): number {
  let largest = 0;
  for (const x of points) largest = Math.max(largest, Math.abs(ulps(f(x), exact(fixed(x)))));
  return largest;
}

function* spread(from: number, to: number, count: number, seed = 1): Generator<number> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) yield random.uniform(from, to) + random.uniform(0, 1e-6);
}

/** The f64 next to multiples of π/2, where almost all bits cancel. */
function* nearMultiples(count: number): Generator<number> {
  for (let k = 1; k <= count; k++)
    for (const m of [k, k * 1009, k * 3331])
      if (m * 1.58 < MAX_ANGLE) yield* [m * (Math.PI / 2), -(m * (Math.PI / 2)) * (1 + 2 ** -52)];
}

describe("errors in ulp against 300-bit arithmetic", () => {
  test.each([
    ["small angles", () => spread(-7, 7, 1500)],
    ["the whole range", () => spread(-MAX_ANGLE + 1, MAX_ANGLE - 1, 1500)],
    ["near multiples of π/2", () => nearMultiples(190)],
    ["tiny angles", () => spread(-1e-4, 1e-4, 300)],
  ])("sin and cos < 0.8: %s", (_, points) => {
    expect(worst(sin, exactSin, points())).toBeLessThan(0.8);
    expect(worst(cos, exactCos, points())).toBeLessThan(0.8);
  });

  test.each([
    ["around 1", () => spread(0.5, 2, 2000)],
    ["next to 1", () => spread(0.999, 1.001, 1000)],
    ["small", () => spread(0, 1e-3, 500)],
    ["large", () => spread(1, 1e12, 500)],
  ])("log < 1: %s", (_, points) => {
    expect(worst(log, exactLog, points())).toBeLessThan(1);
  });

  test.each([
    ["around 0", () => spread(-1, 1, 2000)],
    ["positive", () => spread(0, 709, 1000)],
    ["the last one below ∞", () => [709.782712893384]],
    ["negative", () => spread(-100, 0, 1000)],
  ])("exp < 1: %s", (_, points) => {
    expect(worst(exp, exactExp, points())).toBeLessThan(1);
  });
});

describe("dense samples against Math.* (itself within 1 ulp)", () => {
  const cases: [string, (x: number) => number, (x: number) => number, number, number][] = [
    ["sin", sin, Math.sin, -1000, 1000],
    ["cos", cos, Math.cos, -1000, 1000],
    ["log", log, Math.log, 1e-300, 100],
    ["exp", exp, Math.exp, -700, 700],
  ];
  test.each(cases)("%s", (_, ours, theirs, from, to) => {
    let largest = 0;
    for (let i = 0; i <= 200_000; i++) {
      const x = from + ((to - from) * i) / 200_000;
      const want = theirs(x);
      const off = Math.abs(ours(x) - want) / Math.abs(want);
      if (off > largest) largest = off;
    }
    expect(largest).toBeLessThan(2 ** -51); // 1 + 1 ulp of at most 2⁻⁵² each
  });
});

describe("edges", () => {
  const cases: [string, number, number][] = [
    ["sin 0", sin(0), 0],
    ["sin −0", sin(-0), -0],
    ["cos 0", cos(0), 1],
    ["sin of the smallest number", sin(5e-324), 5e-324],
    ["sin beyond the range", sin(MAX_ANGLE * 1.0001), NaN],
    ["cos beyond the range", cos(-MAX_ANGLE * 1.0001), NaN],
    ["sin ∞", sin(Infinity), NaN],
    ["cos NaN", cos(NaN), NaN],
    ["log 1", log(1), 0],
    ["log 0", log(0), -Infinity],
    ["log −0", log(-0), -Infinity],
    ["log −1", log(-1), NaN],
    ["log ∞", log(Infinity), Infinity],
    ["log NaN", log(NaN), NaN],
    ["log of the smallest number", log(5e-324), -744.4400719213812],
    ["log of the largest number", log(Number.MAX_VALUE), 709.782712893384],
    ["exp 0", exp(0), 1],
    ["exp −0", exp(-0), 1],
    ["exp ∞", exp(Infinity), Infinity],
    ["exp −∞", exp(-Infinity), 0],
    ["exp NaN", exp(NaN), NaN],
    ["exp, last below ∞", exp(709.782712893384), 1.7976931348622732e308],
    ["exp, first ∞", exp(709.7827128933841), Infinity],
    ["exp, smallest above 0", exp(-745.1), 5e-324],
    ["exp, first 0", exp(-745.2), 0],
  ];
  test.each(cases)("%s", (_, got, want) => expect(got).toBe(want));

  test("exp into the subnormal numbers", () => {
    for (let x = -745; x < -707; x += 0.01)
      expect(Math.abs(exp(x) - Math.exp(x))).toBeLessThanOrEqual(
        2 * Math.max(5e-324, 2 ** -52 * Math.exp(x)),
      );
  });
});
