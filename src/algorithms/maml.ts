import { checkOneOf, checkOptions, refuse } from "../check.ts";
import { gradientDescent } from "../rules/gradient-descent.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, type InnerLoopOptions } from "./inner-loop-options.ts";
import { checkLayers, checkLayersOf } from "./layers.ts";
import type { FastWeights } from "./low-rank.ts";

/** Options of {@link maml}. */
export interface MamlOptions extends InnerLoopOptions {
  /**
   * The layers that adapt, by their index in `model.layers`; default all but norms with `adapted: false`. The others are learned, and stay
   * as they are in a task.
   */
  readonly layers?: readonly number[];
  /**
   * How a task's weights are kept: `full`, or, side by side with other tasks', as changes of `lowRank`; the latter only where no layers are
   * named and just the dense ones adapt (norms with `adapted: false`, none `perStep`), a dense layer is the first, K ≥ 1, there is no
   * `checkpoint`, and the learner looks at no task's norm (see below); tasks of over 80 rows go one by one all the same. Default `auto`: low
   * rank where it can be and Σ in·out of the dense layers is at least 2¹⁶ and 2·K·rows·Σ(in + out).
   */
  readonly fastWeights?: FastWeights;
}

/**
 * Model-agnostic meta-learning: learn parameters from which a few gradient steps on a task's support set give a low loss on its
 * query set.
 *
 *     θ₀ = θ,   θₖ₊₁ = θₖ − α ∇L(θₖ; support),   k = 0 … K−1
 *     meta-gradient = ∏ₖ (I − α ∇²L(θₖ; support)) ∇L(θ_K; query)
 *
 * Exact: the product is applied, last factor first, with Hessian-vector products. One task costs K + 1 gradients and K products, and
 * keeps K + 3 parameter vectors and K tapes (activations and their gradients for 32 rows). `order: 1` drops the products (FOMAML): K + 1
 * gradients, few vectors, no tapes. With `layers` the steps go back no further than to the first that adapts.
 *
 * The tasks of a meta-step go through a wide network of dense layers side by side, and their fast weights are never formed (`fastWeights`):
 * the same gradient but for rounding, in half the time and less. Not where the learner looks at each task's norm:
 * with a `maxTaskNorm`, or `onDivergence` other than `throw`.
 *
 * @throws {RangeError} `maml: expected innerSteps ≥ 0, got -1`
 * @see Finn, Abbeel, Levine 2017, arXiv:1703.03400, algorithms 1 and 2; FOMAML: section 5.2
 * @example
 * const algorithm = maml({ innerLearningRate: 0.01, innerSteps: 5 });
 */
export function maml(options: MamlOptions): Algorithm {
  checkOptions("maml", options, [...innerLoopNames, "layers", "fastWeights"]);
  const { fastWeights = "auto" } = options;
  checkOneOf("maml", "fastWeights", fastWeights, ["auto", "lowRank", "full"]);
  const loop = checkInnerLoop("maml", options);
  const layers = checkLayers("maml", "layers", options.layers);
  if (layers && fastWeights === "lowRank")
    refuse("maml", 'no layers with fastWeights "lowRank"', layers);
  return {
    kind: "maml",
    followsGradient: true,
    options: { ...loop, layers, ...(fastWeights !== "auto" && { fastWeights }) },
    own: nothingOfItsOwn,
    bind(binding) {
      if (layers) checkLayersOf("maml", "layers", layers, binding.network);
      const { innerLearningRate: rate } = loop;
      const together = layers ? undefined : { rate, wanted: fastWeights };
      return binding.unrolled({ loop, layers, rule: gradientDescent(rate), together });
    },
  };
}
