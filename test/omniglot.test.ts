import * as fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { packedImages } from "../src/data/dataset.ts";
import { readOmniglot } from "../src/data/omniglot.ts";
import { rotated, rotatedClasses } from "../src/data/rotated.ts";
import { Random } from "../src/random.ts";
import type { Task } from "../src/task.ts";
import { episodes } from "../src/tasks/episodes.ts";
import { hasPacked, PACKED, readPacked } from "./packed-omniglot.ts";
import { numbered } from "./sources.ts";

/** How many query rows have the label of the support row with the largest cosine. */
function nearest({ support, query }: Task): number {
  let right = 0;
  for (let q = 0; q < query.rows; q++) {
    let [best, label] = [-1, -1];
    for (let s = 0; s < support.rows; s++) {
      let [dot, size] = [0, 0];
      for (let i = 0; i < 784; i++) {
        dot += support.inputs[s * 784 + i] * query.inputs[q * 784 + i];
        size += support.inputs[s * 784 + i];
      }
      if (dot / Math.sqrt(size) > best) [best, label] = [dot / Math.sqrt(size), support.targets[s]];
    }
    if (label === query.targets[q]) right++;
  }
  return right;
}

describe("images", () => {
  /** 3×3: pixel i is bit 7 − i of the first byte; the ninth stands alone in the second. */
  const images = packedImages({
    bytes: Uint8Array.of(0b10110000, 0x80),
    labels: [4],
    width: 3,
    height: 3,
  });
  const pixels = (data: typeof images, row: number) => {
    const into = new Float32Array(data.inSize + 2).fill(7);
    data.row(row, into, 1);
    expect([into[0], into.at(-1)]).toEqual([7, 7]);
    return Array.from(into.slice(1, -1)).join("");
  };

  test("bits are unpacked from the highest on", () => {
    expect(pixels(images, 0)).toBe("101100001");
  });

  test("rotated: quarters counterclockwise, as classes of their own", () => {
    const turned = rotated(images);
    //   1 0 1      1 0 1      1 0 0      0 1 1
    //   1 0 0  →   0 0 0  →   0 0 1  →   0 0 0
    //   0 0 1      1 1 0      1 0 1      1 0 1
    expect([0, 1, 2, 3].map((q) => pixels(turned, q))).toEqual([
      "101100001",
      "101000110",
      "100001101",
      "011000101",
    ]);
    expect(Array.from(turned.labels)).toEqual([16, 17, 18, 19]);
    expect(rotatedClasses([4])).toEqual([16, 17, 18, 19]);
    expect(() => rotated(numbered(2, 2))).toThrow(
      "rotated: expected inSize a square number, got 2",
    );
  });
});

describe("omniglot", () => {
  const index = {
    width: 3,
    height: 3,
    images: 4,
    drawers: 2,
    alphabets: [{ name: "A", set: "background" }],
    characters: [
      [0, 1],
      [0, 2],
    ],
    splits: { own: "te" },
  };
  const bytes = Uint8Array.of(0xff, 0x80, 0, 0, 0xf0, 0, 0x0f, 0x80);

  test("reads packed bytes, gzip or not", async () => {
    for (const packed of [bytes, new Uint8Array(gzipSync(bytes)), gzipSync(bytes)]) {
      const read = await readOmniglot(packed, index);
      expect(Array.from(read.labels)).toEqual([0, 0, 1, 1]);
      expect(read.splits.own).toEqual({ train: [0], validation: [], test: [1] });
      expect(read.characters[1]).toEqual({ alphabet: "A", number: 2 });
      expect([read.shape, read.classNames]).toEqual([
        [3, 3, 1],
        ["A 1", "A 2"],
      ]);
      const row = new Float32Array(9);
      read.row(3, row, 0);
      expect(row).toEqual(Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 1));
    }
  });

  test.each([
    [bytes.slice(1), {}, "readOmniglot: expected packed.length 8 (4 images of 2 bytes), got 7"],
    [
      gzipSync(bytes).subarray(0, 20),
      {},
      'readOmniglot: expected whole gzip data in packed, got "20 bytes that do not unpack"',
    ],
    [
      gzipSync(new Uint8Array(1 << 26)),
      {},
      "readOmniglot: expected packed.length 8 (4 images of 2 bytes), got 9",
    ],
    [
      bytes,
      { images: 2e9, drawers: 1e9 },
      "readOmniglot: expected bytes in all ≤ 1073741824, got 4000000000",
    ],
    ["text", {}, 'readOmniglot: expected packed a Uint8Array, got "text"'],
    [bytes, { width: 0 }, "readOmniglot: expected index.width ≥ 1, got 0"],
    [
      bytes,
      { drawers: undefined },
      "readOmniglot: expected integer index.drawers ≥ 1, got undefined",
    ],
    [bytes, { drawers: 1 }, "expected index.characters.length 4 (4 images by 1 drawers), got 2"],
    [bytes, { splits: { own: "t" } }, 'expected 2 letters t, v, e in index.splits.own, got "t"'],
    [bytes, { splits: { own: "tx" } }, 'expected 2 letters t, v, e in index.splits.own, got "tx"'],
    [
      bytes,
      {
        characters: [
          [0, 1],
          [1, 1],
        ],
      },
      "expected index.characters of known alphabets, got [1, 1]",
    ],
    [bytes, { characters: [[0, 1], null] }, "index.characters of known alphabets, got null"],
  ])("%#: refused: %o %o", async (packed, change, message) => {
    await expect(readOmniglot(packed as Uint8Array, { ...index, ...change })).rejects.toThrow(
      message,
    );
  });

  test("whatever the index and the bytes: read as they say, or refused in form", async () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(0, -1, 1.5, NaN, "2", null),
    );
    const character = fc.oneof(fc.constant([0, 1]), fc.constantFrom(null, [1, 1], ["0"], 3));
    const fields = {
      width: size,
      height: size,
      images: size,
      drawers: size,
      alphabets: fc.constantFrom([], null, [null], [{}]),
      characters: fc.oneof(fc.array(character, { maxLength: 4 }), fc.constantFrom(null, "ab")),
      splits: fc.constantFrom({}, { own: "t" }, { own: "tv" }, { own: 3 }, null, "t"),
    };
    const changes = Object.entries(fields).map(([name, value]) =>
      (value as fc.Arbitrary<unknown>).map((one) => ({ [name]: one })),
    );
    const one = fc.oneof(fc.constant({}), ...changes);
    const made = fc.tuple(one, one).map(([a, b]) => ({ ...a, ...b }));
    const body = fc.oneof(fc.constant(bytes), fc.uint8Array({ maxLength: 8 }));
    let read = 0;
    const property = fc.asyncProperty(made, body, async (change, packed) => {
      const result = await readOmniglot(packed, { ...index, ...change }).catch(
        (error: unknown) => error as Error,
      );
      if (result instanceof Error) {
        expect(result.message).toMatch(/^readOmniglot: expected [^\n]+, got [^\n]+$/);
        expect([RangeError, TypeError]).toContain(result.constructor);
        return;
      }
      read++;
      expect(result.rows * Math.ceil(result.inSize / 8)).toBe(packed.length);
      expect(result.classNames!.length).toBe(result.characters.length);
    });
    await fc.assert(property, { seed: 1, numRuns: 3000 });
    expect(read).toBeGreaterThan(20);
  });

  test.skipIf(!hasPacked)(`the whole of it (needs ${PACKED})`, async () => {
    const omniglot = await readPacked();
    expect([omniglot.rows, omniglot.inSize, omniglot.characters.length]).toEqual([
      32460, 784, 1623,
    ]);
    const { train, validation, test: held } = omniglot.splits.random1200;
    expect([train.length, validation.length, held.length]).toEqual([1100, 100, 423]);
    expect(new Set([...train, ...validation, ...held]).size).toBe(1623);
    // Nearest neighbor by cosine of raw pixels on 5-way 1-shot tasks: 43.8 % by the data's own notes.
    const distribution = episodes(omniglot, {
      ways: 5,
      shots: 1,
      queryShots: 5,
      classes: omniglot.splits.vinyals.test,
    });
    let right = 0;
    for (let i = 0; i < 400; i++) right += nearest(distribution.sample(new Random(1).fork(i)));
    expect(right / 400 / 25).toBeGreaterThan(0.41);
    expect(right / 400 / 25).toBeLessThan(0.47);
  });
});
