import { checkOptions } from "../check.ts";
import { gradientDescent } from "../rules/gradient-descent.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, type InnerLoopOptions } from "./inner-loop-options.ts";
import { checkLayers } from "./layers.ts";
import { unrolled } from "./unrolled.ts";

/** Options of {@link maml}. */
export interface MamlOptions extends InnerLoopOptions {
  /** The layers that adapt, by their index in `model.layers`; default all. The others are learned, and stay as they are in a task. */
  readonly layers?: readonly number[];
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
 * @throws {RangeError} `maml: expected innerSteps ≥ 0, got -1`
 * @see Finn, Abbeel, Levine 2017, arXiv:1703.03400, algorithms 1 and 2; FOMAML: section 5.2
 * @example
 * const algorithm = maml({ innerLearningRate: 0.01, innerSteps: 5 });
 */
export function maml(options: MamlOptions): Algorithm {
  checkOptions("maml", options, [...innerLoopNames, "layers"]);
  const loop = checkInnerLoop("maml", options);
  const layers = checkLayers("maml", "layers", options.layers);
  return {
    kind: "maml",
    followsGradient: true,
    options: { ...loop, layers },
    own: nothingOfItsOwn,
    bind(binding) {
      if (layers) checkLayers("maml", "layers", layers, binding.network);
      return unrolled(binding, { loop, layers, rule: gradientDescent(loop.innerLearningRate) });
    },
  };
}
