import { checkInteger, checkOneOf, checkOptions, refuseKind } from "./check.ts";
import type { Initialization } from "./initialization.ts";
import { activation } from "./layers/activation.ts";
import { batchNorm } from "./layers/batch-norm.ts";
import { conv2d } from "./layers/conv2d.ts";
import { dense } from "./layers/dense.ts";
import { flatten } from "./layers/flatten.ts";
import type { Layer } from "./layers/layer.ts";
import { isNorm } from "./layers/norm.ts";
import { globalAveragePool, maxPool } from "./layers/pool.ts";
import { type Model, sequential } from "./model.ts";
import { checkShape, checkSize, type Shape } from "./shape.ts";

/** Options of {@link conv4}. */
export interface Conv4Options {
  /** [height, width, channels] of an image. */
  readonly inShape: Shape;
  /** Classes of a task. */
  readonly ways: number;
  /** Channels of each convolution; default 64. */
  readonly filters?: number;
  /** How images shrink: by convolutions of stride 2 and a mean over what is left, or by max-pools of 2×2. Default `stride`. */
  readonly form?: "stride" | "pool";
  /** Between each convolution and its ReLU; default `batchNorm()`. */
  readonly norm?: Layer;
  /** How convolutions and the last layer start; default `glorot`. */
  readonly initialization?: Initialization;
}

/**
 * The network of few-shot image recognition: four blocks of a 3×3 convolution ("same" padding), a norm and ReLU, and a dense layer.
 *
 *     stride   28×28 → 14×14 → 7×7 → 4×4 → 2×2, mean over pixels: Finn et al.'s code for Omniglot
 *     pool     28×28 → 14×14 → 7×7 → 3×3 → 1×1, each max-pooled, flattened: Vinyals et al. and most others
 *
 * @throws {RangeError} `conv4: expected 1 ≤ ways ≤ 2147483647, got 0`; with `pool`, images smaller than 16×16
 * @see Vinyals et al. 2016, arXiv:1606.04080, section 4.1; Finn, Abbeel, Levine 2017, arXiv:1703.03400, section 5.2
 * @example
 * const model = conv4({ inShape: [28, 28, 1], ways: 5 });
 */
export function conv4(options: Conv4Options): Model {
  checkOptions("conv4", options, ["inShape", "ways", "filters", "form", "norm", "initialization"]);
  const { inShape, ways, filters = 64, form = "stride", norm = batchNorm() } = options;
  const { initialization = "glorot" } = options;
  checkShape("conv4", "inShape", inShape);
  checkSize("conv4", "ways", ways);
  checkInteger("conv4", "filters", filters, { min: 1, max: 0xffff });
  checkOneOf("conv4", "form", form, ["stride", "pool"]);
  if (!isNorm(norm)) refuseKind("conv4", "a norm, such as batchNorm()", norm);
  const stride = form === "stride" ? 2 : 1;
  const block = (first: boolean): Layer[] => [
    conv2d({
      ...(first && { inShape }),
      filters,
      kernel: 3,
      stride,
      padding: "same",
      initialization,
    }),
    norm,
    activation("relu"),
    ...(form === "pool" ? [maxPool({ kernel: 2 })] : []),
  ];
  const last = form === "stride" ? globalAveragePool() : flatten();
  const head = dense({ outSize: ways, initialization });
  const blocks = [0, 1, 2, 3].flatMap((i) => block(i === 0));
  return sequential([...blocks, last, head]);
}
