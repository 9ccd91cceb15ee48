/**
 * Everything, with the core inlined.
 *
 * @module rvml
 */

import { type CreateLearner, learnersOn } from "./create-learner.ts";
import { type LoadLearner, loadersOn } from "./checkpoint.ts";
import { releaseCore } from "./inline-core.ts";

export * from "./library.ts";

/**
 * Builds a learner, on the core that is inlined: see {@link CreateLearner}.
 *
 * @function
 */
export const createLearner: CreateLearner = /* @__PURE__ */ learnersOn(releaseCore);

/**
 * Brings back what `save` wrote, on the core that is inlined: see {@link LoadLearner}.
 *
 * @function
 */
export const loadLearner: LoadLearner = /* @__PURE__ */ loadersOn(releaseCore);
