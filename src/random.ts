import { checkInteger, refuse, refuseKind } from "./check.ts";
import { cos, log } from "./math.ts";

/** 2⁻³². */
const UNIT = 1 / 0x100000000;

/**
 * Where `Random.resume` takes up a stream: the two words of the key, and how many words were drawn
 * so far.
 */
export type RandomState = readonly [key0: number, key1: number, drawn: number];

/** The second word that `block` makes; the first is returned. */
const second = new Int32Array(1);

/**
 * Threefry-2x32 with 20 rounds: a bijection of two words (x0, x1), chosen by the key (k0, k1).
 *
 * @see Salmon, Moraes, Dror, Shaw 2011, Parallel random numbers: as easy as 1, 2, 3 (SC '11),
 * section 4.2
 */
function block(k0: number, k1: number, x0: number, x1: number): number {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  let a = (x0 + k0) | 0;
  let b = (x1 + k1) | 0;
  // Rotations 13 15 26 6 and 17 29 16 24 in turn; after every four rounds the next two words of the
  // key are added, and how many times that was done.
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k1) | 0;
  b = (b + k2 + 1) | 0;
  a = (a + b) | 0;
  b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0;
  b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0;
  b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0;
  b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + k2) | 0;
  b = (b + k0 + 2) | 0;
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k0) | 0;
  b = (b + k1 + 3) | 0;
  a = (a + b) | 0;
  b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0;
  b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0;
  b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0;
  b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + k1) | 0;
  b = (b + k2 + 4) | 0;
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  second[0] = b + k0 + 5;
  return (a + k2) | 0;
}

/** {@link block} as a pair of unsigned words, for checking against published vectors. */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const first = block(key[0] | 0, key[1] | 0, counter[0] | 0, counter[1] | 0);
  return [first >>> 0, second[0] >>> 0];
}

/**
 * A stream of random numbers, the same bits in every JavaScript engine.
 *
 * Counter-based: word n of a stream is word n mod 2 of Threefry-2x32-20(key, ⌊n/2⌋), so streams are
 * made and resumed at no cost, and any number of them can run side by side. Not for secrets.
 *
 * Cost: about 10 ns a word, 100 ns a fork; a stream is one small object. A stream has 2⁵³ words.
 *
 * @see Salmon, Moraes, Dror, Shaw 2011, Parallel random numbers: as easy as 1, 2, 3 (SC '11)
 * @example
 * const random = new Random(7);
 * const task = distribution.sample(random.fork(step, index));
 */
export class Random {
  private key0: number;
  private key1: number;
  /** Blocks made so far, in two words; `low` runs over signed 32-bit values. */
  private low = 0;
  private high = 0;
  /** The second word of the last block, while `hasSpare`. */
  private spare = 0;
  private hasSpare = false;

  /**
   * @param seed integer, 0 ≤ seed ≤ 2⁵³ − 1; all of its bits count
   * @throws {RangeError} `Random: expected seed ≥ 0, got -1`
   * @throws {TypeError} `Random: expected integer seed ≥ 0, got "1"`
   */
  constructor(seed: number) {
    if (seed >>> 0 !== seed) checkInteger("Random", "seed", seed, { min: 0 });
    this.key0 = seed | 0;
    this.key1 = Math.floor(seed * UNIT) | 0;
  }

  /** The stream that `state` was read from, from there on. */
  static resume([key0, key1, drawn]: RandomState): Random {
    checkInteger("Random.resume", "drawn", drawn, { min: 0 });
    const random = Random.keyed(key0 | 0, key1 | 0);
    const blocks = Math.floor(drawn / 2);
    random.low = blocks | 0;
    random.high = Math.floor(blocks * UNIT);
    if (drawn % 2 === 1) random.bits();
    return random;
  }

  private static keyed(key0: number, key1: number): Random {
    const random = new Random(0);
    random.key0 = key0;
    random.key1 = key1;
    return random;
  }

  /** Key and number of words drawn: all there is. `Random.resume(state)` goes on from here. */
  get state(): RandomState {
    const blocks = this.high * 0x100000000 + (this.low >>> 0);
    return [this.key0 >>> 0, this.key1 >>> 0, 2 * blocks - (this.hasSpare ? 1 : 0)];
  }

  /**
   * The stream number (a, b) below this one. It depends on this stream's key only, not on how far
   * it was drawn, and does not advance it: same seed, same (a, b), same stream. Streams of
   * different (a, b) are independent.
   *
   * The new key is Threefry(k′, (a, b)) with k′ = Threefry(key, (2³² − 1, 2³² − 1)): `bits` never
   * reaches that counter, so no fork's key is ever made of this stream's own words.
   *
   * @param a integer, 0 ≤ a < 2³²
   * @param b integer, 0 ≤ b < 2³²; `fork(a)` is `fork(a, 0)`. For more than two numbers, fork again
   * @throws {RangeError} `Random.fork: expected 0 ≤ a < 4294967296, got -1`
   */
  fork(a: number, b = 0): Random {
    if (a >>> 0 !== a) checkInteger("Random.fork", "a", a, { min: 0, below: 0x100000000 });
    if (b >>> 0 !== b) checkInteger("Random.fork", "b", b, { min: 0, below: 0x100000000 });
    const domain0 = block(this.key0, this.key1, -1, -1);
    const domain1 = second[0];
    const key0 = block(domain0, domain1, a | 0, b | 0);
    return Random.keyed(key0, second[0]);
  }

  /** The next word: an integer from 0 to 2³² − 1, all equally likely. */
  bits(): number {
    if (this.hasSpare) {
      this.hasSpare = false;
      return this.spare >>> 0;
    }
    const first = block(this.key0, this.key1, this.low, this.high);
    this.low = (this.low + 1) | 0;
    if (this.low === 0) this.high++;
    this.spare = second[0];
    this.hasSpare = true;
    return first >>> 0;
  }

  /**
   * A number in [from, to), `from` itself when the two are equal. It takes one of 2³² equally
   * spaced values, made from one word: enough for f32, too coarse where all 53 bits of an f64
   * count. Should rounding reach `to` (an interval of a few ulp), `to` may come out.
   *
   * @throws {RangeError} `Random.uniform: expected finite from ≤ to, got [1, 0]`
   */
  uniform(from = 0, to = 1): number {
    const width = to - from;
    if (!(width >= 0 && width < Infinity)) refuse("Random.uniform", "finite from ≤ to", [from, to]);
    return from + width * (this.bits() * UNIT);
  }

  /**
   * A standard normal number: √(−2 ln u)·cos 2πv with u, v from a word each (Box and Muller 1958;
   * the sine twin is not kept, so that a stream's state is its position). |normal()| ≤ 6.77, the
   * price of 32 bits: the tail cut off has probability 10⁻¹¹.
   */
  normal(): number {
    const u = (this.bits() + 0.5) * UNIT;
    const v = this.bits() * UNIT;
    return Math.sqrt(-2 * log(u)) * cos(2 * Math.PI * v);
  }

  /**
   * An integer from 0 to below − 1, all exactly equally likely: the first 2³² mod `below` of
   * all words are thrown away (fewer than half of them, and next to none for small `below`).
   *
   * @param below integer, 1 ≤ below ≤ 2³²
   * @throws {RangeError} `Random.integer: expected 1 ≤ below ≤ 4294967296, got 0`
   */
  integer(below: number): number {
    if (below > 0 && below >>> 0 === below) return this.under(below);
    checkInteger("Random.integer", "below", below, { min: 1, max: 0x100000000 });
    return this.bits();
  }

  /** `integer` without the check; 1 ≤ below < 2³². */
  private under(below: number): number {
    const excess = ((-below >>> 0) % below) >>> 0; // 2³² mod below
    let word = this.bits();
    while (word < excess) word = this.bits();
    return (word % below) >>> 0;
  }

  /**
   * `count` different integers out of 0 … from − 1, in random order: every ordered choice is
   * equally likely (the first `count` steps of a Fisher–Yates shuffle). O(count) time and memory
   * where `from` is much larger than `count`, O(from) where it is not; the numbers are the same
   * either way.
   *
   * @throws {RangeError} `Random.choose: expected 0 ≤ count ≤ 5, got 6`
   */
  choose(count: number, from: number): Int32Array {
    checkInteger("Random.choose", "from", from, { min: 0, max: 0x7fffffff });
    checkInteger("Random.choose", "count", count, { min: 0, max: from });
    return from <= 64 + 8 * count ? this.chooseDense(count, from) : this.chooseSparse(count, from);
  }

  private chooseDense(count: number, from: number): Int32Array {
    const pool = new Int32Array(from);
    for (let i = 0; i < from; i++) pool[i] = i;
    for (let i = 0; i < count; i++) {
      const j = i + this.under(from - i);
      const swap = pool[j];
      pool[j] = pool[i];
      pool[i] = swap;
    }
    return count === from ? pool : pool.slice(0, count);
  }

  /** The same with a pool that holds only the places whose content has moved. */
  private chooseSparse(count: number, from: number): Int32Array {
    const chosen = new Int32Array(count);
    const moved = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const j = i + this.under(from - i);
      chosen[i] = moved.get(j) ?? j;
      moved.set(j, moved.get(i) ?? i);
    }
    return chosen;
  }

  /**
   * Puts the elements of `array` in random order, in place, all orders equally likely; returns
   * `array`.
   */
  shuffle<T extends { readonly length: number; [index: number]: unknown }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.under(i + 1);
      const swap = array[j];
      array[j] = array[i];
      array[i] = swap;
    }
    return array;
  }
}

/** A stream to draw from. By what it can do: another copy of this library has a class of its own. */
export function checkRandom(where: string, value: Random): void {
  if (typeof value?.uniform !== "function") refuseKind(where, "a Random", value);
}
