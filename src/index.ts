import { type CreateLearner, learnersOn } from "./create-learner.ts";
import { type LoadLearner, loadersOn } from "./checkpoint.ts";
import { releaseCore } from "./inline-core.ts";

export * from "./library.ts";

/** {@inheritDoc CreateLearner} */
export const createLearner: CreateLearner = /* @__PURE__ */ learnersOn(releaseCore);

/** {@inheritDoc LoadLearner} */
export const loadLearner: LoadLearner = /* @__PURE__ */ loadersOn(releaseCore);
