import { checkArray, checkInteger } from "../check.ts";
import { checkDataset, type Dataset } from "./dataset.ts";
import { turnOf } from "./turn.ts";

/**
 * Square images turned by 0, 90, 180 and 270 degrees, as classes of their own: class 4c + q is
 * class c turned by q quarters, counterclockwise. Rows are turned when asked for; row 4r + q is row
 * r turned.
 *
 * A task may then ask to tell a character from itself turned, so this is for training classes only:
 * test on the upright ones. Turning whole classes anew in each task, with no new classes, is
 * `episodes(images, { rotations: "perTask" })`.
 *
 * @throws {RangeError} `rotated: expected images as wide as high, got [28, 30, 1]`; `rotated: expected
 * inSize a square number, got 12`
 * @see Santoro et al. 2016, arXiv:1605.06065, section 4.1
 * @example
 * const { train } = omniglot.splits.vinyals;
 * const more = episodes(rotated(omniglot), { ways: 5, shots: 1, classes: rotatedClasses(train) });
 */
export function rotated(images: Dataset): Dataset {
  const { rows, inSize, shape = [inSize], labels, classNames } = checkDataset("rotated", images);
  const turn = turnOf("rotated", shape);
  const upright = new Float32Array(inSize);
  return Object.freeze({
    rows: 4 * rows,
    inSize,
    shape,
    labels: Int32Array.from({ length: 4 * rows }, (_, r) => 4 * labels[r >> 2] + (r & 3)),
    ...(classNames && { classNames: Object.freeze(classNames.flatMap(turnedNames)) }),
    row(index: number, into: Float32Array, offset: number) {
      images.row(index >> 2, upright, 0);
      turn(upright, index & 3, into, offset);
    },
  });
}

/** The classes of {@link rotated} that come from `classes`: four for each. */
export function rotatedClasses(classes: readonly number[]): number[] {
  checkArray("rotatedClasses", "classes", classes);
  for (const one of classes) checkInteger("rotatedClasses", "classes element", one, { min: 0 });
  return Array.from(classes).flatMap((c) => [4 * c, 4 * c + 1, 4 * c + 2, 4 * c + 3]);
}

function turnedNames(name: string): string[] {
  return [name, `${name}, 90°`, `${name}, 180°`, `${name}, 270°`];
}
