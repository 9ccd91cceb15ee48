import { createLearner, sgd } from "rvml";

/** @import { Learner, LearnerOptions } from "rvml" */

/**
 * The file of a learner that shall adapt, and train no more: without the two moments of Adam, a third of the size.
 *
 * @param {Learner} learner @param {Omit<LearnerOptions, "metaOptimizer">} options those it was made with
 */
export async function written(learner, options) {
  const slim = await createLearner({ ...options, metaOptimizer: sgd({ learningRate: 0 }) });
  slim.metaParameters.set(learner.metaParameters);
  return slim.save({ metadata: { made: "by examples/teach/train.js of rvml" } });
}
