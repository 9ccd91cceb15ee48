import release from "./wasm/release.wasm";
import { type CreateLearner, learnersOn } from "./create-learner.ts";
import { type LoadLearner, loadersOn } from "./checkpoint.ts";

export * from "./library.ts";

// Edge workers compile no bytes at run time: the core comes as a module that was compiled when the worker was deployed.
const releaseCore = () => Promise.resolve(release);

/**
 * Builds a learner, on the core that the worker was deployed with: see {@link CreateLearner}.
 *
 * @function
 */
export const createLearner: CreateLearner = /* @__PURE__ */ learnersOn(releaseCore);

/**
 * Brings back what `save` wrote, on the core that the worker was deployed with: see {@link LoadLearner}.
 *
 * @function
 */
export const loadLearner: LoadLearner = /* @__PURE__ */ loadersOn(releaseCore);
