import {
  adam,
  type Algorithm,
  binaryCrossEntropy,
  createLearner,
  crossEntropy,
  type Learner,
  maml,
  meanSquaredError,
  mlp,
  type Optimizer,
} from "../src/index.ts";
import type { Vector } from "../src/vector.ts";
import { core } from "./build.ts";
import type { Objective } from "./oracle/meta.ts";

export const losses = { meanSquaredError, crossEntropy, binaryCrossEntropy };

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
  return createLearner({
    model: mlp({ ...model, activation: model.activation as "relu" }),
    loss: losses[loss](),
    algorithm: maml({ innerLearningRate: 0.1 }),
    metaOptimizer: adam(),
    seed: 1,
    core,
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
