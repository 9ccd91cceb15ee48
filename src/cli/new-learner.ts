import { adam, cosine, createLearner, meanSquaredError, mlp } from "../index.ts";
import type { Algorithm, Learner, Model } from "../index.ts";
import { rowOf } from "./algorithms.ts";
import { fromOptions, raise, UsageError } from "./errors.ts";
import type { Settings } from "./settings.ts";
import type { Source } from "./source.ts";

/** A learner of these settings, for tasks of that source. */
export async function newLearner(
  settings: Settings,
  { inSize, groups }: Pick<Source, "inSize" | "groups">,
): Promise<Learner> {
  const { metaRate, steps, seed } = settings;
  const [model, algorithm, metaOptimizer] = fromOptions(() => [
    network(settings, inSize),
    innerLoop(settings, groups),
    adam({ learningRate: cosine({ from: metaRate, to: metaRate / 20, steps }) }),
  ]);
  const loss = meanSquaredError();
  const made = createLearner({ model, loss, algorithm, metaOptimizer, seed });
  return made.catch((error) => fromOptions(() => raise(error)));
}

function network(settings: Settings, inSize: number): Model {
  const { algorithm, hidden, activation, norm } = settings;
  const sizes = [inSize, ...hidden, 1];
  // He's larger start, usual with relu, makes plain gradient steps at these rates diverge.
  const initialization = "glorot";
  const context = "context" in rowOf(algorithm).own ? settings.context : undefined;
  const between = norm === "none" ? undefined : norm;
  return mlp({ sizes, activation, initialization, norm: between, context });
}

function innerLoop(settings: Settings, groups?: number): Algorithm {
  const { algorithm, innerRate = 0, innerSteps } = settings;
  const { own, make, needsGroups } = rowOf(algorithm);
  if (needsGroups && groups === undefined)
    throw new UsageError(
      `--algorithm: expected one that needs no fixed number of groups, got ${algorithm}`,
    );
  const names = Object.keys(own) as (keyof typeof own)[];
  const ownGiven = Object.fromEntries(names.map((name) => [name, settings[name]]));
  return make({ innerLearningRate: innerRate, innerSteps, ...ownGiven }, groups);
}
