import { checkInteger, checkOneOf, checkOptions, refuse, refuseKind } from "../check.ts";
import { decodeImage } from "./decode.ts";
import { nodeModules } from "./node.ts";
import { withChannels } from "./pixels.ts";
import { resize } from "./resize.ts";

/** The most bytes of a file: 64 MiB. */
const MOST_BYTES = 0x4000000;
/** The most values of all images: 4 GiB of f32. */
const MOST_VALUES = 0x40000000;
/** What systems leave in folders that people look at. */
const LEFTOVER = /^(\.|Thumbs\.db$|desktop\.ini$)/;

/** Options of {@link imageFiles} and `imageFolder`. */
export interface ImageOptions {
  /** Pixels a side: images are made size×size. */
  readonly size: number;
  /** 1: grey, the default; 3: red, green, blue. */
  readonly channels?: 1 | 3;
  /** 1 − v of every value, so that dark strokes on light paper become 1 on 0; default false. */
  readonly invert?: boolean;
}

/**
 * Single PNG and JPEG files as rows of inputs, for `predict`: the same values that `imageFolder` gives with the same options.
 *
 *     inputs: paths.length×inSize, in the order of the paths;   inSize = size·size·channels
 *
 * A row is an image row by row from the top left, channels last; values are 0 … 1, black … white. 100 images of 84×84×3 take 8 MB.
 * Node from 20.16 on, Deno, Bun.
 *
 * @returns all rows, one behind the other
 * @throws {RangeError} `imageFiles: expected a whole PNG in photo.png, got "an end after 90 bytes"`; a file that is neither PNG nor
 * JPEG, or has over 64 MiB or 64 Mi pixels; over 4 GiB of values
 * @throws {Error} what the file system says of a file that cannot be read
 * @example
 * const inputs = await imageFiles(["photo.png", "other.jpg"], { size: 28, invert: true });
 * const outputs = adapted.predict(inputs); // 2 rows of 28·28 values in, 2 rows of an output for each class out
 */
export async function imageFiles(
  paths: readonly string[],
  options: ImageOptions,
): Promise<Float32Array> {
  const where = "imageFiles";
  if (!Array.isArray(paths)) refuseKind(where, "a list of paths", paths);
  for (const path of paths) if (typeof path !== "string") refuseKind(where, "paths of files", path);
  const { inSize, ...pixels } = checkImageOptions(where, options);
  checkInteger(where, "values in all", paths.length * inSize, { max: MOST_VALUES });
  const inputs = new Float32Array(paths.length * inSize);
  let at = 0;
  for (const path of paths)
    for (const byte of await readImage(where, path, path, pixels)) inputs[at++] = byte / 255;
  return inputs;
}

/**
 * The paths of all files in a folder and in the folders in it, by name; for {@link imageFiles}. Passed over are names that begin with
 * a dot, and what else systems leave there (`Thumbs.db`, `desktop.ini`). A link is a file, whatever it leads to. Node from 20.16 on, Deno, Bun.
 *
 * @throws {Error} what the file system says of a folder that cannot be read
 * @example
 * const paths = await imagePaths("photos"); // ["photos/1.jpg", "photos/spring/2.jpg"]
 */
export async function imagePaths(folder: string): Promise<string[]> {
  const where = "imagePaths";
  if (typeof folder !== "string") refuseKind(where, "the path of a folder", folder);
  const { paths } = nodeModules(where);
  return (await filesWithin(where, folder)).map((path) => paths.join(folder, path));
}

/** The same from `root` on, with `/` between names. */
export async function filesWithin(where: string, root: string, folder = ""): Promise<string[]> {
  const { files, paths } = nodeModules(where);
  const entries = await files.readdir(paths.join(root, folder), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (LEFTOVER.test(entry.name)) continue;
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (!entry.isDirectory()) found.push(path);
    else for (const inside of await filesWithin(where, root, path)) found.push(inside);
  }
  return found;
}

/** The options with what is usual, and how many values an image has by them. */
export function checkImageOptions(
  where: string,
  options: ImageOptions,
): Required<ImageOptions> & { readonly inSize: number } {
  checkOptions(where, options, ["size", "channels", "invert"]);
  const { size, channels = 1, invert = false } = options;
  checkInteger(where, "size", size, { min: 1, max: 4096 });
  checkOneOf(where, "channels", channels, [1, 3]);
  checkOneOf(where, "invert", invert, [true, false]);
  return { size, channels, invert, inSize: size * size * channels };
}

/** An image's size·size·channels bytes; `name` is what errors call the file at `path`. */
export async function readImage(
  where: string,
  path: string,
  name: string,
  { size, channels, invert }: Required<ImageOptions>,
): Promise<Uint8Array> {
  const pixels = decodeImage(where, name, await readSmall(where, path, name));
  const { bytes } = resize(withChannels(pixels, channels), size, size);
  return invert ? bytes.map((byte) => 255 - byte) : bytes;
}

async function readSmall(where: string, path: string, name: string): Promise<Uint8Array> {
  const { files } = nodeModules(where);
  const info = await files.stat(path);
  if (!info.isFile()) refuse(where, `a file in ${name}`, "something else");
  if (info.size > MOST_BYTES) refuse(where, `at most ${MOST_BYTES} bytes in ${name}`, info.size);
  return files.readFile(path);
}
