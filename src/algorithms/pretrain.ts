import { checkNumber, checkOptions } from "../check.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { descent } from "./descent.ts";
import { checkInnerSteps } from "./inner-loop-options.ts";
import { jointGradient } from "./joint.ts";
import { adaptingOrAll, checkNoStepNorms } from "./layers.ts";

/** Options of {@link pretrain}. */
export interface PretrainOptions {
  /** α ≥ 0 of the fine-tuning; default 0.01. Training does not use it. */
  readonly innerLearningRate?: number;
  /** 0 ≤ K ≤ 10,000 steps of fine-tuning; default 0: the pooled model itself. */
  readonly innerSteps?: number;
}

/**
 * Joint training, the baseline of every paper: one network for all tasks, trained on all their rows, and fine-tuned on a new task.
 *
 *     meta-gradient = ∇[(nₛ L(θ; support) + n_q L(θ; query)) / (nₛ + n_q)],   n: rows, or the sum of their weights
 *
 * `adapt` then takes K plain gradient steps on the support set. The loss that is reported is the same mean, without adaptation. One
 * task costs two gradients. With batch norm, support and query rows are normalized apart.
 *
 * @throws {RangeError} `pretrain: expected innerSteps ≥ 0, got -1`
 * @example
 * const algorithm = pretrain({ innerLearningRate: 0.01, innerSteps: 5 });
 */
export function pretrain(options: PretrainOptions = {}): Algorithm {
  checkOptions("pretrain", options, ["innerLearningRate", "innerSteps"]);
  const { innerLearningRate = 0.01, innerSteps = 0 } = options;
  checkNumber("pretrain", "innerLearningRate", innerLearningRate, { min: 0 });
  checkInnerSteps("pretrain", innerSteps);
  return {
    kind: "pretrain",
    followsGradient: true,
    options: { innerLearningRate, innerSteps },
    own: nothingOfItsOwn,
    bind({ network, parameters, gradient }) {
      checkNoStepNorms("pretrain", network);
      const descend = descent(
        network.adapting(adaptingOrAll(network)),
        innerLearningRate,
        innerSteps,
      );
      const joint = jointGradient(network);
      return {
        adapt: (support, steps) => descend(parameters, support, steps),
        metaGradient: (task, scale) => joint(parameters, task, scale, gradient),
      };
    },
  };
}
