import {
  adam,
  type Algorithm,
  cosine,
  createLearner,
  crossEntropy,
  type Learner,
  meanSquaredError,
} from "../index.ts";
import { rowOf } from "./algorithms.ts";
import { fromOptions, raise, UsageError } from "./errors.ts";
import { network } from "./network.ts";
import { optionName } from "./options.ts";
import type { Settings } from "./settings.ts";
import type { Problem } from "./source.ts";

/** A learner of these settings, for tasks of that source. */
export async function newLearner(settings: Settings, problem: Problem): Promise<Learner> {
  const { metaRate, steps, seed } = settings;
  const [model, algorithm, metaOptimizer] = fromSettings(settings, () => [
    network(settings, problem),
    innerLoop(settings, problem),
    adam({ learningRate: cosine({ from: metaRate, to: metaRate / 20, steps }) }),
  ]);
  const loss = problem.ways ? crossEntropy() : meanSquaredError();
  const { maxRows } = problem;
  const made = createLearner({ model, loss, algorithm, metaOptimizer, seed, maxRows });
  return made.catch((error) => fromSettings(settings, () => raise(error)));
}

/**
 * What the library refuses came from an option: that one, where the words of the algorithm name one of its own.
 *
 * @throws {UsageError} `--layers: maml: expected layers with parameters (of 0, 2, 4), got 1`
 */
function fromSettings<T>({ algorithm }: Settings, make: () => T): T {
  try {
    return fromOptions(make);
  } catch (error) {
    const words = error instanceof UsageError ? error.message : "";
    const names = words.startsWith(`${algorithm}: `) ? Object.keys(rowOf(algorithm).own) : [];
    const name = names.find((one) => new RegExp(`\\b${one}\\b`).test(words));
    throw name ? new UsageError(`${optionName(name)}: ${words}`) : error;
  }
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
export function checkAlgorithm(
  { algorithm }: Settings,
  { ways, groups }: Problem,
  option = "--algorithm",
): void {
  const { needsGroups, forClasses, joint } = rowOf(algorithm);
  const refuse = (expected: string) => {
    throw new UsageError(`${option}: expected ${expected}, got ${algorithm}`);
  };
  if (forClasses && !ways) refuse("one that predicts numbers");
  if (joint && ways) refuse("one for classes that are others in each task");
  if (needsGroups && groups === undefined) refuse("one that needs no fixed number of groups");
}
