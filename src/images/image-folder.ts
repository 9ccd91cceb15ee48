import { checkInteger, refuse, refuseKind } from "../check.ts";
import { byteImages, type NamedDataset } from "../data/dataset.ts";
import { checkImageOptions, filesWithin, type ImageOptions, readImage } from "./image-files.ts";
import { nodeModules } from "./node.ts";

const WHERE = "imageFolder";
/** The most bytes of all images: 4 GiB, what a Uint8Array can hold in Node 20. */
const MOST_IN_ALL = 0x100000000;

/**
 * Any folder of class folders of PNG and JPEG files. Each folder that holds images is a class, named
 * by its path from `folder` on (`cats`, `Greek/character01`); classes go by name, a class's rows by
 * the files' names.
 *
 * Images are made size×size, whatever their sides' ratio: means of areas where that is smaller,
 * between the nearest pixels where it is larger. Values are 0 … 1, black … white; what is transparent
 * shows white behind it. A byte a value is kept: 100 images of 84×84×3 take 2 MB. Node from 20.16 on, Deno, Bun.
 *
 * Passed over are names that begin with a dot, folders' too, `Thumbs.db` and `desktop.ini`; any other file that is no image is refused, so that
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
export async function imageFolder(folder: string, options: ImageOptions): Promise<NamedDataset> {
  if (typeof folder !== "string") refuseKind(WHERE, "the path of a folder", folder);
  const { inSize, ...pixels } = checkImageOptions(WHERE, options);
  const { paths } = nodeModules(WHERE);
  const classes = await classFolders(folder);
  const classNames = [...classes.keys()].sort();
  const labels = classNames.flatMap((name, c) => classes.get(name)!.map(() => c));
  checkInteger(WHERE, "bytes in all", labels.length * inSize, { max: MOST_IN_ALL });
  const bytes = new Uint8Array(labels.length * inSize);
  let row = 0;
  for (const name of classNames)
    for (const path of classes.get(name)!) {
      const image = await readImage(WHERE, paths.join(folder, path), path, pixels);
      bytes.set(image, row++ * inSize);
    }
  const { size, channels } = pixels;
  const sides = { width: size, height: size };
  return byteImages({ bytes, labels, ...sides, channels, classNames }) as NamedDataset;
}

/** The files of each folder that has some, by its path from `root` on. */
async function classFolders(root: string): Promise<Map<string, string[]>> {
  const classes = new Map<string, string[]>();
  for (const path of await filesWithin(WHERE, root)) {
    const end = path.lastIndexOf("/");
    if (end < 0) refuse(WHERE, "images in folders of classes, none beside them", path);
    const name = path.slice(0, end);
    if (!classes.has(name)) classes.set(name, []);
    classes.get(name)!.push(path);
  }
  if (classes.size === 0) refuse(WHERE, `folders of images in ${root}`, "none");
  return classes;
}
