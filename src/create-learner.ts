import { checkInteger, checkOptions, refuse, refuseKind } from "./check.ts";
import { releaseCore } from "./core.ts";
import { checkParameters, Learner } from "./learner.ts";
import type { LearnerOptions } from "./learner-options.ts";
import { checkLoss } from "./loss.ts";
import { checkModel } from "./model.ts";

const OPTION_NAMES: readonly (keyof LearnerOptions)[] = [
  "model",
  "loss",
  "algorithm",
  "metaOptimizer",
  "seed",
  "parameters",
  "maxRows",
  "onDivergence",
  "maxTaskNorm",
  "core",
];

/**
 * Builds a learner: a core of its own with all memory that it will ever need.
 *
 * Cost: about 0.1 ms besides memory and drawing the initial parameters.
 *
 * @throws {RangeError | TypeError} an option that is missing, unknown, of the wrong kind or size; a model too large for 4 GiB
 * @example
 * const learner = await createLearner({
 *   model: mlp({ sizes: [1, 40, 40, 1] }),
 *   loss: meanSquaredError(),
 *   algorithm: maml({ innerLearningRate: 0.01 }),
 *   metaOptimizer: adam({ learningRate: 0.001 }),
 *   seed: 1,
 * });
 */
export async function createLearner(options: LearnerOptions): Promise<Learner> {
  checkOptions("createLearner", options, OPTION_NAMES);
  const { model, loss, algorithm, metaOptimizer, seed, parameters, core } = options;
  const { maxRows = 1024, onDivergence = "throw" } = options;
  checkModel("createLearner", model);
  checkStatistics(model);
  checkLoss("createLearner", loss);
  if (typeof algorithm?.bind !== "function" || typeof algorithm.own !== "function")
    refuseKind("createLearner", "an algorithm", algorithm);
  if (typeof metaOptimizer?.allocate !== "function")
    refuseKind("createLearner", "an optimizer as metaOptimizer", metaOptimizer);
  checkInteger("createLearner", "seed", seed, { min: 0 });
  checkInteger("createLearner", "maxRows", maxRows, { min: 1, max: 0x1000000 });
  if (core !== undefined && !(core instanceof WebAssembly.Module))
    refuseKind("createLearner", "a compiled core", core);
  const complete = { ...options, maxRows, onDivergence };
  const learner = new Learner(complete, core ?? (await releaseCore()));
  if (parameters !== undefined)
    learner.parameters.set(checkParameters("createLearner", learner, parameters));
  return learner;
}

/** One choice of statistics for all batch norms. */
function checkStatistics({ layers }: LearnerOptions["model"]): void {
  const choices = new Set(layers.map(({ statistics }) => statistics).filter(Boolean));
  if (choices.size > 1)
    refuse(
      "createLearner",
      "one choice of statistics for all batch norms",
      [...choices].join(", "),
    );
}
