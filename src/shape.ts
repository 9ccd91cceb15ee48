import { checkArray, checkInteger, refuse } from "./check.ts";

/** Of a row of numbers: [n], or [height, width, channels] for an image, whose numbers stand row by row, channels last. */
export type Shape = readonly number[];

/** How many numbers that is. */
export function lengthOf(shape: Shape): number {
  return shape.reduce((product, each) => product * each, 1);
}

/** 28×28×1, for messages. */
export function shapeText(shape: Shape): string {
  return shape.join("×");
}

/** Height, width and channels; 1, 1 and n for a row that is no image. */
export function imageOf(shape: Shape): [height: number, width: number, channels: number] {
  return shape.length === 3 ? [shape[0], shape[1], shape[2]] : [1, 1, lengthOf(shape)];
}

/**
 * One or three whole numbers, each at least 1, of at most 2³¹ − 1 elements.
 *
 * @throws {RangeError} `conv2d: expected inShape [n] or [height, width, channels], got [28, 28]`
 */
export function checkShape(where: string, name: string, shape: Shape): Shape {
  checkArray(where, name, shape);
  if (shape.length !== 1 && shape.length !== 3)
    refuse(where, `${name} [n] or [height, width, channels]`, shape);
  for (const each of shape) checkSize(where, `${name} element`, each);
  if (lengthOf(shape) > LARGEST_SIZE) refuse(where, `${name} of at most 2³¹ − 1 elements`, shape);
  return shape;
}

/** 2³¹ − 1: the core counts in whole numbers of 32 bits. */
export const LARGEST_SIZE = 0x7fffffff;

/**
 * A whole number of elements, 1 … 2³¹ − 1.
 *
 * @throws {RangeError} `dense: expected 1 ≤ outSize ≤ 2147483647, got 0`
 */
export function checkSize(where: string, name: string, value: unknown): number {
  return checkInteger(where, name, value, { min: 1, max: LARGEST_SIZE });
}
