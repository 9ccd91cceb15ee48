import { refuse } from "../check.ts";
import { lengthOf, type Shape } from "../shape.ts";

/** Turns an image of side×side×channels by quarters, counterclockwise, from one array to another. */
export type Turn = (
  image: Float32Array,
  quarters: number,
  into: Float32Array,
  offset: number,
) => void;

/**
 * How square images of a shape are turned. A row of no known height and width counts as a one-channel
 * image when its length is a square number.
 *
 * @throws {RangeError} `rotated: expected images as wide as high, got [28, 30, 1]`; `rotated: expected
 * inSize a square number, got 12`
 */
export function turnOf(where: string, shape: Shape): Turn {
  const [side, channels] = squareOf(where, shape);
  return (image, quarters, into, offset) => {
    const [start, down, right] = steps(quarters & 3, side);
    let at = offset;
    for (let i = 0; i < side; i++)
      for (let j = 0; j < side; j++) {
        const from = (start + i * down + j * right) * channels;
        for (let c = 0; c < channels; c++) into[at++] = image[from + c];
      }
  };
}

function squareOf(where: string, shape: Shape): [side: number, channels: number] {
  if (shape.length === 3) {
    const [height, width, channels] = shape;
    if (height !== width) refuse(where, "images as wide as high", shape);
    return [height, channels];
  }
  const inSize = lengthOf(shape);
  const side = Math.round(Math.sqrt(inSize));
  if (side * side !== inSize) refuse(where, "inSize a square number", inSize);
  return [side, 1];
}

/** Which pixel a turned image starts with, and how far the next row and the next column are. */
function steps(quarters: number, side: number): [start: number, down: number, right: number] {
  const last = side - 1;
  if (quarters === 1) return [last, -1, side];
  if (quarters === 2) return [last * side + last, -side, -1];
  if (quarters === 3) return [last * side, 1, -side];
  return [0, side, 1];
}
