import { type CreateLearner, learnersOn } from "./create-learner.ts";
import { type LoadLearner, loadersOn } from "./checkpoint.ts";

export * from "./library.ts";

const noCore = () => Promise.resolve(undefined);

/** {@inheritDoc CreateLearner} */
export const createLearner: CreateLearner = /* @__PURE__ */ learnersOn(noCore);

/** {@inheritDoc LoadLearner} */
export const loadLearner: LoadLearner = /* @__PURE__ */ loadersOn(noCore);
