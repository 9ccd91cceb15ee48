import { totalWeight } from "../batch.ts";
import type { Network } from "../network.ts";
import type { Batch, Task } from "../task.ts";
import type { Vector } from "../vector.ts";

/**
 * out += scale·∇ of the mean over all rows of a task, (nₛ L(θ; support) + n_q L(θ; query))/(nₛ + n_q) with n the number of rows, or the sum
 * of their weights; returns that mean. Two passes: with batch norm each batch is normalized by itself. Cost: two gradients.
 */
export function jointGradient(network: Network) {
  const gradient = network.vector("path");
  return (parameters: Vector, { support, query }: Task, scale: number, out: Vector): number => {
    const whole = weightOf(support) + weightOf(query);
    let loss = 0;
    for (const batch of [support, query]) {
      const share = weightOf(batch) / whole;
      loss += share * network.gradient(parameters, batch, gradient.fill(0));
      out.axpy(scale * share, gradient);
    }
    return loss;
  };
}

function weightOf({ rows, weights }: Batch): number {
  return totalWeight(rows, weights);
}
