import { checkInteger, checkOneOf, checkOptions, refuse, refuseKind } from "../check.ts";
import { byteImages } from "../data/dataset.ts";
import type { Dataset } from "../data/dataset.ts";
import { decodeImage } from "./decode.ts";
import { nodeModules } from "./node.ts";
import { withChannels } from "./pixels.ts";
import { resize } from "./resize.ts";

const WHERE = "imageFolder";
/** The most bytes of a file: 64 MiB. */
const MOST_BYTES = 0x4000000;
/** The most bytes of all images: 4 GiB, what a Uint8Array can hold in Node 20. */
const MOST_IN_ALL = 0x100000000;
/** What systems leave in folders that people look at. */
const LEFTOVER = /^(\.|Thumbs\.db$|desktop\.ini$)/;

/** Options of {@link imageFolder}. */
export interface ImageFolderOptions {
  /** Pixels a side: images are made size×size. */
  readonly size: number;
  /** 1: grey, the default; 3: red, green, blue. */
  readonly channels?: 1 | 3;
  /** 1 − v of every value, so that dark strokes on light paper become 1 on 0; default false. */
  readonly invert?: boolean;
}

/**
 * Any folder of class folders of PNG and JPEG files. Each folder that holds images is a class, named
 * by its path from `folder` on (`cats`, `Greek/character01`); classes go by name, a class's rows by
 * the files' names.
 *
 * Images are made size×size, whatever their sides' ratio: means of areas where that is smaller,
 * between the nearest pixels where it is larger. Values are 0 … 1, black … white; what is transparent
 * shows white behind it. A byte a value is kept: 100 images of 84×84×3 take 2 MB. Node, Deno, Bun.
 *
 * Files whose names begin with a dot are passed over; any other that is no image is refused, so that
 * nothing is left out in silence. A JPEG's EXIF orientation is not followed.
 *
 * @returns a dataset of shape [size, size, channels] with the classes' names
 * @throws {RangeError} `imageFolder: expected a whole PNG in cats/1.png, got "an end after 90
 * bytes"`; a file that is neither PNG nor JPEG, or has over 64 MiB or 64 Mi pixels; images outside of
 * class folders; no images at all; over 4 GiB of them
 * @throws {Error} what the file system says of a folder or file that cannot be read
 * @example
 * const images = await imageFolder("images", { size: 28, invert: true });
 * const { train, test } = splitClasses(images, { test: 0.2 });
 */
export async function imageFolder(folder: string, options: ImageFolderOptions): Promise<Dataset> {
  if (typeof folder !== "string") refuseKind(WHERE, "the path of a folder", folder);
  checkOptions(WHERE, options, ["size", "channels", "invert"]);
  const { size, channels = 1, invert = false } = options;
  checkInteger(WHERE, "size", size, { min: 1, max: 4096 });
  checkOneOf(WHERE, "channels", channels, [1, 3]);
  checkOneOf(WHERE, "invert", invert, [true, false]);
  const classes = await classFolders(folder);
  const names = [...classes.keys()].sort();
  const labels = names.flatMap((name, c) => classes.get(name)!.map(() => c));
  const inSize = size * size * channels;
  checkInteger(WHERE, "bytes in all", labels.length * inSize, { max: MOST_IN_ALL });
  const bytes = new Uint8Array(labels.length * inSize);
  let row = 0;
  for (const name of names)
    for (const file of classes.get(name)!.sort()) {
      const path = `${name}/${file}`;
      const pixels = decodeImage(WHERE, path, await readSmall(folder, path));
      bytes.set(resize(withChannels(pixels, channels), size, size).bytes, row++ * inSize);
    }
  if (invert) for (let i = 0; i < bytes.length; i++) bytes[i] = 255 - bytes[i];
  return byteImages({ bytes, labels, width: size, height: size, channels, classNames: names });
}

/** The files of each folder that has some, by its path from `root` on. */
async function classFolders(root: string): Promise<Map<string, string[]>> {
  const { files, paths } = nodeModules(WHERE);
  const classes = new Map<string, string[]>();
  async function walk(folder: string): Promise<void> {
    const entries = await files.readdir(paths.join(root, folder), { withFileTypes: true });
    for (const entry of entries) {
      if (LEFTOVER.test(entry.name)) continue;
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory()) await walk(path);
      else if (!folder) refuse(WHERE, "images in folders of classes, none beside them", path);
      else classes.set(folder, [...(classes.get(folder) ?? []), entry.name]);
    }
  }
  await walk("");
  if (classes.size === 0) refuse(WHERE, `folders of images in ${root}`, "none");
  return classes;
}

async function readSmall(root: string, path: string): Promise<Uint8Array> {
  const { files, paths } = nodeModules(WHERE);
  const whole = paths.join(root, path);
  const info = await files.stat(whole);
  if (!info.isFile()) refuse(WHERE, `a file in ${path}`, "something else");
  if (info.size > MOST_BYTES) refuse(WHERE, `at most ${MOST_BYTES} bytes in ${path}`, info.size);
  return files.readFile(whole);
}
