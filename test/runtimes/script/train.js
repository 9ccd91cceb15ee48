import { createLearner, metaTrain } from "rvml";
import { sha256 } from "../../golden-problems.js";

/** A new learner. @param {import("./problems.js").Problem["options"]} options @param {WebAssembly.Module} [core] */
export const learnerOf = (options, core) =>
  createLearner({ ...options, seed: 1, ...(core && { core }) });

/**
 * The hash of the metaParameters after so many steps.
 *
 * @param {import("rvml").Learner} learner
 * @param {import("rvml").TaskDistribution} source
 * @param {import("rvml").TrainOptions} options
 */
export async function train(learner, source, options) {
  const run = metaTrain(learner, source, options);
  while (!(await run.next()).done);
  return sha256(learner.metaParameters);
}
