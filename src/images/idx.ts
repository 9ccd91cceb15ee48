import { checkOptions, refuse, refuseKind } from "../check.ts";
import { byteImages, type Dataset } from "../data/dataset.ts";
import { gunzip } from "../gunzip.ts";

const WHERE = "readIdx";
/** Unsigned bytes in one dimension, and in three. */
const MAGIC = { labels: 0x00000801, images: 0x00000803 } as const;
/** The most bytes of pixels: 1 GiB, twenty times MNIST's. */
const MOST = 0x40000000;

/**
 * Images in IDX form, as MNIST, Fashion-MNIST, KMNIST and EMNIST come: one file of images, one of
 * their labels, gzip or not. One byte a pixel is kept; a value is byte/255. Images are as the file has
 * them: EMNIST's, as published, have rows and columns changed over.
 *
 * @param images magic 0x00000803, count, height, width, then the pixels
 * @param labels magic 0x00000801, count, then a byte each
 * @param options `classNames`: one for each class, for people
 * @returns a dataset of shape [height, width, 1]
 * @throws {RangeError} `readIdx: expected magic number 0x00000803 in images, got "0x00000801"`;
 * files that are longer or shorter than they say, or of different counts; broken gzip data
 * @throws {TypeError} what is no Uint8Array
 * @see LeCun, Cortes, Burges, The MNIST database of handwritten digits
 * @example
 * const [images, labels] = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"];
 * const digits = await readIdx(await readFile(images), await readFile(labels));
 */
export async function readIdx(
  images: Uint8Array,
  labels: Uint8Array,
  options: { readonly classNames?: readonly string[] } = {},
): Promise<Dataset> {
  const { classNames } = checkOptions(WHERE, options, ["classNames"]);
  const [count, height, width] = await readSizes("images", images, 3);
  const [labelCount] = await readSizes("labels", labels, 1);
  if (height < 1 || width < 1) refuse(WHERE, "height and width ≥ 1 in images", [height, width]);
  if (labelCount !== count) refuse(WHERE, `${count} labels, one an image`, labelCount);
  return byteImages({
    bytes: await readBody("images", images, 16, count * height * width),
    labels: await readBody("labels", labels, 8, count),
    height,
    width,
    ...(classNames && { classNames }),
  });
}

async function readSizes(
  name: keyof typeof MAGIC,
  file: Uint8Array,
  dimensions: number,
): Promise<number[]> {
  if (!(file instanceof Uint8Array)) refuseKind(WHERE, `${name} a Uint8Array`, file);
  const head = await gunzip(WHERE, name, file, 4 + 4 * dimensions);
  if (head.length < 4 + 4 * dimensions)
    refuse(WHERE, `at least ${4 + 4 * dimensions} bytes in ${name}`, head.length);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (view.getUint32(0) !== MAGIC[name])
    refuse(WHERE, `magic number ${hex(MAGIC[name])} in ${name}`, hex(view.getUint32(0)));
  return Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
}

async function readBody(name: string, file: Uint8Array, head: number, size: number) {
  if (size > MOST) refuse(WHERE, `at most ${MOST} bytes of ${name}`, size);
  const all = await gunzip(WHERE, name, file, head + size + 1);
  if (all.length > head + size) refuse(WHERE, `${head + size} bytes in ${name}`, "more");
  if (all.length < head + size) refuse(WHERE, `${head + size} bytes in ${name}`, all.length);
  return all.subarray(head);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
