import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { imageFiles, imagePaths } from "../src/images/index.ts";
import { ascii, png } from "./image-files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rvml-images-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, bytes: Uint8Array): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, bytes);
  return whole;
}

/** One grey all over. */
const grey = (level: number) =>
  png({ width: 4, height: 4, depth: 8, type: 0, sample: () => level });
const color = (...levels: number[]) =>
  png({ width: 2, height: 3, depth: 8, type: 2, sample: (_x, _y, c) => levels[c] });
/** What bytes are as values: f32 of 0 … 1. */
const values = (...bytes: number[]) => Float32Array.from(bytes, (byte) => byte / 255);

describe("imageFiles", () => {
  test("rows in the order of the paths, the same file twice if it is there twice", async () => {
    const [b, a] = [put("b.png", grey(20)), put("x/a", grey(10))];
    expect(await imageFiles([b, a, b], { size: 1 })).toEqual(values(20, 10, 20));
    expect(await imageFiles([a, b], { size: 2 })).toEqual(values(10, 10, 10, 10, 20, 20, 20, 20));
  });

  test("size, channels, invert", async () => {
    const half = (x: number) => (x < 2 ? 0 : 200);
    const path = put("half", png({ width: 4, height: 4, depth: 8, type: 0, sample: half }));
    expect(await imageFiles([path], { size: 2 })).toEqual(values(0, 200, 0, 200));
    expect(await imageFiles([path], { size: 2, invert: true })).toEqual(values(255, 55, 255, 55));
    const paint = put("color.png", color(10, 20, 30));
    const all = { size: 2, channels: 3, invert: true } as const;
    expect(await imageFiles([paint], all)).toEqual(
      values(...Array.from({ length: 4 }, () => [245, 235, 225]).flat()),
    );
    expect(await imageFiles([paint], { size: 1 })).toEqual(values(18)); // 0.299·10 + 0.587·20 + 0.114·30
  });

  test("of no path, no values", async () => {
    expect(await imageFiles([], { size: 4 })).toEqual(new Float32Array(0));
  });

  test("nothing but the files is touched", async () => {
    const path = put("a/1.png", grey(1));
    await imageFiles([path], { size: 4 });
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(["a", "a/1.png"]);
  });

  test.each<[string, () => void, string]>([
    ["half a PNG", () => put("it", grey(1).subarray(0, 50)), "a whole PNG in"],
    ["a text", () => put("it", ascii("name,label\n")), "a PNG or JPEG in"],
    ["a folder", () => mkdirSync(join(root, "it")), "a file in"],
    ["a huge file", () => truncateSync(put("it", grey(1)), 0x4000001), "at most 67108864 bytes in"],
  ])("%s is refused, by the path as it was given", async (_, make, message) => {
    make();
    const path = join(root, "it");
    const read = imageFiles([put("good", grey(1)), path], { size: 4 });
    await expect(read).rejects.toThrow(RangeError);
    await expect(read).rejects.toThrow(`imageFiles: expected ${message} ${path}, got `);
  });

  test("more than an array can hold is refused before any file is read", async () => {
    const paths = Array.from({ length: 22 }, () => "none.png");
    await expect(imageFiles(paths, { size: 4096, channels: 3 })).rejects.toThrow(
      "imageFiles: expected values in all ≤ 1073741824, got 1107296256",
    );
  });

  test.each<[unknown, unknown, string]>([
    ["a.png", { size: 4 }, 'a list of paths, got "a.png"'],
    [["a.png", 3], { size: 4 }, "paths of files, got 3"],
    [[], undefined, "an object of options, got undefined"],
    [[], {}, "integer 1 ≤ size ≤ 4096, got undefined"],
    [[], { size: 4, channels: 2 }, "channels 1 or 3, got 2"],
    [[], { size: 4, color: true }, 'options size, channels or invert, got "color"'],
  ])("%o, %o is refused", async (paths, options, message) => {
    await expect(imageFiles(paths as never, options as never)).rejects.toThrow(
      `imageFiles: expected ${message}`,
    );
  });

  test("a file that is not there", async () => {
    await expect(imageFiles([join(root, "none")], { size: 4 })).rejects.toThrow("ENOENT");
  });
});

describe("imagePaths", () => {
  test("files of the folder and of all in it, by name; leftovers of systems are passed over", async () => {
    const nothing = new Uint8Array(0);
    for (const path of ["b/2.png", "b/10", "b/deep/er/1.jpg", "c.png", "B.png", "a b/x"])
      put(path, nothing);
    for (const path of [".git/config", "b/.DS_Store", "b/Thumbs.db", "desktop.ini"])
      put(path, nothing);
    mkdirSync(join(root, "a/empty"), { recursive: true });
    symlinkSync(root, join(root, "round"));
    const found = await imagePaths(root);
    const names = ["B.png", "a b/x", "b/10", "b/2.png", "b/deep/er/1.jpg", "c.png", "round"];
    expect(found).toEqual(names.map((name) => join(root, name)));
  });

  test("an empty folder has none", async () => {
    expect(await imagePaths(root)).toEqual([]);
  });

  test("a folder that is not there, or no path", async () => {
    await expect(imagePaths(join(root, "none"))).rejects.toThrow("ENOENT");
    await expect(imagePaths(3 as never)).rejects.toThrow(
      "imagePaths: expected the path of a folder, got 3",
    );
  });
});
