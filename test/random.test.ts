import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random, threefry2x32 } from "../src/random.ts";

/** Pearson's statistic Σ (seen − expected)²/expected for equally likely cells. */
function chiSquare(counts: ArrayLike<number>, draws: number): number {
  const expected = draws / counts.length;
  return Array.from(counts).reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
}

/** Within 5 standard deviations of its mean k − 1 (variance 2(k − 1)): passes by luck, fails by fault. */
function expectUniform(counts: ArrayLike<number>, draws: number): void {
  const freedom = counts.length - 1;
  expect(Math.abs(chiSquare(counts, draws) - freedom)).toBeLessThan(5 * Math.sqrt(2 * freedom));
}

function draw(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

const PI0: [number, number] = [0x243f6a88, 0x85a308d3];
const PI1: [number, number] = [0x13198a2e, 0x03707344];
const ONES: [number, number] = [0xffffffff, 0xffffffff];

describe("Threefry-2x32-20", () => {
  // Known answers published with Random123 (tests/kat_vectors): counter, key, result.
  test.each([
    { counter: [0, 0], key: [0, 0], result: [0x6b200159, 0x99ba4efe] },
    { counter: ONES, key: ONES, result: [0x1cb996fc, 0xbb002be7] },
    { counter: PI0, key: PI1, result: [0xc4923a9c, 0x483df7a0] },
  ] as { counter: [number, number]; key: [number, number]; result: [number, number] }[])(
    "known answer $result",
    ({ counter, key, result }) => expect(threefry2x32(key, counter)).toEqual(result),
  );

  test("bits() runs through the blocks of counters 0, 1, 2 … under the seed's two words", () => {
    const random = new Random(0x13198a2e * 2 ** 21);
    const key: [number, number] = [(0x13198a2e * 2 ** 21) % 2 ** 32, 0x13198a2e >>> 11];
    const words = [0, 1, 2].flatMap((block) => threefry2x32(key, [block, 0]));
    expect(draw(6, () => random.bits())).toEqual(words);
  });
});

describe("streams", () => {
  test("golden values: these must never change", () => {
    const random = new Random(2017);
    expect(draw(4, () => random.bits())).toEqual(GOLDEN.bits);
    expect(random.uniform()).toBe(GOLDEN.uniform);
    expect(random.normal()).toBe(GOLDEN.normal);
    expect(random.integer(1000)).toBe(GOLDEN.integer);
    expect([...random.choose(5, 1000)]).toEqual(GOLDEN.choose);
    expect(random.shuffle([0, 1, 2, 3, 4, 5])).toEqual(GOLDEN.shuffle);
    expect(random.fork(3, 4).bits()).toBe(GOLDEN.fork);
  });

  test("same seed, same stream; another seed, another one", () => {
    const seeds = [0, 1, 2, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    const starts = seeds.map((seed) => {
      const [a, b] = [new Random(seed), new Random(seed)];
      expect(draw(50, () => a.bits())).toEqual(draw(50, () => b.bits()));
      return new Random(seed).bits();
    });
    expect(new Set(starts).size).toBe(seeds.length);
  });

  test("a state resumes where it was read, after any number of words", () => {
    const words = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(fc.maxSafeNat(), words, (seed, skip) => {
        const random = new Random(seed).fork(seed % 1000, 5);
        for (let i = 0; i < skip; i++) random.bits();
        const resumed = Random.resume(random.state);
        expect(resumed.state).toEqual(random.state);
        expect(draw(9, () => resumed.bits())).toEqual(draw(9, () => random.bits()));
        expect(resumed.fork(1).bits()).toBe(random.fork(1).bits());
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test("the counter carries into its second word", () => {
    const random = Random.resume([1, 2, 2 ** 33 - 1]);
    expect(draw(3, () => random.bits())).toEqual([
      threefry2x32([1, 2], [0xffffffff, 0])[1],
      ...threefry2x32([1, 2], [0, 1]),
    ]);
    expect(random.state).toEqual([1, 2, 2 ** 33 + 2]);
  });
});

/** How many bits of a word are 1. */
const ones = (word: number) => word.toString(2).replaceAll("0", "").length;

describe("fork", () => {
  test("depends on the key and (a, b) only, and advances nothing", () => {
    const random = new Random(5);
    const before = random.fork(1, 2).bits();
    const state = random.state;
    draw(7, () => random.bits());
    expect(random.fork(1, 2).bits()).toBe(before);
    expect(random.state).toEqual([state[0], state[1], 7]);
    expect(random.fork(9).bits()).toBe(random.fork(9, 0).bits());
  });

  test("keys: (a, b), (b, a), nested and swapped forks all differ, and none is a word of the stream", () => {
    const random = new Random(11);
    const keys = new Set<string>();
    for (let a = 0; a < 40; a++)
      for (let b = 0; b < 40; b++) keys.add(random.fork(a, b).state.join());
    for (let a = 0; a < 40; a++) keys.add(random.fork(a).fork(a).state.join());
    for (let i = 0; i < 2000; i++) keys.add(`${random.bits()},${random.bits()},0`);
    expect(keys.size).toBe(1600 + 40 + 2000);
  });

  test("neighboring forks, and a fork and its parent, differ in half of their bits", () => {
    const random = new Random(3);
    const parent = new Random(3);
    let [siblings, family] = [0, 0];
    for (let i = 0; i < 4000; i++) {
      siblings += ones((random.fork(i).bits() ^ random.fork(i + 1).bits()) >>> 0);
      family += ones((random.fork(7, i).bits() ^ parent.bits()) >>> 0);
    }
    // 4000·32 fair coins: mean 64000, standard deviation 179.
    expect(Math.abs(siblings - 64000)).toBeLessThan(5 * 179);
    expect(Math.abs(family - 64000)).toBeLessThan(5 * 179);
  });

  test("first words over forks are as uniform as words of a stream", () => {
    const counts = new Int32Array(256);
    for (let i = 0; i < 50_000; i++) counts[new Random(1).fork(i >> 8, i & 255).bits() >>> 24]++;
    expectUniform(counts, 50_000);
  });
});

describe("distributions", () => {
  test("every byte of bits() is uniform", () => {
    const random = new Random(1);
    const counts = [0, 1, 2, 3].map(() => new Int32Array(256));
    for (let i = 0; i < 200_000; i++) {
      const word = random.bits();
      for (let b = 0; b < 4; b++) counts[b][(word >>> (8 * b)) & 255]++;
    }
    for (const one of counts) expectUniform(one, 200_000);
  });

  test("uniform: range, mean ½, variance 1/12, no correlation of neighbors", () => {
    const random = new Random(2);
    const n = 200_000;
    const values = draw(n, () => random.uniform());
    let [mean, square, product] = [0, 0, 0];
    values.forEach((u, i) => {
      mean += u / n;
      square += (u - 0.5) ** 2 / n;
      product += ((u - 0.5) * (values[(i + 1) % n] - 0.5)) / n;
    });
    expect(values.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(square - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    expect(Math.abs(product)).toBeLessThan(5 * Math.sqrt(1 / 144 / n));
  });

  test("uniform(from, to) is from + (to − from)·u", () => {
    const [a, b] = [new Random(4), new Random(4)];
    for (let i = 0; i < 100; i++) expect(a.uniform(-5, 5)).toBe(-5 + 10 * b.uniform());
    expect(a.uniform(3, 3)).toBe(3);
  });

  test("normal: moments 0, 1, 0, 3, and as many in each tenth", () => {
    const random = new Random(6);
    const n = 200_000;
    const values = draw(n, () => random.normal());
    const moment = (k: number) => values.reduce((sum, z) => sum + z ** k, 0) / n;
    // Standard errors √(Var zᵏ/n) with Var z = 1, Var z² = 2, Var z³ = 15, Var z⁴ = 96.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
    const upper = [
      0, 0.2533471031357997, 0.5244005127080407, 0.8416212335729143, 1.2815515655446004,
    ];
    const deciles = [...upper.slice(1).map((z) => -z), ...upper].sort((a, b) => a - b);
    const counts = new Int32Array(10);
    for (const z of values) counts[deciles.filter((q) => z >= q).length]++;
    expectUniform(counts, n);
  });

  test.each([1, 2, 3, 7, 10, 256, 1000])("integer(%i): range and frequencies", (below) => {
    const random = new Random(below);
    const counts = new Int32Array(below);
    for (let i = 0; i < 100_000; i++) counts[random.integer(below)]++;
    expect(counts.reduce((a, b) => a + b)).toBe(100_000);
    if (below > 1) expectUniform(counts, 100_000);
  });

  test("integer has no bias where 2³² mod below is largest: 3·2³⁰ would favor a third of the values", () => {
    const random = new Random(8);
    const counts = new Int32Array(3);
    for (let i = 0; i < 60_000; i++) counts[Math.floor(random.integer(3 * 2 ** 30) / 2 ** 30)]++;
    expectUniform(counts, 60_000);
    expect(new Random(8).integer(2 ** 32)).toBe(new Random(8).bits());
  });
});

/** The definition: the first `count` steps of a Fisher–Yates shuffle of 0 … from − 1. */
function chooseByDefinition(random: Random, count: number, from: number): number[] {
  const pool = Array.from({ length: from }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + random.integer(from - i);
    [pool[i], pool[j]] = [pool[j], pool[i]];
  }
  return pool.slice(0, count);
}

describe("choose and shuffle", () => {
  test("choose gives the numbers of its definition, for small and for large `from`", () => {
    const sizes = fc.tuple(fc.nat(40), fc.oneof(fc.nat(60), fc.nat(3000)));
    fc.assert(
      fc.property(fc.nat(), sizes, (seed, [count, more]) => {
        const chosen = new Random(seed).choose(count, count + more);
        expect([...chosen]).toEqual(chooseByDefinition(new Random(seed), count, count + more));
        expect(new Set(chosen).size).toBe(count);
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test("choose(2, 4): all 12 ordered pairs alike", () => {
    const random = new Random(1);
    const counts = new Int32Array(16);
    for (let i = 0; i < 24_000; i++) {
      const [a, b] = random.choose(2, 4);
      counts[4 * a + b]++;
    }
    expectUniform(
      counts.filter((_, i) => i % 5 !== 0),
      24_000,
    );
  });

  test("shuffle: in place, all 24 orders of four alike", () => {
    const random = new Random(1);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const array = Uint8Array.of(0, 1, 2, 3);
      expect(random.shuffle(array)).toBe(array);
      counts.set(array.join(), (counts.get(array.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expectUniform([...counts.values()], 24_000);
  });
});

describe("errors", () => {
  const random = new Random(0);
  test.each([
    [() => new Random(-1), "Random: expected seed ≥ 0, got -1"],
    [() => new Random(0.5), "Random: expected integer seed ≥ 0, got 0.5"],
    [() => new Random(2 ** 53), "Random: expected integer seed ≥ 0, got 9007199254740992"],
    [() => new Random("1" as never), 'Random: expected integer seed ≥ 0, got "1"'],
    [() => random.fork(-1), "Random.fork: expected 0 ≤ a < 4294967296, got -1"],
    [() => random.fork(0, 2 ** 32), "Random.fork: expected 0 ≤ b < 4294967296, got 4294967296"],
    [() => random.integer(0), "Random.integer: expected 1 ≤ below ≤ 4294967296, got 0"],
    [() => random.integer(1.5), "expected integer 1 ≤ below ≤ 4294967296, got 1.5"],
    [() => random.uniform(1, 0), "Random.uniform: expected finite from ≤ to, got [1, 0]"],
    [() => random.uniform(0, Infinity), "got [0, Infinity]"],
    [() => random.uniform(NaN, 1), "got [NaN, 1]"],
    [() => random.choose(6, 5), "Random.choose: expected 0 ≤ count ≤ 5, got 6"],
    [() => random.choose(-1, 5), "Random.choose: expected 0 ≤ count ≤ 5, got -1"],
  ])("%s", (act, message) => expect(act).toThrow(message));
});

const GOLDEN = {
  bits: [2995828307, 2904846146, 2718410139, 798576371],
  uniform: 0.874281867640093,
  normal: -0.0769655853069462,
  integer: 222,
  choose: [907, 800, 380, 700, 887],
  shuffle: [2, 3, 4, 1, 0, 5],
  fork: 4127386633,
};
