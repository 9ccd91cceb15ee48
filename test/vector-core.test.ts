/** The core's vector operations: all lengths around whole vectors, guards, NaN behind the end, f64 references. */
import { describe, expect, test } from "vitest";
import { expectWithin, Heap, ROUNDOFF } from "./heap.ts";
import { noise } from "./noise.ts";

const heap = new Heap(70_000);
const { core } = heap;

/** None, one to three lanes, whole vectors, and to either side of them. */
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 31, 32, 33, 128, 131];
/** Runs need not start on a whole vector: a range of another does not. */
const starts = [4, 5, 6, 7];
const alpha = Math.fround(-0.3);

/** x, y and z at three places, each between guards. */
const places = { x: 0, y: 300, z: 600 };

/** Runs `operation` on fresh runs of noise; gives what they then hold, their guards found unharmed. */
function after(
  n: number,
  start: number,
  operation: (x: number, y: number, z: number) => void,
  z = noise(3, n),
) {
  const [x, y] = [noise(1, n), noise(2, n)];
  const before = { x, y, z };
  operation(
    heap.place(start + places.x, x),
    heap.place(start + places.y, y),
    heap.place(start + places.z, z),
  );
  const [nx, ny, nz] = [places.x, places.y, places.z].map((at) => heap.take(start + at, n));
  return { before, x: nx, y: ny, z: nz };
}

describe.each(lengths)("n = %i", (n) => {
  const each = (operation: (start: number) => void) => starts.forEach(operation);
  const nothing = new Float32Array(n).fill(NaN);

  test("fill, over NaN", () => {
    each((start) => {
      const { z } = after(n, start, (_x, _y, z) => core.fill(n, alpha, z), nothing);
      expect([...z]).toEqual(new Array(n).fill(alpha));
    });
  });

  test("copy, over NaN", () => {
    each((start) => {
      const { before, x, z } = after(n, start, (x, _, z) => core.copy(n, x, z), nothing);
      expect([...z]).toEqual([...before.x]);
      expect([...x]).toEqual([...before.x]);
    });
  });

  test("copy to an overlapping run, either way", () => {
    for (const shift of [-3, -1, 1, 3, 4]) {
      const values = noise(4, n);
      const from = heap.place(10, values);
      core.copy(n, from, from + 4 * shift);
      expect([...heap.floats.subarray(10 + shift, 10 + shift + n)]).toEqual([...values]);
    }
  });

  test("multiple: one rounding", () => {
    each((start) => {
      const { before, x, z } = after(n, start, (x, _y, z) => core.multiple(n, alpha, x, z));
      expect([...z]).toEqual(Array.from(before.x, (value) => Math.fround(alpha * value)));
      expect([...x]).toEqual([...before.x]);
    });
  });

  test("axpy: two roundings", () => {
    each((start) => {
      const { before, x, z } = after(n, start, (x, _, z) => core.axpy(n, alpha, x, z));
      const exact = Array.from(before.z, (value, i) => alpha * before.x[i] + value);
      const bound = (i: number) =>
        ROUNDOFF * (Math.abs(alpha * before.x[i]) + Math.abs(exact[i])) * (1 + ROUNDOFF);
      expectWithin(z, exact, bound, "z");
      expect([...x]).toEqual([...before.x]);
    });
  });

  test("combine: as axpy, the sum elsewhere", () => {
    each((start) => {
      const { before, x, y, z } = after(n, start, (x, y, z) => core.combine(n, alpha, x, y, z));
      const sum = Array.from(before.y, (value, i) => alpha * before.x[i] + value);
      const bound = (i: number) =>
        ROUNDOFF * (Math.abs(alpha * before.x[i]) + Math.abs(sum[i])) * (1 + ROUNDOFF);
      expectWithin(z, sum, bound, "z");
      expect([...x, ...y]).toEqual([...before.x, ...before.y]);
    });
  });

  test("axpy onto itself", () => {
    const { before, z } = after(n, 5, (_x, _y, z) => core.axpy(n, 1, z, z));
    expect([...z]).toEqual(Array.from(before.z, (value) => 2 * value));
  });

  test("hadamard: three roundings", () => {
    each((start) => {
      const { before, x, y, z } = after(n, start, (x, y, z) => core.hadamard(n, alpha, x, y, z, z));
      const product = Array.from(before.x, (value, i) => alpha * value * before.y[i]);
      const exact = product.map((value, i) => value + before.z[i]);
      const bound = (i: number) =>
        ROUNDOFF * (2 * Math.abs(product[i]) + Math.abs(exact[i])) * (1 + 2 * ROUNDOFF);
      expectWithin(z, exact, bound, "z");
      expect([...x, ...y]).toEqual([...before.x, ...before.y]);
    });
  });

  test("dot: exact, for numbers whose sums fit f64", () => {
    each((start) => {
      let result = NaN;
      const { before } = after(n, start, (x, y) => (result = core.dot(n, x, y)));
      // The numbers are multiples of 2⁻²³, so that sums of products are multiples of 2⁻⁴⁶, below 2⁷.
      expect(result).toBe(before.x.reduce((sum, value, i) => sum + value * before.y[i], 0));
    });
  });

  test("dot reads nothing behind the runs, which may end with the memory", () => {
    const end = heap.pointer(heap.floats.length - n);
    heap.floats.fill(2, heap.floats.length - n);
    expect(core.dot(n, end, end)).toBe(4 * n);
  });
});

test("NaN and Infinity go through, lane by lane", () => {
  const special = [NaN, Infinity, -Infinity, 1, NaN];
  const z = heap.place(4, special);
  core.multiple(5, -1, z, z);
  expect([...heap.take(4, 5)]).toEqual([NaN, -Infinity, Infinity, -1, NaN]);
  core.axpy(5, 0.5, heap.place(300, [1, 2, 4, NaN, 5]), heap.place(4, special));
  expect([...heap.take(4, 5)]).toEqual([NaN, Infinity, -Infinity, NaN, NaN]);
  const five = heap.place(300, special);
  expect(core.dot(5, five, five)).toBeNaN();
});

test("dot loses nothing that f32 sums would: 2²⁴ + 1 − 2²⁴", () => {
  const x = heap.place(4, [2 ** 24, 0, 1, 0, -(2 ** 24)]);
  expect(core.dot(5, x, heap.place(300, [1, 1, 1, 1, 1]))).toBe(1);
});
