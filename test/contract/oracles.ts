/** Every algorithm in f64, by the name of the function that makes it: the family, and what is not differentiated through. */
import type * as rvml from "../../src/index.ts";
import type { AdamOptions, Optimizer } from "../../src/index.ts";
import { family, type Options as FamilyOptions, type Oracle } from "../oracle/family.ts";
import { adamAdapt, adamReptileGradient, type InnerAdam } from "../oracle/inner-adam.ts";
import * as meta from "../oracle/meta.ts";

/** What an algorithm is called with. */
export interface Options extends FamilyOptions {
  readonly checkpoint?: boolean;
  /** implicitMaml. */
  readonly cgSteps?: number;
  readonly tolerance?: number;
  /** reptile. */
  readonly innerBatchSize?: number;
  readonly innerOptimizer?: Optimizer;
}

export type AlgorithmName = {
  [Name in keyof typeof rvml]: (typeof rvml)[Name] extends (options: never) => rvml.Algorithm
    ? Name
    : never;
}[keyof typeof rvml];

type Objective = meta.Objective<never>;
type Steps = Options & { readonly steps?: number };

/** α and K. */
function plainOf({ innerLearningRate = 0.01, innerSteps = 0, steps = innerSteps }: Steps) {
  return { innerLearningRate: innerLearningRate as number, innerSteps: steps };
}

function adamOf({ innerOptimizer, innerBatchSize, innerSteps, steps = innerSteps }: Steps) {
  const options = innerOptimizer?.options as Required<AdamOptions>;
  return { ...options, innerBatchSize, innerSteps: steps } as InnerAdam;
}

const reptile: Oracle = {
  ownCount: () => 0,
  gradient: (objective, parameters, tasks, options: Options) =>
    options.innerOptimizer
      ? adamReptileGradient(objective as Objective, parameters, tasks, adamOf(options))
      : meta.reptileGradient(objective as Objective, parameters, tasks, plainOf(options)),
  adapt: (objective, parameters, support, options: Steps) =>
    options.innerOptimizer
      ? adamAdapt(objective as Objective, parameters, support, adamOf(options))
      : meta.adapt(objective as Objective, parameters, support, plainOf(options)),
};

const pretrain: Oracle = {
  ownCount: () => 0,
  gradient: (objective, parameters, tasks) =>
    meta.jointGradient(objective as Objective, parameters, tasks),
  adapt: (objective, parameters, support, options) =>
    meta.adapt(objective as Objective, parameters, support, plainOf(options)),
};

export const oracles = { ...family, reptile, pretrain } as Record<AlgorithmName, Oracle>;
