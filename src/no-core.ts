/**
 * As `rvml`, with a core that is given: `createLearner({ core, … })`, `loadLearner(bytes, { core })`.
 *
 * @module rvml/core
 */

import { type CreateLearner, learnersOn } from "./create-learner.ts";
import { type LoadLearner, loadOnCore } from "./checkpoint.ts";

export * from "./library.ts";

/**
 * Builds a learner, on the core that is given: see {@link CreateLearner}.
 *
 * @function
 */
export const createLearner: CreateLearner = /* @__PURE__ */ learnersOn();

/**
 * Brings back what `save` wrote, on the core that is given: see {@link LoadLearner}.
 *
 * @function
 */
export const loadLearner: LoadLearner = loadOnCore;
