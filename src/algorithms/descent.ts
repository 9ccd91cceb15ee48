import type { Network } from "../network.ts";
import type { Batch } from "../task.ts";
import type { Vector } from "../vector.ts";

/**
 * Plain gradient descent on a support set: θₖ₊₁ = θₖ − α ∇L(θₖ; support).   Cost: one gradient a step; keeps two vectors, however
 * many the steps.
 */
export function descent(network: Network, learningRate: number, defaultSteps: number) {
  let [adapted, next] = network.vectors(2);
  return (parameters: Vector, support: Batch, steps = defaultSteps): Vector => {
    adapted.copy(parameters);
    if (learningRate === 0) return adapted;
    for (let k = 0; k < steps; k++) {
      network.gradient(adapted, support, next.copy(adapted), -learningRate);
      [adapted, next] = [next, adapted];
    }
    return adapted;
  };
}
