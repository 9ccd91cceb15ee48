import { checkInteger, checkNumber, checkOneOf, checkOptions } from "../check.ts";
import type { Algorithm } from "./algorithm.ts";
import { descent } from "./descent.ts";

/** Options of {@link maml}. */
export interface MamlOptions {
  /** α > 0, one for all parameters. */
  readonly innerLearningRate: number;
  /** K ≥ 0. */
  readonly innerSteps?: number;
  /** 2: exact. 1: FOMAML, without the second derivatives. */
  readonly order?: 1 | 2;
}

/**
 * Model-agnostic meta-learning: learn parameters from which a few gradient steps on a task's support set give a low loss on its
 * query set.
 *
 *     θ₀ = θ,   θₖ₊₁ = θₖ − α ∇L(θₖ; support),   k = 0 … K−1
 *     meta-gradient = ∏ₖ (I − α ∇²L(θₖ; support)) ∇L(θ_K; query)
 *
 * Exact: the product is applied, last factor first, with Hessian-vector products. One task costs K + 1 gradients and K products, and
 * keeps K + 1 parameter vectors. `order: 1` drops the products (FOMAML): K + 1 gradients.
 *
 * @param options.innerLearningRate α ≥ 0, one for all parameters
 * @param options.innerSteps K ≥ 0; default 1
 * @param options.order 2, or 1 for FOMAML; default 2
 * @throws {RangeError} `maml: expected innerSteps ≥ 0, got -1`
 * @see Finn, Abbeel, Levine 2017, arXiv:1703.03400, algorithms 1 and 2; FOMAML: section 5.2
 * @example
 * const algorithm = maml({ innerLearningRate: 0.01, innerSteps: 5 });
 */
export function maml(options: MamlOptions): Algorithm {
  checkOptions("maml", options, ["innerLearningRate", "innerSteps", "order"]);
  const { innerLearningRate, innerSteps = 1, order = 2 } = options;
  checkNumber("maml", "innerLearningRate", innerLearningRate, { min: 0 });
  checkInteger("maml", "innerSteps", innerSteps, { min: 0 });
  checkOneOf("maml", "order", order, [1, 2]);
  return {
    kind: "maml",
    options: { innerLearningRate, innerSteps, order },
    bind(network) {
      const path = network.vectors(innerSteps + 1);
      const [v, hv] = network.vectors(2);
      const adapt = descent(network, innerLearningRate, innerSteps);

      return {
        adapt,
        metaGradient(parameters, { support, query }, out, scale) {
          path[0].copy(parameters);
          for (let k = 0; k < innerSteps; k++) {
            network.gradient(path[k], support, v.fill(0));
            path[k + 1].copy(path[k]).axpy(-innerLearningRate, v); // θₖ₊₁ = θₖ − α ∇L(θₖ)
          }
          const queryLoss = network.gradient(path[innerSteps], query, v.fill(0));
          if (order === 2)
            for (let k = innerSteps - 1; k >= 0; k--) {
              network.hvp(path[k], support, v, hv.fill(0));
              v.axpy(-innerLearningRate, hv); // v ← (I − αHₖ) v
            }
          out.axpy(scale, v);
          return queryLoss;
        },
      };
    },
  };
}
