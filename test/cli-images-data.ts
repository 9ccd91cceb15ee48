import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { file } from "./cli-run.ts";
import { png } from "./image-files.ts";

/** Folders of images that say by two columns which class they are of, under two rows of noise. */

export const side = 8;

/** 0 … 255 of image `index` of class `one`, row by row; dark on light. */
export function pixelsOf(one: number, index: number): number[] {
  const columns = [one % side, (one + 2 + Math.floor(one / side)) % side];
  let noise = 1 + 97 * one + 7919 * index;
  return Array.from({ length: side * side }, (_, i) => {
    noise = (noise * 48271) % 0x7fffffff;
    if (i < 2 * side) return noise % 2 === 0 ? 0 : 250;
    return columns.includes(i % side) ? 90 : 240 - (noise % 8);
  });
}

export const className = (one: number): string => `bars & ${String.fromCharCode(97 + one)}`;

/** A folder of these classes, `each` images of every one; named by their place unless `nameOf` says otherwise. */
export function writeClasses(
  folder: string,
  classes: readonly number[],
  each: number,
  { nameOf = className, color = false, from = 0 } = {},
): void {
  for (const one of classes) {
    mkdirSync(join(file(folder), nameOf(one)), { recursive: true });
    for (let index = from; index < from + each; index++) {
      const pixels = pixelsOf(one, index);
      const image = png({
        width: side,
        height: side,
        depth: 8,
        type: color ? 2 : 0,
        sample: (x, y, c) => (c === 1 ? 255 : pixels[y * side + x]),
      });
      writeFileSync(join(file(folder), nameOf(one), `${index}.png`), image);
    }
  }
}

export const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

/** A small network and few steps. */
export const brief =
  "--ways 3 --query-shots 2 --size 8 --network mlp --hidden 16 --steps 200 --meta-batch 4 --invert".split(
    " ",
  );
