import { checkInteger, checkOptions, refuse, refuseKind } from "./check.ts";
import { type CoreSource, coreOf } from "./core.ts";
import { checkParameters, Learner } from "./learner.ts";
import type { CompleteOptions, LearnerOptions } from "./learner-options.ts";
import { checkLoss } from "./loss.ts";
import { checkModel, lengthInAll, placeTensors } from "./model.ts";

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

/** What `createLearner` is, in each entry on its own core. */
export interface CreateLearner {
  /**
   * Builds a learner: a core of its own with all memory that it will ever need.
   *
   * Cost: about 0.1 ms besides memory and drawing the initial parameters; the first in a process compiles the core.
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
  (options: LearnerOptions): Promise<Learner>;
}

/** `createLearner`; where no core is named, on the source's. */
export function learnersOn(source?: CoreSource): CreateLearner {
  return async function createLearner(options) {
    const complete = check(options);
    // Copied before this waits: another learner's are live, and go on changing.
    const start = startOf(complete);
    const core = await coreOf("createLearner", options.core, source, "gradientTangent");
    const learner = new Learner(complete, core);
    if (start) learner.parameters.set(start);
    return learner;
  };
}

function startOf({ model, parameters }: LearnerOptions): Float32Array | undefined {
  if (parameters === undefined) return undefined;
  const count = lengthInAll(placeTensors(model));
  return Float32Array.from(checkParameters("createLearner", count, parameters));
}

function check(options: LearnerOptions): CompleteOptions {
  checkOptions("createLearner", options, OPTION_NAMES);
  const { model, loss, algorithm, metaOptimizer, seed } = options;
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
  return { ...options, maxRows, onDivergence };
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
