/**
 * The core's elementary functions: error in ulp against f64, special values, tails. The bounds are
 * those of the docstrings in assembly/, which come from 50 million arguments a function.
 */
import { describe, expect, test } from "vitest";
import { wasm } from "../build/math.js";
import { compileCore } from "../src/core.ts";
import { normalCdf, normalDensity } from "./normal-reference.ts";

type Run = (n: number, x: number, y: number) => void;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Name, f64 reference, from, to, bound in ulp there, and f(−0), f(∞), f(−∞). */
const cases: [string, (x: number) => number, number, number, number, number[]][] = [
  ["exp", Math.exp, -110, 95, 1, [1, Infinity, 0]],
  ["log", Math.log, 0, 3.4e38, 1.3, [-Infinity, Infinity, NaN]],
  ["tanh", Math.tanh, -3.4e38, 3.4e38, 2, [-0, 1, -1]],
  ["sin", Math.sin, -1000, 1000, 2.2, [-0, NaN, NaN]],
  ["cos", Math.cos, -800, 800, 2.1, [1, NaN, NaN]],
  ["sigmoid", sigmoid, -3.4e38, 3.4e38, 2.4, [0.5, 1, 0]],
  ["softplus", softplus, -3.4e38, 3.4e38, 2.4, [Math.fround(Math.LN2), Infinity, 0]],
  ["normalCdf", normalCdf, -16, 16, 7, [0.5, 1, 0]],
  ["normalDensity", normalDensity, -16, 16, 2.3, [Math.fround(normalDensity(0)), 0, 0]],
];

const COUNT = 200_000;
const { run, x, y } = await load();

describe.each(cases)("%s", (name, reference, from, to, bound, special) => {
  test(`is within ${bound} ulp from ${from} to ${to}`, () => {
    fill(from, to);
    run(name)(COUNT, x.byteOffset, y.byteOffset);
    const { error, argument } = worst(reference);
    expect(error, `${name}(${argument})`).toBeLessThanOrEqual(bound);
    expect(error).toBeGreaterThan(0); // or the reference has been compared with itself
  });

  test("gives the special values", () => {
    x.set([-0, Infinity, -Infinity, NaN]);
    run(name)(4, x.byteOffset, y.byteOffset);
    expect([...y.subarray(0, 4)]).toEqual([...special, NaN]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])("writes just its n = %i values", (n) => {
    x.fill(0.75, 0, 16);
    run(name)(4, x.byteOffset, y.byteOffset);
    const value = y[0];
    y.fill(NaN, 0, 16);
    x.fill(NaN, n, 16);
    y.fill(-7, n + 1, 16);
    y[0] = -7;
    run(name)(n, x.byteOffset, y.byteOffset + 4);
    const expected = Array.from({ length: 16 }, (_, i) => (i > 0 && i <= n ? value : -7));
    expect([...y.subarray(0, 16)]).toEqual(expected);
  });

  test("works in place", () => {
    x.set([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    run(name)(7, x.byteOffset, y.byteOffset);
    run(name)(7, x.byteOffset, x.byteOffset);
    expect([...x.subarray(0, 7)]).toEqual([...y.subarray(0, 7)]);
  });
});

test("sin and cos: absolute error grows slowly up to 65536, and NaN stands for no digits", () => {
  fill(-65536, 65536);
  for (const [name, reference] of [
    ["sin", Math.sin],
    ["cos", Math.cos],
  ] as const) {
    run(name)(COUNT, x.byteOffset, y.byteOffset);
    const errors = Array.from({ length: COUNT }, (_, i) => Math.abs(y[i] - reference(x[i])));
    expect(errors.every((error) => error < 2e-6)).toBe(true);
  }
  x.set([65537, -1e9, 3e38, -3e38]);
  run("cos")(4, x.byteOffset, y.byteOffset);
  expect([...y.subarray(0, 4)]).toEqual([NaN, NaN, NaN, NaN]);
});

test("sin keeps its digits beside 161π, the hardest number of its range", () => {
  x.fill(505.7964172363281);
  run("sin")(4, x.byteOffset, y.byteOffset);
  expect(ulps(y[0], Math.sin(x[0]))).toBeLessThan(32);
});

test("log of a number below zero is NaN, a denormal one too", () => {
  x.set([-1, -1e-45, -3e38, -1e-39]);
  run("log")(4, x.byteOffset, y.byteOffset);
  expect([...y.subarray(0, 4)]).toEqual([NaN, NaN, NaN, NaN]);
});

/** The core with two runs of COUNT floats in fresh pages of its memory. */
async function load() {
  const imports = { env: { abort: expect.fail } };
  const instance = await WebAssembly.instantiate(await compileCore(wasm), imports);
  const memory = instance.exports.memory as WebAssembly.Memory;
  const start = 65536 * memory.grow(Math.ceil((8 * COUNT) / 65536));
  return {
    run: (name: string) => instance.exports[`${name}Run`] as Run,
    x: new Float32Array(memory.buffer, start, COUNT),
    y: new Float32Array(memory.buffer, start + 4 * COUNT, COUNT),
  };
}

/** The bit patterns of floats from 0 to |end|. */
function patterns(end: number): number {
  return new Uint32Array(new Float32Array([Math.abs(end)]).buffer)[0];
}

/** x: half of it evenly over the bit patterns of both signs, half over [from, to] cut to ±100. */
function fill(from: number, to: number): void {
  const bits = new Uint32Array(x.buffer, x.byteOffset, COUNT);
  const [below, above] = [from < 0 ? patterns(from) : 0, patterns(to)];
  const half = COUNT / 2;
  for (let i = 0; i < half; i++) {
    const at = Math.floor(((i + 0.5) / half) * (below + above));
    bits[i] = at < below ? 0x80000000 + at + 1 : at - below + 1;
  }
  const [low, high] = [Math.max(from, -100), Math.min(to, 100)];
  for (let i = half, state = 1; i < COUNT; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    x[i] = low + (high - low) * (state / 2 ** 32);
  }
}

/** The largest error of y, in ulp of the true value (of the smallest normal number below it). */
function worst(reference: (x: number) => number) {
  let [error, argument] = [0, 0];
  for (let i = 0; i < COUNT; i++) {
    const distance = ulps(y[i], reference(x[i]));
    // Not `distance > error`: NaN has to show.
    if (!(distance <= error)) [error, argument] = [distance, x[i]];
  }
  return { error, argument };
}

function ulps(actual: number, exact: number): number {
  if (!Number.isFinite(Math.fround(exact))) return actual === Math.fround(exact) ? 0 : NaN;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -126);
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}
