import { createHash } from "node:crypto";
import type { Dataset } from "../index.ts";
import { imageFolder } from "../images/index.ts";
import { Failure, fromFile, raise } from "./errors.ts";
import { fromSystem } from "./image-files.ts";
import { rowsBy } from "./rows-by.ts";
import type { ForImages, ImageSettings } from "./settings.ts";

/** A folder's images as a model sees them. What the library or the file system refuses lies in the folder. */
export async function readImages(
  folder: string,
  { size, channels, invert }: Pick<ImageSettings, "size" | "channels" | "invert">,
): Promise<Dataset> {
  const read = () => imageFolder(folder, { size, channels, invert });
  return fromSystem(folder, read).catch((error: unknown) => fromFile(folder, () => raise(error)));
}

/**
 * Only the classes with images enough for a task.
 *
 * @throws {Failure} `images: expected at least 6 images …` where small ones are not to be left out
 */
export function classesWith(
  images: Dataset,
  folder: string,
  { shots, queryShots }: Pick<ForImages, "shots" | "queryShots">,
  {
    dropSmall = false,
    advice,
  }: { readonly dropSmall?: boolean | undefined; advice(got: number): string },
): Dataset {
  const least = shots + queryShots;
  const rows = rowsBy(images.labels);
  const small = [...rows.keys()].find((one) => rows.get(one)!.length < least);
  if (small === undefined) return images;
  const got = rows.get(small)!.length;
  if (!dropSmall)
    throw new Failure(
      `${folder}: expected at least ${least} images (--shots ${shots}, --query-shots ${queryShots}) in class "${images.classNames![small]}", ` +
        `got ${got}; ${advice(got)}`,
    );
  return onlyClasses(
    images,
    [...rows.keys()].filter((one) => rows.get(one)!.length >= least),
  );
}

/** The rows of those classes, under their old numbers. */
export function onlyClasses(images: Dataset, classes: readonly number[]): Dataset {
  const wanted = new Set(classes);
  const kept = Array.from(images.labels, (_, row) => row).filter((row) =>
    wanted.has(images.labels[row]),
  );
  return {
    ...images,
    rows: kept.length,
    labels: kept.map((row) => images.labels[row]),
    row: (index, into, offset) => images.row(kept[index], into, offset),
  };
}

export const namesOf = ({ classNames }: Dataset, classes: readonly number[]): string[] =>
  classes.map((one) => classNames![one]);

/** SHA-256 of those classes' names and pixels. */
export function fingerprint(images: Dataset, classes: readonly number[]): string {
  const rows = rowsBy(images.labels);
  const hash = createHash("sha256");
  const pixels = new Float32Array(images.inSize);
  for (const one of classes) {
    hash.update(JSON.stringify([images.classNames![one], rows.get(one)!.length]));
    for (const row of rows.get(one)!) {
      images.row(row, pixels, 0);
      hash.update(bytesOf(pixels));
    }
  }
  return hash.digest("hex");
}

/** A byte a value, as images were read. */
export const bytesOf = (values: ArrayLike<number>): Uint8Array =>
  Uint8Array.from(values, (value) => Math.round(255 * value));
