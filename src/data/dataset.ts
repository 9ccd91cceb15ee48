import {
  checkArray,
  checkFloats,
  checkInteger,
  checkOptions,
  refuse,
  refuseKind,
} from "../check.ts";
import { checkShape, lengthOf, type Shape } from "../shape.ts";

/**
 * Labelled rows that `episodes` draws tasks from. Rows are unpacked when asked for, so that pixels
 * can stay as small as they are stored.
 */
export interface Dataset {
  readonly rows: number;
  /** Values a row. */
  readonly inSize: number;
  /**
   * What a row's values are: [height, width, channels] of an image, row by row from the top left,
   * channels last; [inSize] of anything else. A model of images takes it as its input's shape.
   */
  readonly shape: Shape;
  /** The class of each row, an integer ≥ 0. */
  readonly labels: ArrayLike<number>;
  /** The name of each class, for people; classNames[labels[row]]. */
  readonly classNames?: readonly string[];
  /** Writes the inSize values of row `index` to `into`, from `offset` on. */
  row(index: number, into: Float32Array, offset: number): void;
}

/** A dataset whose classes have names. */
export interface NamedDataset extends Dataset {
  readonly classNames: readonly string[];
}

/**
 * A dataset from an array that holds every row.
 *
 * @param options.inputs rows×inSize, row-major, finite; a Float32Array is not copied
 * @param options.labels one integer ≥ 0 a row
 * @param options.shape [height, width, channels] where the rows are images; default [inSize]
 * @param options.classNames one for each class, for people
 * @throws {RangeError} `dataset: expected inputs.length 20 (10 labels, inSize 2), got 19`; a value
 * that is not finite; a label that is no integer ≥ 0, or has no name in `classNames`; `dataset:
 * expected shape of inSize 784, got [28, 27, 1]`
 */
export function dataset(options: {
  readonly inputs: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly inSize: number;
  readonly shape?: Shape;
  readonly classNames?: readonly string[];
}): Dataset {
  const where = "dataset";
  checkOptions(where, options, ["inputs", "labels", "inSize", "shape", "classNames"]);
  const { inputs, labels, inSize, shape = [inSize], classNames } = options;
  checkInteger(where, "inSize", inSize, { min: 1 });
  const rows = checkLabels(where, labels).length;
  const why = `${rows} labels, inSize ${inSize}`;
  checkArray(where, "inputs", inputs, rows * inSize, why);
  checkFloats(where, "inputs", inputs);
  const values = inputs instanceof Float32Array ? inputs : Float32Array.from(inputs);
  return frozen(where, { shape, labels, classNames, inSize }, (index, into, offset) => {
    for (let i = 0; i < inSize; i++) into[offset + i] = values[index * inSize + i];
  });
}

/**
 * One-bit images: eight pixels a byte, the first in the highest bit, row by row from the top left,
 * every image from a byte of its own. A pixel becomes 0 or 1.
 *
 * @param options.bytes images × ⌈width·height/8⌉ bytes; not copied
 * @param options.labels one integer ≥ 0 an image
 * @returns a dataset of shape [height, width, 1]
 * @throws {RangeError} `packedImages: expected bytes.length 980 (10 images of 98 bytes), got 979`
 */
export function packedImages(options: {
  readonly bytes: Uint8Array;
  readonly labels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly classNames?: readonly string[];
}): Dataset {
  const where = "packedImages";
  checkOptions(where, options, ["bytes", "labels", "width", "height", "classNames"]);
  const { bytes, labels, width, height, classNames } = options;
  const inSize = checkSides(where, width, height);
  const stride = Math.ceil(inSize / 8);
  checkBytes(where, bytes, labels, stride);
  const shape = [height, width, 1];
  return frozen(where, { shape, labels, classNames, inSize }, (index, into, offset) => {
    const start = index * stride;
    for (let i = 0; i < inSize; i++)
      into[offset + i] = (bytes[start + (i >> 3)] >> (7 - (i & 7))) & 1;
  });
}

/**
 * Images of one byte a value, channels last, row by row from the top left. A value becomes byte/255,
 * 0 … 1.
 *
 * @param options.bytes images × height·width·channels bytes; not copied
 * @param options.labels one integer ≥ 0 an image
 * @returns a dataset of shape [height, width, channels]
 * @throws {RangeError} `byteImages: expected bytes.length 7840 (10 images of 784 bytes), got 7839`
 */
export function byteImages(options: {
  readonly bytes: Uint8Array;
  readonly labels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for red, green and blue; default 1. */
  readonly channels?: number;
  readonly classNames?: readonly string[];
}): Dataset {
  const where = "byteImages";
  checkOptions(where, options, ["bytes", "labels", "width", "height", "channels", "classNames"]);
  const { bytes, labels, width, height, channels = 1, classNames } = options;
  checkInteger(where, "channels", channels, { min: 1 });
  const inSize = checkSides(where, width, height) * channels;
  checkBytes(where, bytes, labels, inSize);
  const shape = [height, width, channels];
  return frozen(where, { shape, labels, classNames, inSize }, (index, into, offset) => {
    for (let i = 0; i < inSize; i++) into[offset + i] = bytes[index * inSize + i] / 255;
  });
}

/** Rows that can be asked for, each with a label. */
export function checkDataset(where: string, value: Dataset): Dataset {
  if (typeof value?.row !== "function") refuseKind(where, "a dataset", value);
  const { rows, inSize, labels, shape } = value;
  checkInteger(where, "rows", rows, { min: 0 });
  checkInteger(where, "inSize", inSize, { min: 1 });
  checkArray(where, "labels", labels, rows, `${rows} rows`);
  // Data sets of a caller's own, in plain JavaScript, may do without.
  if (shape !== undefined) checkShapeOf(where, shape, inSize);
  return value;
}

type Described = Pick<Dataset, "shape" | "labels" | "classNames" | "inSize">;

function frozen(where: string, described: Described, row: Dataset["row"]): Dataset {
  const { shape, labels, classNames, inSize } = described;
  checkShapeOf(where, shape, inSize);
  if (classNames) checkNames(where, classNames, labels);
  return Object.freeze({
    rows: labels.length,
    inSize,
    shape: Object.freeze([...shape]),
    labels: Int32Array.from(labels),
    ...(classNames && { classNames: Object.freeze([...classNames]) }),
    row,
  });
}

function checkShapeOf(where: string, shape: Shape, inSize: number): void {
  checkShape(where, "shape", shape);
  if (lengthOf(shape) !== inSize) refuse(where, `shape of inSize ${inSize}`, shape);
}

function checkSides(where: string, width: number, height: number): number {
  checkInteger(where, "width", width, { min: 1 });
  checkInteger(where, "height", height, { min: 1 });
  return width * height;
}

function checkBytes(where: string, bytes: Uint8Array, labels: ArrayLike<number>, stride: number) {
  if (!(bytes instanceof Uint8Array)) refuseKind(where, "a Uint8Array in bytes", bytes);
  const rows = checkLabels(where, labels).length;
  checkArray(where, "bytes", bytes, rows * stride, `${rows} images of ${stride} bytes`);
}

function checkLabels(where: string, labels: ArrayLike<number>): ArrayLike<number> {
  checkArray(where, "labels", labels);
  for (let i = 0; i < labels.length; i++)
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] <= 0x1fffffff))
      refuse(where, `an integer ≥ 0 in labels at index ${i}`, labels[i]);
  return labels;
}

function checkNames(where: string, names: readonly string[], labels: ArrayLike<number>): void {
  checkArray(where, "classNames", names);
  for (const name of names)
    if (typeof name !== "string") refuseKind(where, "text in classNames", name);
  for (let i = 0; i < labels.length; i++)
    if (labels[i] >= names.length)
      refuse(where, `a label below ${names.length} (classNames) at index ${i}`, labels[i]);
}
