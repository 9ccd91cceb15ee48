// Adapting on the relaxed core.
import { createLearner, Random } from "rvml";
import { hasRelaxedSimd, relaxedCore } from "rvml/relaxed";
import { ofSinusoids } from "./problems.js";

/** How far its predictions may be from the strict core's, in parts of the greatest: what rounding makes of 5 steps, with room. */
const TOLERANCE = 1e-4;

/**
 * Whether the engine has relaxed SIMD; where it has, the core runs, too.
 *
 * @param {import("rvml").Learner} strict one that is trained on the sinusoids
 * @param {WebAssembly.Module} [core] where the package cannot compile its own
 */
export async function tryRelaxed(strict, core) {
  if (!hasRelaxedSimd()) return false;
  const { options, source } = ofSinusoids();
  const relaxed = await createLearner({ ...options, seed: 1, core: core ?? (await relaxedCore()) });
  relaxed.metaParameters.set(strict.metaParameters);
  const { support, query } = source.sample(new Random(3));
  const [expected, got] = [strict, relaxed].map((learner) =>
    learner.adapt(support, { steps: 5 }).predict(query.inputs),
  );
  const greatest = Math.max(...expected.map(Math.abs));
  const difference = Math.max(...got.map((y, i) => Math.abs(y - expected[i]))) / greatest;
  if (difference <= TOLERANCE) return true;
  throw new Error(
    `relaxed core: expected predictions within ${TOLERANCE} of the strict core's, got ${difference}`,
  );
}
