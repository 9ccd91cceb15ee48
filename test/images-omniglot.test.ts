import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { omniglotArchives } from "../src/images/index.ts";
import { omniglotSplits } from "../src/images/omniglot-splits.ts";
import { ascii, joined, png, zip } from "./image-files.ts";
import { hasPacked, PACKED, packedIndex, readPacked } from "./packed-omniglot.ts";

/** Where the two official archives are, on machines that have them. */
const archives = process.env.RVML_OMNIGLOT ?? "";

/** Whether pixel (x, y) of a 105×105 drawing is stroke: no two drawings alike, no symmetry. */
const stroke = (seed: number) => (x: number, y: number) =>
  (Math.imul(x * 105 + y + 11025 * seed, 0x9e3779b1) >>> 16) % 5 === 0;

/** One-bit grey, 1 is paper, as the published files are; an odd seed's as eight bits. */
const drawing = (seed: number) => {
  const paper = (x: number, y: number) => (stroke(seed)(x, y) ? 0 : 1);
  const eight = seed % 2 === 1;
  const sample = eight ? (x: number, y: number) => 255 * paper(x, y) : paper;
  return png({
    width: 105,
    height: 105,
    depth: eight ? 8 : 1,
    type: 0,
    sample,
    filter: (y) => y % 5,
  });
};

const two = (n: number) => String(n).padStart(2, "0");
const seedOf = (alphabet: string, character: number, drawer: number) =>
  alphabet.length * 1000 + character * 20 + drawer;

/** An alphabet's files, in an order of their own. */
function alphabet(root: string, name: string, characters: readonly number[]) {
  const files: [string, Uint8Array][] = [];
  for (let drawer = 20; drawer >= 1; drawer--)
    for (const c of characters) {
      const path = `${root}/${name}/character${two(c)}/0${700 + c}_${two(drawer)}.png`;
      files.push([path, drawing(seedOf(name, c, drawer))]);
    }
  return files;
}

/** An archive of equally long files, stored, whose directory says of each that it is the first one. */
function overlapping(files: readonly (readonly [path: string, bytes: Uint8Array])[]) {
  const whole = zip(files);
  const [[path, bytes]] = files;
  const view = new DataView(whole.buffer);
  const end = whole.length - 22;
  const directory = view.getUint32(end + 16, true);
  for (let at = directory; at < end; at += 46 + path.length) {
    view.setUint16(at + 10, 0, true);
    view.setUint32(at + 20, bytes.length, true);
    view.setUint32(at + 42, 0, true);
  }
  const first = 30 + path.length + bytes.length;
  view.setUint32(end + 16, first, true);
  return joined(whole.subarray(0, first), whole.subarray(directory));
}

const latin = alphabet("images_background", "Latin", [2, 1, 3]);
const greek = alphabet("images_background", "Greek_", [1]);
const folders: [string, Uint8Array][] = [
  ["images_background/", new Uint8Array(0)],
  ["__MACOSX/images_background/._Latin", ascii("?")],
  ["images_background/README.md", ascii("read me")],
];
const background = zip([...folders, ...latin, ...greek]);
const evaluation = zip(alphabet("images_evaluation", "Ge_ez", [1, 2]));

describe("omniglotArchives", () => {
  test.each([28, 105, 7, 20])(
    "at size %i: the nearest pixel, stroke 1, in the order told",
    (size) => {
      const read = omniglotArchives({ background, evaluation }, { size });
      expect(read.alphabets).toEqual([
        { name: "Greek_", set: "background" },
        { name: "Latin", set: "background" },
        { name: "Ge_ez", set: "evaluation" },
      ]);
      const names: readonly string[] = read.classNames; // always there, for the compiler, too
      expect(names).toEqual(["Greek_ 1", "Latin 1", "Latin 2", "Latin 3", "Ge_ez 1", "Ge_ez 2"]);
      expect(read.characters[3]).toEqual({ alphabet: "Latin", number: 3 });
      expect([read.rows, read.shape, read.splits]).toEqual([120, [size, size, 1], {}]);
      const row = new Float32Array(size * size);
      for (let r = 0; r < 120; r += 7) {
        expect(read.labels[r]).toBe(Math.floor(r / 20));
        const { alphabet: name, number } = read.characters[read.labels[r]];
        read.row(r, row, 0);
        const ink = stroke(seedOf(name, number, 1 + (r % 20)));
        const nearest = (i: number) => Math.floor(((i + 0.5) * 105) / size);
        const wanted = Float32Array.from(row, (_, i) =>
          ink(nearest(i % size), nearest(Math.floor(i / size))) ? 1 : 0,
        );
        expect(row).toEqual(wanted);
      }
    },
  );

  const without = (path: string) => zip(latin.filter(([name]) => !name.includes(path)));
  const replaced = (bytes: Uint8Array) =>
    zip([[latin[5][0], bytes], ...latin.filter((_, i) => i !== 5)]);
  const wide = png({ width: 106, height: 105, depth: 1, type: 0, sample: () => 1 });
  const color = png({ width: 105, height: 105, depth: 8, type: 2, sample: () => 1 });
  test.each<[string, Uint8Array, string]>([
    [
      "no zip",
      ascii("PK, says the file"),
      'a whole zip archive in background, got "invalid zip data"',
    ],
    ["nothing", new Uint8Array(0), 'a whole zip archive in background, got "invalid zip data"'],
    [
      "no images",
      zip(folders),
      'ALPHABET/character01/0001_01.png and others in background, got "none"',
    ],
    [
      "a drawing missing",
      without("character02/0702_13"),
      "drawings 1 … 20 of Latin/character02 in background, got 19",
    ],
    [
      "a character missing",
      without("character02"),
      "drawings 1 … 20 of Latin/character02 in background, got 0",
    ],
    [
      "a 21st drawing",
      zip([...latin, [latin[0][0].replace("_20.png", "_21.png"), latin[0][1]]]),
      "drawings 1 … 20 of Latin/character02 in background, got 21",
    ],
    [
      "a file twice",
      zip([...latin, latin[3]]),
      'each file once in background, got "images_background/Latin/character02/0702_19.png"',
    ],
    [
      "a drawing in two folders",
      zip([...latin, [`copy/${latin[3][0]}`, latin[3][1]]]),
      'each drawing once in background, got "copy/images_background/Latin/character02/0702_19.png"',
    ],
    [
      "a drawing under two names",
      zip([...latin, [latin[3][0].replace("0702", "0703"), latin[3][1]]]),
      'each drawing once in background, got "images_background/Latin/character02/0703_19.png"',
    ],
    [
      "the same bytes as many files",
      overlapping(latin.slice(0, 20).map(([path]) => [path, latin[0][1]])),
      'files side by side in background, got "overlapping ones"',
    ],
    [
      "half a PNG",
      replaced(latin[5][1].subarray(0, 80)),
      "a whole PNG in Latin/character03, drawing 19",
    ],
    ["text", replaced(ascii("hello")), "a PNG or JPEG in Latin/character03, drawing 19"],
    [
      "another size",
      replaced(wide),
      "105×105 pixels of grey in Latin/character03, drawing 19, got [106, 105, 1]",
    ],
    [
      "color",
      replaced(color),
      "105×105 pixels of grey in Latin/character03, drawing 19, got [105, 105, 3]",
    ],
    [
      "a large file",
      replaced(new Uint8Array(0x10001)),
      "at most 65536 bytes in images_background/Latin/character03/0703_19.png, got 65537",
    ],
    ["an alphabet of the other", evaluation, "no alphabet in both archives"],
    ["text for bytes", "zip" as never, 'background a Uint8Array, got "zip"'],
  ])("%s is refused", (_, bad, message) => {
    expect(() => omniglotArchives({ background: bad, evaluation })).toThrow(message);
    expect(() => omniglotArchives({ background: bad, evaluation })).toThrow(
      /^omniglotArchives: [^\n]*$/,
    );
  });

  test("cut short anywhere", () => {
    for (let n = 0; n < background.length; n += 997)
      expect(() => omniglotArchives({ background: background.subarray(0, n), evaluation })).toThrow(
        /^omniglotArchives: expected [^\n]+, got [^\n]+$/,
      );
  });

  test("sizes that the archive tells wrongly: no more is unpacked than that, and it is refused", () => {
    const bad = zip([latin[1]]);
    // The directory's own copy of the uncompressed size, 24 bytes behind its signature.
    const entry = Buffer.from(bad).lastIndexOf(Uint8Array.of(0x50, 0x4b, 1, 2));
    new DataView(bad.buffer).setUint32(entry + 24, 10, true);
    expect(() => omniglotArchives({ background: bad, evaluation })).toThrow(
      "expected 10 bytes in images_background/Latin/character01/0701_20.png, got",
    );
  });

  test("options", () => {
    const both = { background, evaluation };
    expect(() => omniglotArchives(both, { size: 106 })).toThrow(
      "omniglotArchives: expected 1 ≤ size ≤ 105, got 106",
    );
    expect(() => omniglotArchives(both, { side: 28 } as never)).toThrow(
      "expected options size, got",
    );
    expect(() => omniglotArchives(undefined as never)).toThrow(
      "an object of options, got undefined",
    );
  });
});

test.skipIf(!hasPacked)(`splits are those of the packed form (needs ${PACKED})`, () => {
  const { splits } = packedIndex();
  const letters = ({
    train,
    validation,
    test: held,
  }: ReturnType<typeof omniglotSplits>[string]) => {
    const out: string[] = [];
    for (const c of train) out[c] = "t";
    for (const c of validation) out[c] = "v";
    for (const c of held) out[c] = "e";
    return out.join("");
  };
  const own = omniglotSplits();
  expect(Object.fromEntries(Object.entries(own).map(([name, s]) => [name, letters(s)]))).toEqual(
    splits,
  );
});

/** SHA-256 of the classes that index.json gives v in vinyals and e in random1200, by Python's hashlib. */
const HASHES = [
  "140cc734d87079e16e9078763d1f908ad6a48231857a5b08be6c83b81d95b5e5",
  "f4ff020c182d007eae3df0b99da1608fa003c48622a1260c2e75491fc8a15379",
];

test("splits: every character once; the letters as they were published", () => {
  for (const { train, validation, test: held } of Object.values(omniglotSplits())) {
    expect(held.length).toBe(423);
    expect(new Set([...train, ...validation, ...held]).size).toBe(1623);
  }
  const { vinyals, random1200 } = omniglotSplits();
  const hash = (part: readonly number[]) => createHash("sha256").update(part.join()).digest("hex");
  expect([hash(vinyals.validation), hash(random1200.test)]).toEqual(HASHES);
});

test.skipIf(!existsSync(join(archives, "images_background.zip")) || !hasPacked)(
  `the official archives are the packed form, pixel for pixel (needs RVML_OMNIGLOT, a folder with both, and ${PACKED})`,
  async () => {
    const file = (name: string) => readFileSync(join(archives, `images_${name}.zip`));
    const read = omniglotArchives({
      background: file("background"),
      evaluation: file("evaluation"),
    });
    const other = await readPacked();
    for (const name of [
      "rows",
      "shape",
      "classNames",
      "alphabets",
      "characters",
      "splits",
    ] as const)
      expect(read[name]).toEqual(other[name]);
    const [a, b] = [new Float32Array(784), new Float32Array(784)];
    let different = 0;
    for (let r = 0; r < read.rows; r++) {
      read.row(r, a, 0);
      other.row(r, b, 0);
      for (let i = 0; i < 784; i++) if (a[i] !== b[i]) different++;
    }
    expect(different).toBe(0);
  },
);
