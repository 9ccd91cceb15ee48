import { checkInteger, checkOptions, refuse } from "../check.ts";
import { checkDataset, type Dataset } from "../data/dataset.ts";
import { resizeValues } from "./resize.ts";

/**
 * Images of another size, so that a model that was trained on one set can be tried on another. Along
 * a side that gets smaller, a pixel is the mean of the area that it covers; along one that gets
 * larger, it lies between the nearest two. A row is resized when asked for; at the size they have,
 * the images are returned as they are.
 *
 * @throws {RangeError} `resized: expected images, rows of height×width×channels, got [64]`
 * @example
 * const digits = resized(await readIdx(images, labels), { width: 28, height: 28 });
 */
export function resized(
  images: Dataset,
  options: { readonly width: number; readonly height: number },
): Dataset {
  const where = "resized";
  const { shape = [] } = checkDataset(where, images);
  checkOptions(where, options, ["width", "height"]);
  const { width, height } = options;
  checkInteger(where, "width", width, { min: 1, max: 4096 });
  checkInteger(where, "height", height, { min: 1, max: 4096 });
  if (shape.length !== 3) refuse(where, "images, rows of height×width×channels", shape);
  const from = { height: shape[0], width: shape[1], channels: shape[2] };
  if (from.width === width && from.height === height) return images;
  const given = new Float32Array(images.inSize);
  return Object.freeze({
    rows: images.rows,
    inSize: height * width * from.channels,
    shape: Object.freeze([height, width, from.channels]),
    labels: images.labels,
    ...(images.classNames && { classNames: images.classNames }),
    row(index: number, into: Float32Array, offset: number) {
      images.row(index, given, 0);
      into.set(resizeValues(given, from, width, height), offset);
    },
  });
}
