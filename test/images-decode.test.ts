import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../src/images/decode.ts";
import { withChannels } from "../src/images/pixels.ts";
import { ascii, big32, chunk, joined, png } from "./image-files.ts";
import type { PngParts } from "./image-files.ts";

/** Files written by Pillow, with the pixels that Pillow reads from them: test/fixtures/image-files.py. */
interface Fixture {
  readonly name: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly number[];
}
const fixtures: Fixture[] = JSON.parse(
  readFileSync(new URL("fixtures/image-files.json", import.meta.url), "utf8"),
).files;
const bytesOf = ({ file }: Fixture) => new Uint8Array(Buffer.from(file, "base64"));
const decode = (file: Uint8Array) => decodeImage("t", "a/1", file);

/** Refused in one line of the usual form, or not at all; anything else fails. */
function refusal(file: Uint8Array): string | undefined {
  try {
    decode(file);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(
      /^t: expected a (whole )?[A-Z]\w+.* in a\/1, got [^\n]+$/,
    );
    return (error as Error).message;
  }
}

describe("the same pixels as Pillow's", () => {
  test.each(fixtures.filter(({ name }) => !name.startsWith("JPEG")))("PNG, $name", (fixture) => {
    const { width, height, bytes } = decode(bytesOf(fixture));
    expect([width, height]).toEqual([fixture.width, fixture.height]);
    expect(Array.from(bytes)).toEqual(fixture.pixels);
  });

  // Decoders may round the transform's sums differently. Color at half size goes to the nearest pixels
  // here, and between them in Pillow, so that file's colors change slowly.
  test.each(fixtures.filter(({ name }) => name.startsWith("JPEG")))("$name", (fixture) => {
    const { width, height, bytes } = decode(bytesOf(fixture));
    expect([width, height]).toEqual([fixture.width, fixture.height]);
    const errors = fixture.pixels.map((value, i) => Math.abs(value - bytes[i]));
    const halved = fixture.name.includes("4:2:0");
    expect(Math.max(...errors)).toBeLessThanOrEqual(halved ? 6 : 4);
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(halved ? 1.5 : 1);
  });
});

/** Samples without any order, the same for the same place. */
const scattered = (depth: number) => (x: number, y: number, c: number) =>
  Math.imul(x * 7 + y * 131 + c * 977 + 5, 2654435761 | 0) >>> (32 - depth);

describe("every kind of PNG, from a writer of the test's own", () => {
  const kinds = [
    [0, [1, 2, 4, 8, 16]],
    [2, [8, 16]],
    [4, [8, 16]],
    [6, [8, 16]],
  ] as const;
  const cases = kinds.flatMap(([type, depths]) =>
    depths.flatMap((depth) =>
      [false, true].flatMap((interlaced) =>
        [
          [1, 1],
          [5, 3],
          [17, 11],
        ].map(([width, height]) => ({ type, depth, interlaced, width, height })),
      ),
    ),
  );
  test.each(cases)("type $type, $depth bits, interlaced $interlaced, $width×$height", (parts) => {
    const sample = scattered(parts.depth);
    const file = png({ ...parts, sample, filter: (y) => y % 5 });
    const { width, height, channels, bytes } = decode(file);
    expect([width, height]).toEqual([parts.width, parts.height]);
    const most = 2 ** parts.depth - 1;
    const wanted = Array.from(bytes, (_, i) => {
      const pixel = Math.floor(i / channels);
      const value = sample(pixel % width, Math.floor(pixel / width), i % channels);
      return Math.round((value / most) * 255);
    });
    expect(bytes.length).toBe(width * height * { 0: 1, 2: 3, 4: 2, 6: 4 }[parts.type]);
    expect(Array.from(bytes)).toEqual(wanted);
  });

  const palette = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
  test.each(
    [1, 2, 4, 8].flatMap((depth) => [false, true].map((interlaced) => ({ depth, interlaced }))),
  )(
    "palette, $depth bits, interlaced $interlaced; colors that tRNS does not name are opaque",
    ({ depth, interlaced }) => {
      const sample = (x: number, y: number) => (x + y) % Math.min(4, 2 ** depth);
      const parts = { width: 9, height: 4, depth, type: 3, sample, interlaced };
      const PLTE = chunk("PLTE", palette);
      const plain = decode(png({ ...parts, before: [PLTE] }));
      const clear = decode(png({ ...parts, before: [PLTE, chunk("tRNS", Uint8Array.of(9, 7))] }));
      expect([plain.channels, clear.channels]).toEqual([3, 4]);
      for (let i = 0; i < 36; i++) {
        const index = sample(i % 9, Math.floor(i / 9));
        const color = [60 * index, 60 * index + 20, 60 * index + 40];
        expect(Array.from(plain.bytes.subarray(3 * i, 3 * i + 3))).toEqual(color);
        expect(Array.from(clear.bytes.subarray(4 * i, 4 * i + 4))).toEqual([
          ...color,
          [9, 7, 255, 255][index],
        ]);
      }
    },
  );

  // Only as many bits of the key count as a sample has (third edition, 11.3.1.1).
  test.each([
    ["", 0, 5],
    [", whatever its upper bits say", 0x3b, 0xa5],
  ])("the one color of tRNS is transparent, and no other%s", (_, ...key) => {
    const sample = (x: number) => x;
    const before = [chunk("tRNS", Uint8Array.from(key))];
    const { channels, bytes } = decode(
      png({ width: 16, height: 1, depth: 4, type: 0, sample, before }),
    );
    expect(channels).toBe(2);
    const alpha = Array.from({ length: 16 }, (_each, x) => bytes[2 * x + 1]);
    expect(alpha).toEqual(Array.from({ length: 16 }, (_each, x) => (x === 5 ? 0 : 255)));
  });
});

describe("channels", () => {
  const one = (channels: 1 | 2 | 3 | 4, ...bytes: number[]) => ({
    width: 1,
    height: 1,
    channels,
    bytes: Uint8Array.from(bytes),
  });
  test.each([
    [one(1, 70), 1, [70]],
    [one(1, 70), 3, [70, 70, 70]],
    [one(3, 10, 20, 30), 3, [10, 20, 30]],
    [one(3, 255, 0, 0), 1, [76]], // 0.299·255 = 76.2
    [one(3, 0, 255, 0), 1, [150]], // 0.587·255 = 149.7
    [one(3, 0, 0, 255), 1, [29]], // 0.114·255 = 29.1
    [one(3, 255, 255, 255), 1, [255]],
    [one(2, 0, 0), 1, [255]],
    [one(2, 0, 255), 1, [0]],
    [one(4, 0, 0, 0, 51), 3, [204, 204, 204]], // a fifth of black on white
    [one(4, 255, 0, 0, 255), 3, [255, 0, 0]],
  ] as const)("%#: %o as %i", (pixels, channels, wanted) =>
    expect(Array.from(withChannels(pixels, channels).bytes)).toEqual(wanted),
  );
});

describe("hostile and broken files", () => {
  const parts: PngParts = { width: 9, height: 7, depth: 8, type: 2, sample: scattered(8) };
  const good = png(parts);

  test("PNG cut short anywhere", () => {
    for (let n = 0; n < good.length; n++)
      expect(refusal(good.subarray(0, n)), `${n}`).toBeDefined();
  });

  test("PNG with any byte changed: its checksum tells", () => {
    for (let at = 0; at < good.length; at++) {
      const bad = good.slice();
      bad[at] ^= 0x55;
      expect(refusal(bad), `byte ${at}`).toBeDefined();
    }
  });

  test.each(fixtures.filter(({ name }) => name.startsWith("JPEG")))(
    "$name cut short anywhere",
    (f) => {
      const file = bytesOf(f);
      for (let n = 0; n < file.length; n++)
        expect(refusal(file.subarray(0, n)), `${n}`).toBeDefined();
    },
  );

  test("JPEG with a byte changed is decoded or refused in form", () => {
    const file = bytesOf(fixtures.find(({ name }) => name === "JPEG, progressive")!);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bad = file.slice();
        bad[at] ^= by;
        refusal(bad);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("random bytes behind either signature", () => {
    const heads = [good.subarray(0, 8), Uint8Array.of(0xff, 0xd8, 0xff), new Uint8Array(0)];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), (head, tail) => {
        expect(refusal(joined(head, tail))).toBeDefined();
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  const sizes = (width: number, height: number) => joined(big32(width, height));
  const header = (width: number, height: number, ...rest: number[]) =>
    joined(good.subarray(0, 8), chunk("IHDR", joined(sizes(width, height), Uint8Array.from(rest))));
  const bomb = deflateSync(new Uint8Array(1 << 26)); // 64 MiB in 65 kB
  const rest = (data: Uint8Array) => joined(chunk("IDAT", data), chunk("IEND"));
  const files: [string, Uint8Array, string][] = [
    [
      "unpacks to more than its pixels",
      png({ ...parts, data: deflateSync(new Uint8Array(4000)) }),
      "more than 197 bytes of pixels, not 196",
    ],
    [
      "unpacks to less",
      png({ ...parts, data: deflateSync(new Uint8Array(195)) }),
      "195 bytes of pixels, not 196",
    ],
    [
      "a bomb",
      png({ ...parts, data: bomb }),
      `${bomb.length} bytes of image data for 196 bytes of pixels`,
    ],
    [
      "endless pixels",
      joined(header(0x7fffffff, 0x7fffffff, 8, 2, 0, 0, 0), rest(bomb)),
      "2147483647×2147483647 pixels",
    ],
    ["no pixels", joined(header(0, 4, 8, 2, 0, 0, 0), rest(bomb)), "0×4 pixels"],
    [
      "an impossible depth",
      joined(header(4, 4, 4, 2, 0, 0, 0), rest(bomb)),
      "4 bits of color type 2",
    ],
    [
      "an unknown color type",
      joined(header(4, 4, 8, 5, 0, 0, 0), rest(bomb)),
      "8 bits of color type 5",
    ],
    [
      "an unknown filter method",
      joined(header(4, 4, 8, 2, 0, 1, 0), rest(bomb)),
      "compression 0, filter 1, interlace 0",
    ],
    ["an unknown row filter", png({ ...parts, filter: () => 5 }), "filter 5"],
    ["no palette", png({ ...parts, type: 3 }), "no palette"],
    [
      "a color beyond the palette",
      png({ ...parts, type: 3, before: [chunk("PLTE", Uint8Array.of(1, 2, 3))] }),
      "of 1",
    ],
    [
      "half a palette",
      png({ ...parts, before: [chunk("PLTE", Uint8Array.of(1, 2))] }),
      "PLTE of 2 bytes",
    ],
    [
      "two palettes",
      png({ ...parts, before: Array(2).fill(chunk("PLTE", Uint8Array.of(1, 2, 3))) }),
      "PLTE twice",
    ],
    [
      "tRNS of one byte",
      png({ ...parts, before: [chunk("tRNS", Uint8Array.of(1))] }),
      "1 bytes of tRNS",
    ],
    [
      "tRNS beside alpha",
      png({ ...parts, type: 6, before: [chunk("tRNS", Uint8Array.of(1))] }),
      "tRNS beside alpha",
    ],
    [
      "an unknown chunk that matters",
      png({ ...parts, before: [chunk("ABCD")] }),
      'unknown chunk \\"ABCD\\"',
    ],
    ["no image data", joined(header(4, 4, 8, 2, 0, 0, 0), chunk("IEND")), "no IDAT"],
    ["no header", joined(good.subarray(0, 8), rest(bomb)), "no IHDR first"],
    ["text", ascii("hello, world"), "12 bytes of another kind"],
  ];
  test.each(files)("%s", (_, file, message) => expect(refusal(file)).toContain(message));

  test("chunks that pixels do not depend on are not unpacked", () => {
    const profile = joined(ascii("p\0\0"), bomb);
    const file = png({ ...parts, before: [chunk("iCCP", profile), chunk("tEXt", ascii("a\0b"))] });
    expect(decode(file)).toEqual(decode(good));
  });

  test("JPEG that tells endless pixels", () => {
    const file = bytesOf(fixtures.find(({ name }) => name === "JPEG, grey")!);
    const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
    file.set([0xff, 0xff, 0xff, 0xff], frame + 5);
    expect(refusal(file)).toContain("maxResolutionInMP limit exceeded");
  });
});
