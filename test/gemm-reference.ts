import { expect } from "vitest";
import { expectWithin, GUARD, type Heap, ROUNDOFF } from "./heap.ts";
import { noise } from "./noise.ts";

/** How a matrix lies in memory: element (i, j) is i·rs + j·cs floats behind the first; strides of either sign. */
export interface Strides {
  readonly rs: number;
  readonly cs: number;
}

/** C ← αAB + βC with A: m×k, B: k×n, C: m×n. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Strides;
  readonly b: Strides;
  readonly c: Strides;
  readonly alpha?: number;
  readonly beta?: number;
}

/** Contiguous rows, `extra` floats apart. */
export const rowMajor = (cols: number, extra = 0): Strides => ({ rs: cols + extra, cs: 1 });

/** Contiguous columns, `extra` floats apart. */
export const columnMajor = (rows: number, extra = 0): Strides => ({ rs: 1, cs: rows + extra });

/** Floats left free between any two matrices. */
const MARGIN = 24;

/**
 * Makes up A, B and C, multiplies, and holds each element of C against an f64 triple loop. What is no element is NaN in A and B and a
 * guard in C and around it; where β = 0, C starts as NaN. Returns C, row-major, and the largest share of its bound that an error takes.
 *
 * The bound: whatever the order of summation, a sum of k products errs by at most k·u·Σ|ab| (Higham 2002, §3.1; u = 2⁻²⁴), and
 * α, β and their sum round three times more.
 */
export function check(heap: Heap, product: Product): { c: Float64Array; worst: number } {
  const { m, n, k, alpha = 1, beta = 0 } = product;
  const a = placed(heap, MARGIN, m, k, product.a, NaN, noise(m + 31 * k, m * k));
  const b = placed(heap, a.end, k, n, product.b, NaN, noise(7 + n + 31 * k, k * n));
  const before = noise(13 + m + 31 * n, m * n);
  const start = beta === 0 ? before.map(() => NaN) : before;
  const c = placed(heap, b.end, m, n, product.c, GUARD, start);
  const elements = new Set(c.indices);
  heap.core.gemm(
    ...([m, n, k, alpha, heap.pointer(a.first), product.a.rs, product.a.cs] as const),
    ...([heap.pointer(b.first), product.b.rs, product.b.cs] as const),
    ...([beta, heap.pointer(c.first), product.c.rs, product.c.cs] as const),
  );
  for (let i = b.end; i < c.end; i++)
    if (!elements.has(i) && heap.floats[i] !== GUARD) expect.fail(`C's guard at ${i - c.first}`);
  const found = c.indices.map((i) => heap.floats[i]);
  const [exact, size] = reference(product, a.values, b.values, before);
  const bound = (i: number) => (k + 3) * ROUNDOFF * size[i];
  return { c: Float64Array.from(found), worst: expectWithin(found, exact, bound, "C") };
}

/** Lays values, row-major, out with those strides somewhere from `from` on, `gap` in all places between and around. */
function placed(
  heap: Heap,
  from: number,
  rows: number,
  cols: number,
  { rs, cs }: Strides,
  gap: number,
  values: Float32Array,
) {
  const empty = rows === 0 || cols === 0;
  const ends = empty
    ? [0]
    : [0, (rows - 1) * rs, (cols - 1) * cs, (rows - 1) * rs + (cols - 1) * cs];
  const first = from + MARGIN - Math.min(...ends);
  const end = first + Math.max(...ends) + 1 + MARGIN;
  heap.floats.fill(gap, from, end);
  const indices = Array.from(values, (_, e) => first + Math.floor(e / cols) * rs + (e % cols) * cs);
  indices.forEach((index, e) => (heap.floats[index] = values[e]));
  // Where strides fold elements onto each other, the last one written stands for all.
  return { first, end, indices, values: indices.map((index) => heap.floats[index]) };
}

/** αAB + βC, and the same with all terms taken positive. */
function reference(
  { m, n, k, alpha = 1, beta = 0 }: Product,
  a: readonly number[],
  b: readonly number[],
  c: Float32Array,
) {
  const [exact, size] = [new Float64Array(m * n), new Float64Array(m * n)];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let [sum, absolute] = [0, 0];
      for (let p = 0; p < k; p++) {
        const term = a[i * k + p] * b[p * n + j];
        sum += term;
        absolute += Math.abs(term);
      }
      const at = i * n + j;
      exact[at] = alpha * sum + (beta === 0 ? 0 : beta * c[at]);
      size[at] = Math.abs(alpha) * absolute + Math.abs(beta * c[at]);
    }
  return [exact, size];
}
