import { Field } from "../../assembly/abi.ts";
import { checkInteger, refuse, refuseKind } from "../check.ts";
import { LARGEST_SIZE, type Shape } from "../shape.ts";

/** Two whole numbers, for height and width, or one for both. */
export type Extent = number | readonly [height: number, width: number];

/** What a convolution or a pool looks at at a time, as the caller writes it. */
export interface WindowOptions {
  /** Its size in pixels, each at least 1. */
  readonly kernel: Extent;
  /** From one window to the next, each at least 1. */
  readonly stride: Extent;
  /**
   * How many pixels it reaches out of the image on each side, less than the kernel; `valid`: none; `same`: as many as give
   * ⌈in / stride⌉ windows, the odd one at the bottom and on the right (as in TensorFlow).
   */
  readonly padding: Extent | "same" | "valid";
}

/** The same, checked: pairs of height and width. */
export interface Window {
  /** The layer that it is of, for messages. */
  readonly kind: string;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly padding: readonly [height: number, width: number] | "same";
}

/**
 * The window that a layer of that kind was asked for.
 *
 * @throws {RangeError} `conv2d: expected 1 ≤ kernel ≤ 2147483647, got 0`, `conv2d: expected padding < 3 (the kernel), got 3`
 * @throws {TypeError} `conv2d: expected kernel n or [height, width], got "3"`
 */
export function checkWindow(kind: string, options: WindowOptions): Window {
  const { padding } = options;
  const kernel = checkExtent(kind, "kernel", options.kernel, 1);
  const stride = checkExtent(kind, "stride", options.stride, 1);
  const named = `"same", "valid", n or [height, width]`;
  if (padding === "same") return Object.freeze({ kind, kernel, stride, padding });
  if (typeof padding === "string" && padding !== "valid") refuse(kind, `padding ${named}`, padding);
  const pair = checkExtent(kind, "padding", padding === "valid" ? 0 : padding, 0, named);
  // A window that lies wholly outside would see nothing.
  pair.forEach((each, i) => {
    if (each >= kernel[i]) refuse(kind, `padding < ${kernel[i]} (the kernel)`, each);
  });
  return Object.freeze({ kind, kernel, stride, padding: pair });
}

/**
 * How many windows there are in an image, downwards and across: with n pixels, a kernel k, a stride s and a padding p
 * ⌊(n + 2p − k)/s⌋ + 1, with `same` ⌈n/s⌉. Each holds at least one pixel of the image.
 *
 * @throws {RangeError} an image smaller than the window, or no image: `conv2d: expected an image [height, width, channels], got [784]`
 */
export function windowShape(window: Window, inShape: Shape): [height: number, width: number] {
  checkImage(window, inShape);
  return [along(window, inShape, 0).count, along(window, inShape, 1).count];
}

/** What the core must know of the window: size, steps, and how far it reaches out at the top and on the left. */
export function windowWords(window: Window, inShape: Shape): Partial<Record<Field, number>> {
  checkImage(window, inShape);
  return {
    [Field.KernelHeight]: window.kernel[0],
    [Field.KernelWidth]: window.kernel[1],
    [Field.StrideHeight]: window.stride[0],
    [Field.StrideWidth]: window.stride[1],
    [Field.PaddingTop]: along(window, inShape, 0).before,
    [Field.PaddingLeft]: along(window, inShape, 1).before,
  };
}

/** What a saved file says of it, whose defaults are not known here. */
export function windowSpec({ kernel, stride, padding }: Window): WindowOptions {
  return { kernel, stride, padding };
}

/** Along one side of the image: how many windows, and how far the first begins before it. */
function along(window: Window, inShape: Shape, side: 0 | 1): { count: number; before: number } {
  const [size, kernel, stride] = [inShape[side], window.kernel[side], window.stride[side]];
  if (window.padding === "same") {
    const count = Math.ceil(size / stride);
    const total = Math.max((count - 1) * stride + kernel - size, 0);
    return { count, before: Math.floor(total / 2) };
  }
  const before = window.padding[side];
  const count = Math.floor((size + 2 * before - kernel) / stride) + 1;
  if (count < 1) {
    const padded = before > 0 ? `, padding ${before} on each side` : "";
    const what = `an image of at least ${window.kernel.join("×")} pixels${padded}`;
    refuse(window.kind, what, inShape);
  }
  return { count, before };
}

function checkImage({ kind }: Window, inShape: Shape): void {
  if (inShape.length !== 3) refuse(kind, "an image [height, width, channels]", inShape);
}

/** Height and width, each at least `min`. */
function checkExtent(
  kind: string,
  name: string,
  value: unknown,
  min: number,
  named = "n or [height, width]",
): readonly [number, number] {
  const pair: unknown[] = Array.isArray(value) ? value : [value, value];
  if (typeof value !== "number" && !Array.isArray(value))
    refuseKind(kind, `${name} ${named}`, value);
  if (pair.length !== 2) refuse(kind, `${name} ${named}`, value);
  // A hole is no number, either, and map would pass over it.
  const [height, width] = Array.from(pair, (each) =>
    checkInteger(kind, name, each, { min, max: LARGEST_SIZE }),
  );
  return Object.freeze([height, width] as const);
}
