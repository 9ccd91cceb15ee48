import { LayerKind } from "../../assembly/abi.ts";
import type { Layer } from "./layer.ts";
import { norm, type NormOptions } from "./norm.ts";

/**
 * y = γ(z − μ)/√(σ² + ε) + β with mean μ and biased variance σ² of each column over the rows of the batch at hand, of each channel of an
 * image over rows and pixels, always: nothing is remembered from batch to batch, and predictions are transductive (a row's depends on the
 * rows it comes with). Row weights do not enter μ and σ²: a row of weight 0 still counts there.
 *
 * @see Ioffe, Szegedy 2015, arXiv:1502.03167
 */
export function batchNorm(options: NormOptions = {}): Layer {
  return Object.freeze({ ...norm("batchNorm", LayerKind.BatchNorm, options), couplesRows: true });
}
