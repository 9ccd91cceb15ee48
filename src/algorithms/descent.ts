import type { Network } from "../network.ts";
import type { Batch } from "../task.ts";
import type { Vector } from "../vector.ts";

/**
 * Plain gradient descent on a support set: θₖ₊₁ = θₖ − α ∇L(θₖ; support).   Cost: one gradient a step; keeps two vectors, however
 * many the steps.
 */
export function descent(network: Network, learningRate: number, defaultSteps: number) {
  const [adapted, gradient] = network.vectors(2, "path");
  return (start: Vector, support: Batch, steps = defaultSteps): Vector => {
    adapted.copy(start);
    for (let k = 0; k < steps; k++) {
      // Summed on its own, then added once: added to θ row by row, small contributions would be rounded away.
      network.gradient(adapted, support, gradient.fill(0));
      adapted.axpy(-learningRate, gradient);
    }
    return adapted;
  };
}
