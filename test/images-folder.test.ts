import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { imageFolder } from "../src/images/index.ts";
import { Random } from "../src/random.ts";
import { episodes, splitClasses } from "../src/tasks/episodes.ts";
import { ascii, png } from "./image-files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rvml-images-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}

/** One grey all over. */
const grey = (level: number, side = 4) =>
  png({ width: side, height: side, depth: 8, type: 0, sample: () => level });
const color = (...levels: number[]) =>
  png({ width: 2, height: 3, depth: 8, type: 2, sample: (_x, _y, c) => levels[c] });
const jpeg = () => {
  const { files } = JSON.parse(
    readFileSync(new URL("fixtures/image-files.json", import.meta.url), "utf8"),
  );
  const { file } = files.find(({ name }: { name: string }) => name === "JPEG, grey");
  return new Uint8Array(Buffer.from(file, "base64"));
};

async function rowsOf(...options: Parameters<typeof imageFolder>) {
  const images = await imageFolder(...options);
  const rows = Array.from({ length: images.rows }, (_, r) => {
    const row = new Float32Array(images.inSize);
    images.row(r, row, 0);
    return Array.from(row, (value) => Math.round(value * 255));
  });
  return { images, rows };
}

describe("imageFolder", () => {
  test("classes by name, rows by file name; what begins with a dot is passed over", async () => {
    put("b/2.png", grey(20));
    put("b/10.PNG", grey(10));
    put("B/x.jpeg", jpeg());
    put("a b/only", grey(30));
    put("b/.DS_Store", ascii("?"));
    put("b/Thumbs.db", ascii("?"));
    put(".git/config", ascii("?"));
    mkdirSync(join(root, "empty"));
    const { images, rows } = await rowsOf(root, { size: 1 });
    const names: readonly string[] = images.classNames; // always there, for the compiler, too
    expect(names).toEqual(["B", "a b", "b"]);
    expect(Array.from(images.labels)).toEqual([0, 1, 2, 2]);
    expect(images.shape).toEqual([1, 1, 1]);
    expect(rows.slice(1)).toEqual([[30], [10], [20]]);
    expect(rows[0][0]).toBeGreaterThan(90); // a wave around 128
  });

  test("folders in folders: each that holds images is a class", async () => {
    put("Greek/character02/1.png", grey(2));
    put("Greek/character01/1.png", grey(1));
    put("Latin/1.png", grey(3));
    put("Latin/small/1.png", grey(4));
    const { images, rows } = await rowsOf(root, { size: 2 });
    expect(images.classNames).toEqual([
      "Greek/character01",
      "Greek/character02",
      "Latin",
      "Latin/small",
    ]);
    expect(rows.map(([first]) => first)).toEqual([1, 2, 3, 4]);
  });

  test("size, channels, invert", async () => {
    const half = (x: number) => (x < 2 ? 0 : 200);
    put("a/half.png", png({ width: 4, height: 4, depth: 8, type: 0, sample: half }));
    expect((await rowsOf(root, { size: 2 })).rows).toEqual([[0, 200, 0, 200]]);
    expect((await rowsOf(root, { size: 1 })).rows).toEqual([[100]]);
    expect((await rowsOf(root, { size: 2, invert: true })).rows).toEqual([[255, 55, 255, 55]]);
    rmSync(join(root, "a"), { recursive: true });
    put("a/color.png", color(10, 20, 30));
    const { images, rows } = await rowsOf(root, { size: 2, channels: 3 });
    expect(images.shape).toEqual([2, 2, 3]);
    expect(rows).toEqual([[10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30]]);
    expect((await rowsOf(root, { size: 1 })).rows).toEqual([[18]]); // 0.299·10 + 0.587·20 + 0.114·30
  });

  test("a linked file is read", async () => {
    put("kept", grey(9));
    mkdirSync(join(root, "set/a"), { recursive: true });
    symlinkSync(join(root, "kept"), join(root, "set/a/link.png"));
    expect((await rowsOf(join(root, "set"), { size: 1 })).rows).toEqual([[9]]);
  });

  test("on to tasks: classes apart, values 0 … 1", async () => {
    for (let c = 0; c < 6; c++) for (let i = 0; i < 4; i++) put(`c${c}/${i}.png`, grey(40 * c + i));
    const images = await imageFolder(root, { size: 3 });
    const { train, test: held } = splitClasses(images, { test: 3, seed: 1 });
    expect(train.filter((one) => held.includes(one))).toEqual([]);
    const { support, query, classes } = episodes(images, {
      ways: 3,
      shots: 2,
      classes: held,
    }).sample(new Random(1));
    for (const { inputs, targets, rows } of [support, query])
      for (let r = 0; r < rows; r++)
        expect(Math.floor((inputs[9 * r] * 255 + 0.01) / 40)).toBe(classes[targets[r]]);
  });

  test.each<[string, () => void, string]>([
    [
      "half a PNG",
      () => put("a/1.png", grey(1).subarray(0, 50)),
      'a whole PNG in a/1.png, got "an end after 50 bytes"',
    ],
    [
      "half a JPEG",
      () => put("a/b/1.jpg", jpeg().subarray(0, 300)),
      "a whole JPEG in a/b/1.jpg, got",
    ],
    [
      "a table",
      () => put("a/labels.csv", ascii("name,label\n")),
      "a PNG or JPEG in a/labels.csv, got",
    ],
    ["GIF", () => put("a/1.gif", ascii("GIF89a")), "a PNG or JPEG in a/1.gif, got"],
    ["an empty file", () => put("a/1.png", new Uint8Array(0)), "a PNG or JPEG in a/1.png, got"],
    [
      "images outside of classes",
      () => put("1.png", grey(1)),
      'images in folders of classes, none beside them, got "1.png"',
    ],
    ["nothing", () => {}, "folders of images in"],
    [
      "a linked folder",
      () => {
        mkdirSync(join(root, "a"));
        symlinkSync(root, join(root, "a/round"));
      },
      'a file in a/round, got "something else"',
    ],
  ])("%s is refused", async (_, make, message) => {
    make();
    const read = imageFolder(root, { size: 4 });
    await expect(read).rejects.toThrow(RangeError);
    await expect(read).rejects.toThrow(`imageFolder: expected ${message}`);
  });

  test("more than an array can hold is refused before any file is read", async () => {
    for (let i = 0; i < 86; i++) put(`a/${i}.png`, new Uint8Array(0));
    await expect(imageFolder(root, { size: 4096, channels: 3 })).rejects.toThrow(
      "imageFolder: expected bytes in all ≤ 4294967296, got 4328521728",
    );
  });

  test("a huge file is not read", async () => {
    put("a/1.png", grey(1));
    const { truncateSync } = await import("node:fs");
    truncateSync(join(root, "a/1.png"), 0x4000001); // sparse
    await expect(imageFolder(root, { size: 4 })).rejects.toThrow(
      "at most 67108864 bytes in a/1.png, got 67108865",
    );
  });

  test.each([
    [{}, "integer 1 ≤ size ≤ 4096, got undefined"],
    [{ size: 0 }, "1 ≤ size ≤ 4096, got 0"],
    [{ size: 4, channels: 2 }, "channels 1 or 3, got 2"],
    [{ size: 4, invert: 1 }, "invert true or false, got 1"],
    [{ size: 4, color: true }, 'options size, channels or invert, got "color"'],
  ])("%o is refused", async (options, message) => {
    await expect(imageFolder(root, options as never)).rejects.toThrow(
      `imageFolder: expected ${message}`,
    );
  });

  test("a folder that is not there, or no path", async () => {
    await expect(imageFolder(join(root, "none"), { size: 4 })).rejects.toThrow("ENOENT");
    await expect(imageFolder(3 as never, { size: 4 })).rejects.toThrow(
      "imageFolder: expected the path of a folder, got 3",
    );
  });
});
