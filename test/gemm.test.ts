/** GEMM against an f64 triple loop, over sizes around its tiles (4×8 outer, 2×4 dot), layouts, strides, α and β. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check, columnMajor, type Product, rowMajor, type Strides } from "./gemm-reference.ts";
import { Heap } from "./heap.ts";
import { noise } from "./noise.ts";

const heap = new Heap(400_000);

type Sizes = readonly [m: number, n: number, k: number];

/** A and B each as they are (N) or stored as their transpose (T): NN is the forward pass, TN dW, NT dx. */
const layouts: [string, (m: number, n: number, k: number) => { a: Strides; b: Strides }][] = [
  ["NN", (_m, n, k) => ({ a: rowMajor(k), b: rowMajor(n) })],
  ["TN", (m, n) => ({ a: columnMajor(m), b: rowMajor(n) })],
  ["NT", (_m, _n, k) => ({ a: rowMajor(k), b: columnMajor(k) })],
  ["TT", (m, _n, k) => ({ a: columnMajor(m), b: columnMajor(k) })],
];

/** Sizes to either side of a block of 8 (or of 4, 2), and of two of them; primes. */
const cases: [string, number[], number[], number[]][] = [
  ["m_eq_0", [0], [1, 8, 9], [1, 5]],
  ["n_eq_0", [1, 4, 5], [0], [1, 5]],
  ["k_eq_0", [1, 4, 5], [1, 4, 8, 9], [0]],
  ["m_eq_1", [1], [1, 3, 4, 5, 8, 17], [1, 4, 7]],
  ["n_eq_1", [1, 2, 3, 4, 5, 9], [1], [1, 4, 7]],
  ["k_eq_1", [1, 2, 4, 5], [1, 4, 8, 9], [1]],
  ["m_eq_4_n_eq_8", [4], [8], [1, 2, 3, 4, 5, 8, 9]],
  ["m_lt_4", [1, 2, 3], [8, 13], [4, 5]],
  ["m_gt_4", [5, 6, 7], [8, 13], [4, 5]],
  ["m_eq_8", [8], [8, 16], [4, 8, 11]],
  ["m_gt_8", [9, 10, 11, 13], [8, 11], [3, 8]],
  ["n_lt_4", [4, 5], [1, 2, 3], [4, 5]],
  ["n_lt_8", [4, 5], [4, 5, 6, 7], [4, 5]],
  ["n_gt_8", [4, 5], [9, 10, 11, 12, 13, 14, 15], [4, 5]],
  ["n_eq_16", [4, 7], [16], [4, 11]],
  ["n_gt_16", [4, 7], [17, 18, 19, 20, 21, 23], [4, 11]],
  ["k_lt_4", [4, 5], [8, 9], [1, 2, 3]],
  ["k_gt_4", [4, 5], [8, 9], [5, 6, 7]],
  ["k_eq_8", [4, 5], [8, 9], [8]],
  ["k_gt_8", [4, 5], [8, 9], [9, 10, 11]],
  ["primes", [3, 5, 7, 11, 13, 17, 19], [3, 5, 7, 11, 13, 17, 19], [3, 5, 7, 11, 13, 17, 19]],
  ["large_b", [6], [67], [64, 131]], // on both sides of the 4096 elements where the loops change places
  ["all_to_6", range(7), range(7), range(7)],
];

describe.each(layouts)("%s", (_, layout) => {
  test.each(cases)("%s", (_, ...axes) => {
    for (const [m, n, k] of grid(...axes)) run([m, n, k], layout(m, n, k));
  });

  test.each<[string, (sizes: Sizes) => Partial<Product>]>([
    ["strided_a", ([m, , k]) => ({ a: wider(layout(m, 0, k).a, 7) })],
    ["strided_b", ([, n, k]) => ({ b: wider(layout(0, n, k).b, 9) })],
    ["strided_c", ([, n]) => ({ c: rowMajor(n, 5) })],
    ["far_rows", ([m, n, k]) => ({ a: wider(layout(m, n, k).a, 501), c: rowMajor(n, 777) })],
    ["column_major_c", ([m]) => ({ c: columnMajor(m) })],
    ["strided_column_major_c", ([m]) => ({ c: columnMajor(m, 3) })],
    ["odd_strides", ([, n, k]) => ({ a: apart(k, 2), b: apart(n, 3), c: apart(n, 5) })],
    ["odd_strides_a", ([, , k]) => ({ a: apart(k, 3) })],
    ["odd_strides_b", ([, n]) => ({ b: apart(n, 3) })],
    ["odd_strides_c", ([, n]) => ({ c: apart(n, 2) })],
    ["broadcast_a", () => ({ a: { rs: 0, cs: 1 } })],
    ["broadcast_b", () => ({ b: { rs: 1, cs: 0 } })],
    ["backward", ([, n, k]) => ({ a: { rs: -k, cs: 1 }, c: { rs: -n, cs: 1 }, b: columnMajor(k) })],
    [
      "backward_columns",
      ([m, n]) => ({ a: { rs: -1, cs: -m }, b: rowMajor(n), c: { rs: n, cs: -1 } }),
    ],
  ])("%s", (_, strides) => {
    const sizes = grid([1, 2, 4, 5, 11], [1, 3, 4, 8, 9, 13], [1, 4, 7]);
    for (const [m, n, k] of sizes)
      for (const beta of [0, 1, 0.75])
        run([m, n, k], { ...layout(m, n, k), ...strides([m, n, k]), beta });
  });

  test.each([0, 1, -0.5, 3])("alpha_%s", (alpha) => {
    for (const beta of [0, 1, -0.5, 3])
      for (const [m, n, k] of grid([1, 5, 8], [1, 3, 9, 16], [0, 1, 9]))
        run([m, n, k], { ...layout(m, n, k), alpha, beta });
  });

  test("beta_0 does not read C, beta_1 with k_eq_0 leaves it as it is", () => {
    for (const [m, n] of grid([1, 5], [1, 3, 9], [0])) {
      const { c } = run([m, n, 0], { ...layout(m, n, 0), beta: 0 });
      expect([...c]).toEqual(new Array(m * n).fill(0));
      const kept = run([m, n, 0], { ...layout(m, n, 0), beta: 1 });
      expect([...kept.c]).toEqual([...noise(13 + m + 31 * n, m * n)]);
    }
  });

  test("an element does not depend on the tile it falls into", () => {
    for (const beta of [0, 1, -0.5]) {
      const [m, n, k] = [9, 21, 13];
      const whole = multiplied(layout, [m, n, k], [0, 0, m, n], beta);
      for (const [i, j, rows, cols] of [
        [0, 0, 1, n],
        [3, 0, 5, n],
        [8, 0, 1, n],
        [0, 5, m, 4],
        [2, 11, 3, 10],
        [4, 1, 2, 6],
      ]) {
        const part = multiplied(layout, [m, n, k], [i, j, rows, cols], beta);
        const expected = part.map((_, e) => whole[(i + Math.floor(e / cols)) * n + j + (e % cols)]);
        expect([...part]).toEqual([...expected]);
      }
    }
  });
});

test("k is summed to the bound at length 1000", () => {
  for (const [, layout] of layouts) run([3, 9, 1000], layout(3, 9, 1000));
});

test("identity: AI = A and IA = A, to the bit", () => {
  const size = 13;
  const [a, identity, c] = [0, 1000, 2000];
  heap.floats.set(noise(1, size * size), a);
  heap.floats.fill(0, identity, identity + size * size);
  for (let i = 0; i < size; i++) heap.floats[identity + i * (size + 1)] = 1;
  for (const [left, right] of [
    [a, identity],
    [identity, a],
  ])
    for (const [, layout] of layouts) {
      const { a: x, b: y } = layout(size, size, size);
      const [from, by] = [heap.pointer(left), heap.pointer(right)];
      const at = heap.pointer(c);
      heap.core.gemm(size, size, size, 1, from, x.rs, x.cs, by, y.rs, y.cs, 0, at, size, 1);
      const stored = left === a ? x : y;
      const expected = Array.from({ length: size * size }, (_, e) => {
        const index = a + Math.floor(e / size) * stored.rs + (e % size) * stored.cs;
        return heap.floats[index];
      });
      expect([...heap.floats.subarray(c, c + size * size)]).toEqual(expected);
    }
});

test("the dot form reads nothing behind A and B: both may end with the memory", () => {
  const end = heap.floats.length;
  // With k = 1 the columns of B are contiguous as rows: that is the outer form's.
  for (const [m, n, k] of grid([1, 2, 3], [1, 3, 4, 5], [2, 3, 4, 5, 7])) {
    for (const [a, b] of [
      [end - m * k, 0],
      [0, end - n * k],
    ]) {
      const [x, y, z] = [a, b, 1000].map((index) => heap.pointer(index));
      const product = () => heap.core.gemm(m, n, k, 1, x, k, 1, y, 1, k, 0, z, n, 1);
      expect(product).not.toThrow();
    }
  }
});

test("properties: any sizes, strides, α and β", () => {
  const size = fc.integer({ min: 0, max: 40 });
  const factor = fc.constantFrom(0, 1, -1, -0.5, 2, 0.1);
  const spacing = fc.record({
    transposed: fc.boolean(),
    step: fc.constantFrom(1, 1, 1, 2, 3),
    extra: fc.constantFrom(0, 0, 1, 6),
  });
  const strides = (
    rows: number,
    cols: number,
    of: typeof spacing extends fc.Arbitrary<infer S> ? S : never,
  ) => {
    const line = of.step * (of.transposed ? rows : cols) + of.extra;
    return of.transposed ? { rs: of.step, cs: line } : { rs: line, cs: of.step };
  };
  fc.assert(
    fc.property(
      fc.tuple(size, size, size),
      fc.tuple(spacing, spacing, spacing),
      fc.tuple(factor, factor),
      ([m, n, k], [a, b, c], [alpha, beta]) => {
        const layout = { a: strides(m, k, a), b: strides(k, n, b), c: strides(m, n, c) };
        check(heap, { m, n, k, ...layout, alpha: Math.fround(alpha), beta: Math.fround(beta) });
      },
    ),
    { seed: 1, numRuns: 400 },
  );
});

test("errors are there, and far below their bound: it is one for the worst order of summation", () => {
  const { worst } = run([16, 16, 64], { a: rowMajor(64), b: rowMajor(16) });
  expect(worst).toBeGreaterThan(0); // or the product has been compared with itself
  expect(worst).toBeLessThan(0.2); // measured: 0.05
});

function run([m, n, k]: Sizes, layout: Pick<Product, "a" | "b"> & Partial<Product>) {
  return check(heap, { m, n, k, c: rowMajor(n), ...layout });
}

/** Rows i … and columns j … of a product m×n, computed alone but out of the same matrices. */
function multiplied(
  layout: (typeof layouts)[number][1],
  [m, n, k]: Sizes,
  [i, j, rows, cols]: readonly number[],
  beta: number,
): Float32Array {
  const { a, b } = layout(m, n, k);
  const [x, y, z] = [0, 2000, 4000];
  heap.floats.set(noise(1, m * k), x);
  heap.floats.set(noise(2, k * n), y);
  heap.floats.set(noise(3, m * n), z);
  const [from, by, to] = [x + i * a.rs, y + j * b.cs, z + i * n + j].map((e) => heap.pointer(e));
  heap.core.gemm(rows, cols, k, 0.3, from, a.rs, a.cs, by, b.rs, b.cs, beta, to, n, 1);
  return new Float32Array(rows * cols).map(
    (_, e) => heap.floats[z + (i + Math.floor(e / cols)) * n + j + (e % cols)],
  );
}

function wider({ rs, cs }: Strides, extra: number): Strides {
  return cs === 1 ? { rs: rs + extra, cs } : { rs, cs: cs + extra };
}

/** No direction contiguous. */
function apart(cols: number, step: number): Strides {
  return { rs: step * cols + 1, cs: step };
}

function range(end: number): number[] {
  return Array.from({ length: end }, (_, i) => i);
}

function grid(ms: number[], ns: number[], ks: number[]): Sizes[] {
  return ms.flatMap((m) => ns.flatMap((n) => ks.map((k) => [m, n, k] as const)));
}
