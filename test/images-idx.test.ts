import * as fc from "fast-check";
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readIdx, readQuickDraw } from "../src/images/index.ts";
import { Random } from "../src/random.ts";
import { episodes } from "../src/tasks/episodes.ts";
import { big32, joined } from "./image-files.ts";

const QUICKDRAW = "../shared/data/quickdraw28/";
const folder = new URL(`../${QUICKDRAW}`, import.meta.url);

/** The row's values times `scale`, as whole numbers. */
function values(data: Awaited<ReturnType<typeof readIdx>>, row: number, scale: number): number[] {
  const into = new Float32Array(data.inSize + 2).fill(7);
  data.row(row, into, 1);
  expect([into[0], into.at(-1)]).toEqual([7, 7]);
  return Array.from(into.slice(1, -1), (value) => Math.round(value * scale));
}

async function refusal(read: Promise<unknown>): Promise<Error | undefined> {
  const error = await read.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined) {
    expect([RangeError, TypeError]).toContain((error as Error).constructor);
    expect((error as Error).message).toMatch(/^read(Idx|QuickDraw): expected [^\n]+, got [^\n]+$/);
  }
  return error as Error | undefined;
}

describe("readIdx", () => {
  const pixels = Uint8Array.from({ length: 3 * 2 * 5 }, (_, i) => (i * 37) % 256);
  const images = joined(big32(0x803, 3, 2, 5), pixels);
  const labels = joined(big32(0x801, 3), Uint8Array.of(4, 0, 4));

  test.each([
    ["plain", images, labels],
    ["gzip", new Uint8Array(gzipSync(images)), new Uint8Array(gzipSync(labels))],
    ["one of them gzip, as Buffer", gzipSync(images), Buffer.from(labels)],
    ["inside of larger arrays", joined(big32(1), images).subarray(4), labels],
  ])("%s", async (_, imageFile, labelFile) => {
    const classNames = ["a", "b", "c", "d", "e"];
    const read = await readIdx(imageFile, labelFile, { classNames });
    expect([read.rows, read.inSize, read.shape]).toEqual([3, 10, [2, 5, 1]]);
    expect(Array.from(read.labels)).toEqual([4, 0, 4]);
    expect(read.classNames).toEqual(classNames);
    for (let row = 0; row < 3; row++)
      expect(values(read, row, 255)).toEqual(Array.from(pixels.subarray(10 * row, 10 * row + 10)));
  });

  test("values are byte/255", async () => {
    const read = await readIdx(
      joined(big32(0x803, 1, 1, 2), Uint8Array.of(255, 51)),
      joined(big32(0x801, 1), Uint8Array.of(0)),
    );
    const row = new Float32Array(2);
    read.row(0, row, 0);
    expect(row).toEqual(Float32Array.of(1, 0.2));
  });

  const big = gzipSync(joined(big32(0x803, 3, 2, 5), new Uint8Array(1 << 26)));
  test.each<[string, Uint8Array, Uint8Array, string]>([
    ["labels for images", labels, labels, "at least 16 bytes in images, got 11"],
    ["images for labels", images, images, 'magic number 0x00000801 in labels, got "0x00000803"'],
    [
      "floats",
      joined(big32(0xd03, 3, 2, 5), pixels),
      labels,
      'magic number 0x00000803 in images, got "0x00000d03"',
    ],
    ["a byte too few", images.subarray(0, -1), labels, "46 bytes in images, got 45"],
    ["a byte too many", joined(images, big32(0)), labels, '46 bytes in images, got "more"'],
    ["a label too few", images, labels.subarray(0, -1), "11 bytes in labels, got 10"],
    [
      "other counts",
      images,
      joined(big32(0x801, 2), Uint8Array.of(4, 0)),
      "3 labels, one an image, got 2",
    ],
    [
      "no height",
      joined(big32(0x803, 3, 0, 5)),
      labels,
      "height and width ≥ 1 in images, got [0, 5]",
    ],
    [
      "endless",
      joined(big32(0x803, 3, 0xffffffff, 0xffffffff)),
      labels,
      "at most 1073741824 bytes of images, got",
    ],
    ["a bomb", big, labels, '46 bytes in images, got "more"'],
    [
      "half a gzip",
      gzipSync(images).subarray(0, 30),
      labels,
      'whole gzip data in images, got "30 bytes that do not unpack"',
    ],
    ["nothing", new Uint8Array(0), labels, "at least 16 bytes in images, got 0"],
    ["text", "images" as never, labels, 'images a Uint8Array, got "images"'],
  ])("%s is refused", async (_, imageFile, labelFile, message) => {
    expect((await refusal(readIdx(imageFile, labelFile)))?.message).toContain(message);
  });

  test("a class without a name is refused", async () => {
    const error = await readIdx(images, labels, { classNames: ["a"] }).catch((e: unknown) => e);
    expect(String(error)).toContain("expected a label below 1 (classNames) at index 0, got 4");
  });

  test("whatever the bytes: read as they say, or refused in form", async () => {
    const head = fc.tuple(fc.constantFrom(0x803, 0x801, 3), fc.nat(3), fc.nat(3), fc.nat(3));
    const property = fc.asyncProperty(
      head,
      fc.uint8Array({ maxLength: 12 }),
      fc.uint8Array({ maxLength: 8 }),
      fc.boolean(),
      async ([magic, count, height, width], body, tail, zipped) => {
        const file = joined(big32(magic, count, height, width), body);
        const labelFile = joined(big32(0x801, count), tail);
        const read = readIdx(zipped ? gzipSync(file) : file, labelFile);
        const fits =
          magic === 0x803 &&
          height * width > 0 &&
          body.length === count * height * width &&
          tail.length === count;
        const error = await refusal(read);
        expect(error === undefined, String(error)).toBe(fits);
        if (fits) expect(Array.from((await read).labels)).toEqual(Array.from(tail));
      },
    );
    await fc.assert(property, { seed: 1, numRuns: 500 });
  });
});

describe("readQuickDraw", () => {
  const index = { width: 3, height: 3, classes: ["cat", "dog"], per_class: 2 };
  const bytes = Uint8Array.of(0xff, 0x80, 0, 0, 0xf0, 0, 0x0f, 0x80);

  test("plain or gzip", async () => {
    for (const packed of [bytes, gzipSync(bytes)]) {
      const read = await readQuickDraw(packed, index);
      expect([read.rows, read.shape, Array.from(read.labels)]).toEqual([
        4,
        [3, 3, 1],
        [0, 0, 1, 1],
      ]);
      expect(read.classNames).toEqual(["cat", "dog"]);
      expect(values(read, 2, 1)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0]);
      expect(values(read, 3, 1)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1]);
    }
  });

  const bomb = gzipSync(new Uint8Array(1 << 26));
  test.each<[Uint8Array, object, string]>([
    [bytes.subarray(1), {}, "packed.length 8 (4 images of 2 bytes), got 7"],
    [joined(bytes, bytes), {}, "packed.length 8 (4 images of 2 bytes), got 9"],
    [bomb, {}, "packed.length 8 (4 images of 2 bytes), got 9"],
    [
      gzipSync(bytes).subarray(0, 20),
      {},
      'whole gzip data in packed, got "20 bytes that do not unpack"',
    ],
    ["text" as never, {}, 'packed a Uint8Array, got "text"'],
    [bytes, { width: 0 }, "1 ≤ index.width ≤ 65535, got 0"],
    [bytes, { height: "3" }, 'integer 1 ≤ index.height ≤ 65535, got "3"'],
    [bytes, { per_class: undefined }, "integer 1 ≤ index.per_class ≤ 65535, got undefined"],
    [bytes, { width: 65535, height: 65535 }, "bytes in all ≤ 1073741824, got 2147418116"],
    [bytes, { classes: [] }, "at least one class in index.classes, got 0"],
    [bytes, { classes: "cat" }, 'array index.classes, got "cat"'],
    [bytes, { classes: ["cat", 3] }, "text in index.classes, got 3"],
  ])("%#: refused: %o %o", async (packed, change, message) => {
    const error = await refusal(readQuickDraw(packed, { ...index, ...change }));
    expect(error?.message).toContain(message);
  });

  test("no index", async () => {
    for (const none of [null, undefined, 3])
      expect((await refusal(readQuickDraw(bytes, none as never)))?.message).toContain(
        "index an object",
      );
  });

  test("whatever the index and the bytes: read as they say, or refused in form", async () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(0, -1, 1.5, NaN, "2", null),
    );
    const made = fc.record({
      width: size,
      height: size,
      per_class: size,
      classes: fc.oneof(fc.array(fc.string(), { maxLength: 3 }), fc.constantFrom(null, "ab", [])),
    });
    const property = fc.asyncProperty(
      made,
      fc.uint8Array({ maxLength: 40 }),
      async (any, packed) => {
        const read = readQuickDraw(packed, any);
        if (await refusal(read)) return;
        const { rows, inSize } = await read;
        expect(rows * Math.ceil(inSize / 8)).toBe(packed.length);
      },
    );
    await fc.assert(property, { seed: 2, numRuns: 500 });
  });

  test.skipIf(!existsSync(folder))(`the whole of it (needs ${QUICKDRAW})`, async () => {
    const whole = JSON.parse(readFileSync(new URL("index.json", folder), "utf8"));
    const packed = readFileSync(new URL("quickdraw28-b1.bin.gz", folder));
    const drawings = await readQuickDraw(packed, whole);
    expect([drawings.rows, drawings.shape]).toEqual([34_500, [28, 28, 1]]);
    expect(drawings.classNames[drawings.labels[34_499]]).toBe("zigzag");
    const task = episodes(drawings, { ways: 5, shots: 2 }).sample(new Random(3));
    const ink = (task.support.inputs as Float32Array).reduce((a, b) => a + b) / (10 * 784);
    expect(ink).toBeGreaterThan(0.02);
    expect(ink).toBeLessThan(0.5);
  });
});
