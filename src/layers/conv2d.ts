import { DenseOption, Field, LayerKind } from "../../assembly/abi.ts";
import { checkOneOf, checkOptions, refuse, refuseKind } from "../check.ts";
import { type Initialization, initializations } from "../initialization.ts";
import { checkShape, checkSize, lengthOf, type Shape } from "../shape.ts";
import { checkDeclared, type Layer, plain } from "./layer.ts";
import { checkWindow, type Extent, windowShape, windowSpec, windowWords } from "./window.ts";

/** See {@link conv2d}. */
export interface Conv2dOptions {
  /** [height, width, channels] of an image, needed for the first layer of a model only; elsewhere, if given, it must fit. */
  readonly inShape?: Shape;
  /** Channels of the output. */
  readonly filters: number;
  /** Size of the window in pixels: one number for a square, or [height, width]. */
  readonly kernel: Extent;
  /** From one window to the next; default 1. */
  readonly stride?: Extent;
  /**
   * Zeros around the image: so many pixels on each side, fewer than the kernel; `valid`: none; `same`: as many as give ⌈in / stride⌉
   * windows, the odd one at the bottom and on the right, as in TensorFlow. Default 0.
   */
  readonly padding?: Extent | "same" | "valid";
  /** Whether there is a b; default true. */
  readonly bias?: boolean;
  /** How W and b start, with inSize = kernelHeight·kernelWidth·inChannels and outSize = kernelHeight·kernelWidth·filters; default `glorot`. */
  readonly initialization?: Initialization;
}

const optionNames = [
  "inShape",
  "filters",
  "kernel",
  "stride",
  "padding",
  "bias",
  "initialization",
] as const;

/**
 * Convolution (as all libraries have it: cross-correlation) of an image of zeros around it with each of the filters:
 *
 *     y[i, j, f] = Σ x[i·s − p + u, j·s − p + v, c]·W[u, v, c, f] + b[f]   over u, v in the kernel and channels c
 *
 *     x: height×width×channels, W: kernelHeight×kernelWidth×channels×filters, b: filters, y: outHeight×outWidth×filters; channels last
 *     outHeight = ⌊(height + 2p − kernelHeight)/s⌋ + 1, with `same` ⌈height/s⌉; outWidth alike
 *
 * Exact to second order, as every layer here. Cost: that of a dense layer on as many rows as there are windows, whose inputs are written
 * out 64 to 256 windows at a time (1×1 of stride 1: not at all).
 *
 * @throws {RangeError} `conv2d: expected 1 ≤ filters ≤ 2147483647, got 0`; an image smaller than the kernel, or no image
 * @throws {TypeError} options of the wrong kind
 * @see LeCun et al. 1998, Gradient-based learning applied to document recognition, section II
 * @example
 * // The first layer of Finn et al. 2017 for Omniglot: 28×28×1 → 14×14×64.
 * conv2d({ inShape: [28, 28, 1], filters: 64, kernel: 3, stride: 2, padding: "same" });
 */
export function conv2d(options: Conv2dOptions): Layer {
  checkOptions("conv2d", options, optionNames);
  const { inShape, filters, kernel, stride = 1, padding = 0, bias = true } = options;
  const { initialization = "glorot" } = options;
  if (inShape !== undefined && checkShape("conv2d", "inShape", inShape).length !== 3)
    refuse("conv2d", "inShape [height, width, channels]", inShape);
  checkSize("conv2d", "filters", filters);
  const window = checkWindow("conv2d", { kernel, stride, padding });
  if (typeof bias !== "boolean") refuseKind("conv2d", "bias true or false", bias);
  checkOneOf("conv2d", "initialization", initialization, Object.keys(initializations));
  const declared = inShape && Object.freeze([...inShape]);
  const weightShape = ([, , channels]: Shape) => [...window.kernel, channels, filters];
  const spec = { inShape: declared, filters, ...windowSpec(window), bias, initialization };
  return Object.freeze({
    ...plain,
    spec: Object.freeze({ kind: "conv2d", ...spec }),
    code: LayerKind.Conv2d,
    inShape: declared,
    outShape(given) {
      const outputs = windowShape(window, given);
      checkDeclared("conv2d", declared, given);
      return [...outputs, filters];
    },
    tensors: (given) => [
      { name: "weight", shape: weightShape(given) },
      ...(bias ? [{ name: "bias", shape: [filters] }] : []),
    ],
    initialize(given, parameters, random) {
      const weights = lengthOf(weightShape(given));
      const [inSize, outSize] = [weights / filters, lengthOf(window.kernel) * filters];
      const [w, b] = [parameters.subarray(0, weights), parameters.subarray(weights)];
      initializations[initialization](w, b, inSize, outSize, random);
    },
    words: (given) => ({
      ...windowWords(window, given),
      [Field.Option]: bias ? DenseOption.Bias : DenseOption.NoBias,
    }),
  } satisfies Layer);
}
