import { implicitMaml } from "./implicit.ts";
import { learnedOptimizer } from "./learned-optimizer.ts";
import { multiTask } from "./multi-task.ts";
import { protoMaml, prototypical } from "./prototypes.ts";
import * as rules from "./rules.ts";
import { oracleOf } from "./unrolled.ts";
import type { Oracle } from "./unrolled.ts";
import { warpGrad } from "./warp-grad.ts";

export type { Options } from "./setting.ts";
export type { IndexedTask, Oracle } from "./unrolled.ts";

/**
 * The family of algorithms in f64, by automatic differentiation alone. Meta-parameters are θ, then the algorithm's own, flat.
 *
 *     const { loss, gradient } = family.metaSgd.gradient(objective, [...θ, ...alpha], tasks, { innerSteps: 3 });
 */
export const family: Record<string, Oracle> = {
  maml: oracleOf(rules.maml),
  anil: oracleOf(rules.anil),
  boil: oracleOf(rules.boil),
  tNet: oracleOf(rules.tNet),
  metaSgd: oracleOf(rules.metaSgd),
  mamlPlusPlus: oracleOf(rules.mamlPlusPlus),
  alfa: oracleOf(rules.alfa),
  metaCurvature: oracleOf(rules.metaCurvature),
  innerMomentum: oracleOf(rules.innerMomentum),
  innerAdam: oracleOf(rules.innerAdam),
  cavia: oracleOf(rules.cavia),
  warpGrad: oracleOf(warpGrad),
  implicitMaml: oracleOf(implicitMaml),
  protoMaml,
  prototypical,
  learnedOptimizer: oracleOf(learnedOptimizer),
  multiTask: oracleOf(multiTask),
};
