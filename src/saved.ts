import { checkFinite, checkOneOf, refuse, refuseKind } from "./check.ts";
import type { Learner } from "./learner.ts";
import { offsetsOf } from "./model.ts";
import { type Bytes, type NamedTensor, writeTensors } from "./safetensors.ts";
import {
  FORMAT_VERSION,
  isSpec,
  LEARNER_KEY,
  named,
  type SavedLearner,
  type Spec,
} from "./saved-learner.ts";

/** All of a learner that is not derived from anything else, as a safetensors file; the optimizer's state may be left out. */
export function writeLearner(
  where: string,
  learner: Learner,
  metadata: Readonly<Record<string, string>>,
  optimizerState: boolean,
): Bytes {
  checkMetadata(where, metadata);
  checkOneOf(where, "optimizerState", optimizerState, [true, false]);
  const saved = describeLearner(learner, optimizerState);
  const tensors = learnerTensors(learner, optimizerState);
  // They are live, and what is not finite would not be read back.
  for (const { name, values } of tensors) checkFinite(where, name, values);
  return writeTensors({
    tensors,
    metadata: { ...metadata, [LEARNER_KEY]: JSON.stringify(saved) },
  });
}

/** A file of the same learner, all of whose numbers are zero. */
export function writeBlank(learner: Learner): Bytes {
  const tensors = learnerTensors(learner, false).map(({ name, shape, values: { length } }) => ({
    name,
    shape,
    values: new Float32Array(length),
  }));
  const metadata = { [LEARNER_KEY]: JSON.stringify(describeLearner(learner, false)) };
  return writeTensors({ tensors, metadata });
}

/** The learner without its tensors. */
export function describeLearner(learner: Learner, optimizerState = true): SavedLearner {
  return {
    version: FORMAT_VERSION,
    model: learner.model.layers.map(({ spec }) => spec),
    loss: learner.loss.kind,
    algorithm: describe(learner.algorithm),
    metaOptimizer: describe(learner.metaOptimizer),
    seed: learner.seed,
    maxRows: learner.maxRows,
    onDivergence: learner.guard.policy,
    maxTaskNorm: learner.guard.maxTaskNorm,
    step: learner.step,
    optimizerStep: optimizerState ? learner.internal.optimizer.step : null,
  };
}

/** Only what can be read back: text, under any name but the learner's own. */
function checkMetadata(where: string, metadata: Readonly<Record<string, string>>): void {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
    refuseKind(where, "metadata of strings", metadata);
  for (const [name, value] of Object.entries(metadata)) {
    if (name === LEARNER_KEY) refuse(where, `metadata under other names than "${name}"`, name);
    if (typeof value !== "string") refuseKind(where, `string metadata.${name}`, value);
  }
}

/** The live tensors of a learner by the names that they have in its file. */
export function learnerTensors({ internal }: Learner, optimizerState: boolean): NamedTensor[] {
  const { network, theta, meta, own, optimizer } = internal;
  const parameters = named("parameters", network.tensors).map(
    ({ name, shape, offset, length }) => ({
      name,
      shape,
      values: theta.view.subarray(offset, offset + length),
    }),
  );
  const learned = named("algorithm", offsetsOf(own)).map(({ name, shape, offset, length }) => ({
    name,
    shape,
    values: meta.view.subarray(theta.length + offset, theta.length + offset + length),
  }));
  const state = Object.entries(optimizer.state).map(([name, { length, view }]) => ({
    name: `metaOptimizer.${name}`,
    shape: [length],
    values: view,
  }));
  return [...parameters, ...learned, ...(optimizerState ? state : [])];
}

/** kind and options, all the way down (an optimizer may hold a schedule, or another optimizer). */
export function describe({ kind, options }: Spec): Spec {
  const entries = Object.entries(options).map(([name, value]) => [
    name,
    isSpec(value) ? describe(value) : value,
  ]);
  return { kind, options: Object.fromEntries(entries) };
}
