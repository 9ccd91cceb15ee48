import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "./close.ts";
import type { Draw } from "./draws.ts";
import type { GuardedNetwork } from "./guarded-network.ts";
import { gradient, hvp, loss, type Objective, predict } from "./oracle/meta.ts";
import type { AnyModel } from "./oracle/network.ts";

/** Outputs: a batch norm of 128 rows sums them one by one, which costs 1e-6; all else stays below 5e-7. */
const OUTPUT_TOLERANCE = 2e-6;

/** A network's predictions, loss, gradient and product, within tolerance of the oracle's for that objective. */
export function expectPasses(
  network: GuardedNetwork,
  objective: Objective<AnyModel>,
  { theta, v, batch }: Draw,
  tolerance = GRADIENT_TOLERANCE,
): void {
  const exact = loss(objective, theta, batch);
  // The oracle's predictions take all rows' statistics.
  if (!batch.counted) {
    const outputs = predict(objective.model, theta, batch.inputs);
    expectClose(network.predict(batch.inputs), outputs, OUTPUT_TOLERANCE, "outputs");
  }
  expectClose(network.loss(batch), exact, LOSS_TOLERANCE, "loss");
  const found = network.gradient(batch);
  expectClose(found.loss, exact, LOSS_TOLERANCE, "gradient's loss");
  const slope = gradient(objective, theta, batch);
  expectClose(found.gradient, slope, tolerance, "gradient");
  const product = hvp(objective, theta, batch, v);
  expectClose(network.hvp(batch, v), product, tolerance, "hvp");
}
