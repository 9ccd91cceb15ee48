import { adam, cosine, createLearner, crossEntropy, meanSquaredError } from "../index.ts";
import type { Algorithm, Learner } from "../index.ts";
import { rowOf } from "./algorithms.ts";
import { fromOptions, raise, UsageError } from "./errors.ts";
import { network } from "./network.ts";
import type { Settings } from "./settings.ts";
import type { Problem } from "./source.ts";

/** A learner of these settings, for tasks of that source. */
export async function newLearner(settings: Settings, problem: Problem): Promise<Learner> {
  const { metaRate, steps, seed } = settings;
  const [model, algorithm, metaOptimizer] = fromOptions(() => [
    network(settings, problem),
    innerLoop(settings, problem),
    adam({ learningRate: cosine({ from: metaRate, to: metaRate / 20, steps }) }),
  ]);
  const loss = problem.ways ? crossEntropy() : meanSquaredError();
  const { maxRows } = problem;
  const made = createLearner({ model, loss, algorithm, metaOptimizer, seed, maxRows });
  return made.catch((error) => fromOptions(() => raise(error)));
}

function innerLoop(settings: Settings, { groups }: Problem): Algorithm {
  const { algorithm, innerRate = 0, innerSteps } = settings;
  const { own, make } = rowOf(algorithm);
  const names = Object.keys(own) as (keyof typeof own)[];
  const ownGiven = Object.fromEntries(names.map((name) => [name, settings[name]]));
  return make({ innerLearningRate: innerRate, innerSteps, ...ownGiven }, groups);
}

/**
 * Refuses an algorithm that has nothing to learn from such tasks.
 *
 * @throws {UsageError} `--algorithm: expected one that predicts numbers, got protoMaml`
 */
export function checkAlgorithm({ algorithm }: Settings, { ways, groups }: Problem): void {
  const { needsGroups, forClasses, joint } = rowOf(algorithm);
  const refuse = (expected: string) => {
    throw new UsageError(`--algorithm: expected ${expected}, got ${algorithm}`);
  };
  if (forClasses && !ways) refuse("one that predicts numbers");
  if (joint && ways) refuse("one for classes that are others in each task");
  if (needsGroups && groups === undefined) refuse("one that needs no fixed number of groups");
}
