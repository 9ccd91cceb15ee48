import { type CreateLearner, learnersOn } from "./create-learner.ts";
import { type LoadLearner, loadOnCore } from "./checkpoint.ts";

export * from "./library.ts";

/** {@inheritDoc CreateLearner} */
export const createLearner: CreateLearner = /* @__PURE__ */ learnersOn(() =>
  Promise.resolve(undefined),
);

/** {@inheritDoc LoadLearner} */
export const loadLearner: LoadLearner = loadOnCore;
