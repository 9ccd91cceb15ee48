import { LayerKind } from "../../assembly/abi.ts";
import { checkOneOf, checkOptions } from "../check.ts";
import type { Layer } from "./layer.ts";
import { norm, normOptionNames, type NormOptions } from "./norm.ts";

/** Options of {@link batchNorm}. */
export interface BatchNormOptions extends NormOptions {
  /**
   * Whose mean and variance a query set is normalized by: `batch`, its own, which makes predictions transductive, as in the code of Finn
   * et al. 2017; or `support`, those of the support set at the adapted parameters, differentiated through, which makes them inductive: a row's
   * prediction does not depend on the rows it comes with, for the cost of a support set more in each query pass. The support set itself
   * is always normalized by its own. One choice for all batch norms of a model. Default `batch`.
   */
  readonly statistics?: "batch" | "support";
}

/**
 * y = γ(z − μ)/√(σ² + ε) + β with mean μ and biased variance σ² of each column over the rows of the batch at hand, of each channel of an
 * image over rows and pixels, or of the support set: `statistics` says which. Nothing is remembered from batch to batch or from task to
 * task. Row weights do not enter μ and σ²: a row of weight 0 still counts there.
 *
 * @throws {RangeError} `batchNorm: expected epsilon > 0, got 0`
 * @see Ioffe, Szegedy 2015, arXiv:1502.03167; for both protocols, Nichol, Achiam, Schulman 2018, arXiv:1803.02999, section 6.1
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  checkOptions("batchNorm", options, [...normOptionNames, "statistics"]);
  const { statistics = "batch", ...rest } = options;
  checkOneOf("batchNorm", "statistics", statistics, ["batch", "support"]);
  const own = statistics === "batch" ? {} : { statistics };
  const layer = norm("batchNorm", LayerKind.BatchNorm, rest, own);
  return Object.freeze({ ...layer, couplesRows: true, statistics });
}
