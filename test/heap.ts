import { expect } from "vitest";
import { type CoreExports, instantiateCore } from "../src/core.ts";
import { core as module } from "./build.ts";

/** What guards hold: no result of a test comes by it, and no rounding is needed to store it. */
export const GUARD = -12345.5;

/** The unit roundoff of f32: half the distance from 1 to the next number. */
export const ROUNDOFF = 2 ** -24;

/** The core under test with a run of floats of its memory, from its first free byte to the very end. */
export class Heap {
  readonly core: CoreExports;
  readonly floats: Float32Array;

  constructor(count: number) {
    this.core = instantiateCore(module);
    const start = 16 * Math.ceil((this.core.heapBase() >>> 0) / 16);
    const missing = start + 4 * count - this.core.memory.buffer.byteLength;
    if (missing > 0) this.core.memory.grow(Math.ceil(missing / 65536));
    this.floats = new Float32Array(this.core.memory.buffer, start);
  }

  /** Byte offset of the float at that index. */
  pointer(index: number): number {
    return this.floats.byteOffset + 4 * index;
  }

  /** Writes values from an index on, between three guards and three more. Returns their byte offset. */
  place(index: number, values: ArrayLike<number>): number {
    this.floats.fill(GUARD, index - 3, index + values.length + 3);
    this.floats.set(values, index);
    return this.pointer(index);
  }

  /** The `length` values at an index, once the guards around them have been found unharmed. */
  take(index: number, length: number): Float32Array {
    const around = [
      this.floats.slice(index - 3, index),
      this.floats.slice(index + length).slice(0, 3),
    ];
    for (const guards of around) expect([...guards], "guards").toEqual([GUARD, GUARD, GUARD]);
    return this.floats.slice(index, index + length);
  }
}

/** Fails where |aᵢ − eᵢ| is over boundᵢ, or NaN; returns the largest share of its bound that an error takes. */
export function expectWithin(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: (i: number) => number,
  label: string,
): number {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const [gap, allowed] = [Math.abs(actual[i] - expected[i]), bound(i)];
    // Not `gap > allowed`: NaN has to fail.
    if (!(gap <= allowed))
      expect.fail(`${label}[${i}]: got ${actual[i]}, expected ${expected[i]} ± ${allowed}`);
    if (gap > 0) worst = Math.max(worst, gap / allowed);
  }
  return worst;
}
