import {
  checkArray,
  checkFinite,
  checkInteger,
  checkOptions,
  refuse,
  refuseKind,
} from "../check.ts";

/**
 * Labelled rows that `episodes` draws tasks from. Rows are unpacked when asked for, so that pixels
 * can stay as small as they are stored.
 */
export interface Dataset {
  readonly rows: number;
  /** Values a row. */
  readonly inSize: number;
  /** The class of each row, an integer ≥ 0. */
  readonly labels: ArrayLike<number>;
  /** Writes the inSize values of row `index` to `into`, from `offset` on. */
  row(index: number, into: Float32Array, offset: number): void;
}

/**
 * A dataset from an array that holds every row.
 *
 * @param inputs rows×inSize, row-major, finite; a Float32Array is not copied
 * @param labels one integer ≥ 0 a row
 * @throws {RangeError} `dataset: expected inputs.length 20 (10 labels, inSize 2), got 19`; a value
 * that is not finite; a label that is no integer ≥ 0
 */
export function dataset(options: {
  readonly inputs: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly inSize: number;
}): Dataset {
  checkOptions("dataset", options, ["inputs", "labels", "inSize"]);
  const { inputs, labels, inSize } = options;
  checkInteger("dataset", "inSize", inSize, { min: 1 });
  const rows = checkLabels("dataset", labels).length;
  const why = `${rows} labels, inSize ${inSize}`;
  checkArray("dataset", "inputs", inputs, rows * inSize, why);
  const values = checkFinite(
    "dataset",
    "inputs",
    inputs instanceof Float32Array ? inputs : Float32Array.from(inputs),
  );
  return Object.freeze({
    rows,
    inSize,
    labels: Int32Array.from(labels),
    row(index: number, into: Float32Array, offset: number) {
      for (let i = 0; i < inSize; i++) into[offset + i] = values[index * inSize + i];
    },
  });
}

/**
 * One-bit images: eight pixels a byte, the first in the highest bit, row by row from the top left,
 * every image from a byte of its own. A pixel becomes 0 or 1.
 *
 * @param bytes images × ⌈width·height/8⌉ bytes; not copied
 * @param labels one integer ≥ 0 an image
 * @throws {RangeError} `packedImages: expected bytes.length 980 (10 images of 98 bytes), got 979`
 */
export function packedImages(options: {
  readonly bytes: Uint8Array;
  readonly labels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}): Dataset {
  checkOptions("packedImages", options, ["bytes", "labels", "width", "height"]);
  const { bytes, labels, width, height } = options;
  checkInteger("packedImages", "width", width, { min: 1 });
  checkInteger("packedImages", "height", height, { min: 1 });
  if (!(bytes instanceof Uint8Array)) refuseKind("packedImages", "a Uint8Array in bytes", bytes);
  const rows = checkLabels("packedImages", labels).length;
  const inSize = width * height;
  const stride = Math.ceil(inSize / 8);
  const why = `${rows} images of ${stride} bytes`;
  checkArray("packedImages", "bytes", bytes, rows * stride, why);
  return Object.freeze({
    rows,
    inSize,
    labels: Int32Array.from(labels),
    row(index: number, into: Float32Array, offset: number) {
      const start = index * stride;
      for (let i = 0; i < inSize; i++)
        into[offset + i] = (bytes[start + (i >> 3)] >> (7 - (i & 7))) & 1;
    },
  });
}

/**
 * Square images turned by 0, 90, 180 and 270 degrees, as classes of their own: class 4c + q is
 * class c turned by q quarters, counterclockwise. Rows are turned when asked for; row 4r + q is row
 * r turned.
 *
 * @throws {RangeError} `rotated: expected inSize a square number, got 12`
 * @see Santoro et al. 2016, arXiv:1605.06065, section 4.1
 */
export function rotated(images: Dataset): Dataset {
  const { rows, inSize } = checkDataset("rotated", images);
  const side = Math.round(Math.sqrt(inSize));
  if (side * side !== inSize) refuse("rotated", "inSize a square number", inSize);
  const upright = new Float32Array(inSize);
  return Object.freeze({
    rows: 4 * rows,
    inSize,
    labels: Int32Array.from({ length: 4 * rows }, (_, r) => 4 * images.labels[r >> 2] + (r & 3)),
    row(index: number, into: Float32Array, offset: number) {
      images.row(index >> 2, upright, 0);
      const [start, down, right] = steps(index & 3, side);
      for (let i = 0; i < side; i++)
        for (let j = 0; j < side; j++)
          into[offset + i * side + j] = upright[start + i * down + j * right];
    },
  });
}

/** The classes of {@link rotated} that come from `classes`: four for each. */
export function rotatedClasses(classes: readonly number[]): number[] {
  checkArray("rotatedClasses", "classes", classes);
  return Array.from(classes).flatMap((c) => [4 * c, 4 * c + 1, 4 * c + 2, 4 * c + 3]);
}

/** Which pixel a turned image starts with, and how far the next row and the next column are. */
function steps(quarters: number, side: number): [start: number, down: number, right: number] {
  const last = side - 1;
  if (quarters === 1) return [last, -1, side];
  if (quarters === 2) return [last * side + last, -side, -1];
  if (quarters === 3) return [last * side, 1, -side];
  return [0, side, 1];
}

/** Rows that can be asked for, each with a label. */
export function checkDataset(where: string, value: Dataset): Dataset {
  if (typeof value?.row !== "function") refuseKind(where, "a dataset", value);
  const { rows, inSize, labels } = value;
  checkInteger(where, "rows", rows, { min: 0 });
  checkInteger(where, "inSize", inSize, { min: 1 });
  checkArray(where, "labels", labels, rows, `${rows} rows`);
  return value;
}

function checkLabels(where: string, labels: ArrayLike<number>): ArrayLike<number> {
  checkArray(where, "labels", labels);
  for (let i = 0; i < labels.length; i++)
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] <= 0x1fffffff))
      refuse(where, `an integer ≥ 0 in labels at index ${i}`, labels[i]);
  return labels;
}
