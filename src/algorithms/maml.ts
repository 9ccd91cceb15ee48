import { checkInteger, checkNumber, checkOneOf, checkOptions } from "../check.ts";
import type { Network } from "../network.ts";
import type { Batch, Task } from "../task.ts";
import type { Vector } from "../vector.ts";
import type { Algorithm } from "./algorithm.ts";
import { descent } from "./descent.ts";

/** Every step keeps a vector of parameters and more: refused here, a slip of the finger does not end in a heap that is full. */
const MAX_STEPS = 10_000;

/** Options of {@link maml}. */
export interface MamlOptions {
  /** α ≥ 0, one for all parameters. */
  readonly innerLearningRate: number;
  /** 0 ≤ K ≤ 10,000. */
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
 * keeps K + 4 parameter vectors and K tapes (activations and their gradients for 32 rows). `order: 1` drops the products (FOMAML): K + 1
 * gradients, two vectors, no tapes.
 *
 * @param options.innerLearningRate α ≥ 0, one for all parameters
 * @param options.innerSteps 0 ≤ K ≤ 10,000; default 1
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
  checkInteger("maml", "innerSteps", innerSteps, { max: MAX_STEPS });
  checkOneOf("maml", "order", order, [1, 2]);
  return {
    kind: "maml",
    followsGradient: true,
    options: { innerLearningRate, innerSteps, order },
    bind(network) {
      const adapt = descent(network, innerLearningRate, innerSteps);
      const exact = order === 2 && innerLearningRate > 0 && innerSteps > 0;
      return {
        adapt,
        metaGradient: exact ? exactGradient(network, innerLearningRate, innerSteps) : firstOrder,
      };

      function firstOrder(
        parameters: Vector,
        { support, query }: Task,
        out: Vector,
        scale: number,
      ) {
        return network.gradient(adapt(parameters, support), query, out, scale);
      }
    },
  };
}

/** The meta-gradient with its products. */
function exactGradient(network: Network, α: number, innerSteps: number) {
  const path = network.vectors(innerSteps);
  const tapes = path.map(() => network.tape());
  const [v, gradient] = network.vectors(2);

  /** θₖ₊₁ = θₖ − α ∇L(θₖ; support) for all k; returns θ_K. */
  function descend(parameters: Vector, support: Batch): Vector {
    let theta = parameters;
    for (let k = 0; k < innerSteps; k++) {
      network.record(theta, support, gradient.fill(0), tapes[k]);
      path[k].combine(-α, gradient, theta);
      theta = path[k];
    }
    return theta;
  }

  /** out += ∏ₖ (I − αHₖ) v; changes v. */
  function pullBack(parameters: Vector, support: Batch, out: Vector): void {
    const direction = gradient;
    for (let k = innerSteps - 1; k > 0; k--) {
      direction.multiple(-α, v);
      network.hvp(path[k - 1], support, direction, v, tapes[k]); // v ← v + Hₖ(−αv)
    }
    out.axpy(1, v);
    network.hvp(parameters, support, direction.multiple(-α, v), out, tapes[0]);
  }

  return (parameters: Vector, { support, query }: Task, out: Vector, scale: number): number => {
    const adapted = descend(parameters, support);
    const queryLoss = network.gradient(adapted, query, v.fill(0), scale);
    pullBack(parameters, support, out);
    return queryLoss;
  };
}
