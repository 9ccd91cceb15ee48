import { LayerKind } from "../../assembly/abi.ts";
import { checkInteger, checkOneOf, checkOptions, refuse } from "../check.ts";
import type { Random } from "../random.ts";
import type { Shape } from "../shape.ts";
import { type Layer, MOST_STEPS } from "./layer.ts";
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
  /**
   * A scale and shift of its own for each step of the inner loop, 0 … perStep, meta-learned; none of them adapts. Step k reads the k-th, the
   * query set after n steps the n-th, and what comes after perStep the last; perStep is the number of inner steps, most often;
   * 1 … 10,000. Default: one for all steps. Refused by `alfa`, `implicitMaml`, `learnedOptimizer`, `multiTask`, `pretrain`, `reptile` and
   * `warpGrad`.
   */
  readonly perStep?: number;
}

/**
 * y = γ(z − μ)/√(σ² + ε) + β with mean μ and biased variance σ² of each column over the rows of the batch at hand, of each channel of an
 * image over rows and pixels, or of the support set: `statistics` says which. Nothing is remembered from batch to batch or from task to
 * task. Row weights do not enter μ and σ²: a row of weight 0 still counts there.
 *
 * @throws {RangeError} `batchNorm: expected epsilon > 0, got 0`
 * @see Ioffe, Szegedy 2015, arXiv:1502.03167; `perStep`: Antoniou, Edwards, Storkey 2019, arXiv:1810.09502, section 4; for both protocols, Nichol, Achiam, Schulman 2018, arXiv:1803.02999, section 6.1
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  checkOptions("batchNorm", options, [...normOptionNames, "statistics", "perStep"]);
  const { statistics = "batch", perStep, ...rest } = options;
  checkOneOf("batchNorm", "statistics", statistics, ["batch", "support"]);
  if (perStep !== undefined) checkPerStep(perStep, rest);
  const own = {
    ...(statistics !== "batch" && { statistics }),
    ...(perStep !== undefined && { perStep }),
  };
  const adapted = rest.adapted ?? perStep === undefined;
  const layer = norm("batchNorm", LayerKind.BatchNorm, { ...rest, adapted }, own);
  const made = { ...layer, couplesRows: true, statistics };
  return Object.freeze(perStep === undefined ? made : { ...made, ...ofEachStep(layer, perStep) });
}

function checkPerStep(perStep: number, { scale, shift, adapted }: NormOptions): void {
  checkInteger("batchNorm", "perStep", perStep, { min: 1, max: MOST_STEPS });
  if (adapted) refuse("batchNorm", "no adapted: true with perStep", adapted);
  if (scale === false && shift === false)
    refuse("batchNorm", "a scale or a shift with perStep", "neither");
}

/** The norm's tensors once for each step, those of step 0 where the core reads them: `scale`, `shift`, `scale.1`, `shift.1` …. */
function ofEachStep(layer: Layer, perStep: number) {
  const steps = Array.from({ length: perStep + 1 }, (_, k) => k);
  return {
    perStep,
    tensors: (inShape: Shape) =>
      steps.flatMap((k) =>
        layer
          .tensors(inShape)
          .map(({ name, shape }) => ({ name: k === 0 ? name : `${name}.${k}`, shape })),
      ),
    initialize(inShape: Shape, parameters: Float32Array, random: Random) {
      const size = parameters.length / steps.length;
      for (const k of steps)
        layer.initialize(inShape, parameters.subarray(k * size, (k + 1) * size), random);
    },
  };
}
