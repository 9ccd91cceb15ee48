import { LayerKind } from "../../assembly/abi.ts";
import { checkOptions, refuse } from "../check.ts";
import type { Shape } from "../shape.ts";
import { type Layer, plain } from "./layer.ts";
import { checkWindow, type Extent, windowShape, windowSpec, windowWords } from "./window.ts";

/** Options of {@link maxPool} and {@link averagePool}. */
export interface PoolOptions {
  /** Size of the window in pixels: one number for a square, or [height, width]. */
  readonly kernel: Extent;
  /** From one window to the next; default `kernel`: windows side by side. */
  readonly stride?: Extent;
  /**
   * How far windows reach out of the image: so many pixels on each side, fewer than the kernel; `valid`: none; `same`: as many as give
   * ⌈in / stride⌉ windows, the odd one at the bottom and on the right, as in TensorFlow. Default 0.
   */
  readonly padding?: Extent | "same" | "valid";
}

/**
 * The largest number of each window, channel by channel: [height, width, channels] → [outHeight, outWidth, channels] with
 * outHeight = ⌊(height + 2p − kernelHeight)/s⌋ + 1, with `same` ⌈height/s⌉; outWidth alike. What is outside the image does not count.
 *
 * The gradient goes to where the largest number was, of equal ones to the first in row order (as in PyTorch); through that choice the
 * second derivative is zero, as it is almost everywhere. A window that holds NaN gives NaN.
 *
 * Cost: one comparison a pixel of each window. Keeps one number for each of the output.
 *
 * @throws {RangeError} `maxPool: expected 1 ≤ kernel ≤ 2147483647, got 0`; an image smaller than the window, or no image
 * @throws {TypeError} options of the wrong kind
 * @example
 * // 28×28×64 → 14×14×64
 * maxPool({ kernel: 2 });
 */
export function maxPool(options: PoolOptions): Layer {
  return pool("maxPool", LayerKind.MaxPool, options);
}

/**
 * The mean of each window, channel by channel; shapes as in {@link maxPool}. Pixels outside the image neither add nor count: at the border
 * the mean is over fewer (PyTorch's `count_include_pad=False`, TensorFlow's only way).
 *
 * Cost: one addition a pixel of each window.
 *
 * @throws {RangeError} `averagePool: expected 1 ≤ kernel ≤ 2147483647, got 0`; an image smaller than the window, or no image
 * @throws {TypeError} options of the wrong kind
 */
export function averagePool(options: PoolOptions): Layer {
  return pool("averagePool", LayerKind.AveragePool, options);
}

/**
 * The mean over all pixels of an image, channel by channel: [height, width, channels] → [channels], a row that a dense layer takes.
 *
 * @throws {RangeError} `globalAveragePool: expected an image [height, width, channels], got [64]`
 * @see Lin, Chen, Yan 2014, arXiv:1312.4400, section 3.2
 */
export function globalAveragePool(): Layer {
  return Object.freeze({
    ...plain,
    spec: Object.freeze({ kind: "globalAveragePool" }),
    code: LayerKind.AveragePool,
    outShape(inShape) {
      if (inShape.length !== 3)
        refuse("globalAveragePool", "an image [height, width, channels]", inShape);
      return [inShape[2]];
    },
    words: (inShape) => windowWords(wholeImage(inShape), inShape),
  } satisfies Layer);
}

/** A window as large as the image. */
function wholeImage([height, width]: Shape) {
  return checkWindow("globalAveragePool", { kernel: [height, width], stride: 1, padding: 0 });
}

function pool(kind: string, code: LayerKind, options: PoolOptions): Layer {
  checkOptions(kind, options, ["kernel", "stride", "padding"]);
  const { kernel, stride = kernel, padding = 0 } = options;
  const window = checkWindow(kind, { kernel, stride, padding });
  return Object.freeze({
    ...plain,
    spec: Object.freeze({ kind, ...windowSpec(window) }),
    code,
    outShape: (inShape) => [...windowShape(window, inShape), inShape[2]],
    words: (inShape) => windowWords(window, inShape),
  } satisfies Layer);
}
