import {
  adam,
  type Algorithm,
  binaryCrossEntropy,
  createLearner,
  crossEntropy,
  type Learner,
  type LearnerOptions,
  maml,
  meanSquaredError,
  mlp,
  type Optimizer,
} from "../src/index.ts";
import type { Vector } from "../src/vector.ts";
import { core } from "./build.ts";
import type { Objective } from "./oracle/meta.ts";

export const losses = { meanSquaredError, crossEntropy, binaryCrossEntropy };

/** With all that is not said as for sinusoids, on the build under test. */
export const learnerOf = (options: Partial<LearnerOptions> = {}): Promise<Learner> =>
  createLearner({
    model: mlp({ sizes: [1, 8, 1] }),
    loss: meanSquaredError(),
    algorithm: maml({ innerLearningRate: 0.01 }),
    metaOptimizer: adam(),
    seed: 3,
    core,
    ...options,
  });

/** A learner for one of the oracle's objectives, on the build under test. */
export function learnerFor(
  { model, loss }: Objective,
  options: {
    parameters?: ArrayLike<number>;
    algorithm?: Algorithm;
    metaOptimizer?: Optimizer;
    maxRows?: number;
  } = {},
): Promise<Learner> {
  return learnerOf({
    model: mlp({ ...model, activation: model.activation as "relu" }),
    loss: losses[loss](),
    algorithm: maml({ innerLearningRate: 0.1 }),
    seed: 1,
    ...options,
  });
}

/** The passes of a network at θ, with two spare vectors. */
export async function networkFor(
  objective: Objective,
  parameters: ArrayLike<number>,
  maxRows?: number,
) {
  let vectors: Vector[] = [];
  const holder: Algorithm = {
    kind: "holder",
    followsGradient: true,
    options: {},
    own: () => [],
    bind(context) {
      vectors = context.network.vectors(2);
      return maml({ innerLearningRate: 0 }).bind(context);
    },
  };
  const { internal } = await learnerFor(objective, {
    parameters,
    algorithm: holder,
    ...(maxRows && { maxRows }),
  });
  return { network: internal.network, theta: internal.theta, vectors };
}
