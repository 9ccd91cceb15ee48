import type { Algorithm } from "./algorithms/algorithm.ts";
import { maml } from "./algorithms/maml.ts";
import { pretrain } from "./algorithms/pretrain.ts";
import { reptile } from "./algorithms/reptile.ts";
import { checkFinite, checkInteger, checkOptions, either, refuse, refuseKind } from "./check.ts";
import { createLearner, type Learner } from "./learner.ts";
import { binaryCrossEntropy, crossEntropy, meanSquaredError } from "./loss.ts";
import { activation, batchNorm, dense, layerNorm, sequential } from "./model.ts";
import { adam } from "./optimizers/adam.ts";
import { clipNorm } from "./optimizers/clip-norm.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import { cosine } from "./optimizers/schedule.ts";
import { sgd } from "./optimizers/sgd.ts";
import { FORMAT_VERSION, isSpec, LEARNER_KEY, learnerTensors, type SavedLearner } from "./saved.ts";
import { type NamedTensor, readTensors } from "./safetensors.ts";

type Make = (options: never) => unknown;

/** Who makes what a file names. A new layer, loss, algorithm, optimizer or schedule is one row. */
const layers: Record<string, Make> = {
  dense,
  activation: ({ name }: { name: Parameters<typeof activation>[0] }) => activation(name),
  batchNorm,
  layerNorm,
};
const losses: Record<string, Make> = { meanSquaredError, crossEntropy, binaryCrossEntropy };
const algorithms: Record<string, Make> = { maml, reptile, pretrain };
const optimizers: Record<string, Make> = {
  sgd,
  adam,
  clipNorm: ({ optimizer, maxNorm }: { optimizer: Optimizer; maxNorm: number }) =>
    clipNorm(optimizer, maxNorm),
};
const makers: Record<string, Make> = { ...algorithms, ...optimizers, cosine };

/**
 * The learner that `learner.save()` wrote: ready to adapt, and to train on to the same bits as if it had never stopped.
 *
 * @param options.core as in `createLearner`
 * @throws {RangeError} `loadLearner: expected …`: bytes that are truncated, foreign or hostile, or of a later version
 * @example
 * const learner = await loadLearner(await readFile("model.safetensors"));
 */
export async function loadLearner(
  bytes: Uint8Array,
  options: { readonly core?: WebAssembly.Module } = {},
): Promise<Learner> {
  if (!(bytes instanceof Uint8Array)) refuseKind("loadLearner", "a Uint8Array", bytes);
  checkOptions("loadLearner", options, ["core"]);
  const { tensors, metadata } = readTensors("loadLearner", bytes);
  const { [LEARNER_KEY]: text, ...own } = metadata;
  const saved = parse(text);
  const learner = await createLearner({ ...rebuild(saved), ...options });
  restore(learner, tensors);
  learner.step = saved.step;
  learner.internal.optimizer.step = saved.optimizerStep;
  learner.metadata = own;
  return learner;
}

function parse(text: string | undefined): SavedLearner {
  if (text === undefined) refuse("loadLearner", `a file with "${LEARNER_KEY}" metadata`, text);
  let saved: SavedLearner;
  try {
    saved = JSON.parse(text) as SavedLearner;
  } catch {
    refuse("loadLearner", `"${LEARNER_KEY}" metadata in JSON`, text);
  }
  if (saved?.version !== FORMAT_VERSION)
    refuse("loadLearner", `format version ${FORMAT_VERSION}`, saved?.version);
  checkInteger("loadLearner", "step", saved.step, { min: 0 });
  checkInteger("loadLearner", "optimizerStep", saved.optimizerStep, { min: 0 });
  return saved;
}

function rebuild(saved: SavedLearner) {
  if (!Array.isArray(saved.model)) refuse("loadLearner", "a list of layers", saved.model);
  return {
    model: sequential(saved.model.map(({ kind, ...rest }) => make(layers, kind, rest)) as never),
    loss: make(losses, saved.loss, {}) as ReturnType<typeof meanSquaredError>,
    algorithm: revive(saved.algorithm, algorithms) as Algorithm,
    metaOptimizer: revive(saved.metaOptimizer, optimizers) as Optimizer,
    seed: saved.seed,
    maxRows: saved.maxRows,
  };
}

/** A value from its kind and options, all the way down. */
function revive(spec: unknown, known: Record<string, Make>): unknown {
  if (!isSpec(spec)) refuse("loadLearner", "kind and options", spec);
  const entries = Object.entries(spec.options).map(([name, value]) => [
    name,
    isSpec(value) ? revive(value, makers) : value,
  ]);
  return make(known, spec.kind, Object.fromEntries(entries));
}

function make(known: Record<string, Make>, kind: unknown, options: object): unknown {
  if (typeof kind !== "string" || !Object.hasOwn(known, kind))
    refuse("loadLearner", either(Object.keys(known)), kind);
  return known[kind](options as never);
}

/** Fills the learner's tensors; the file must have just these, in these shapes. */
function restore(learner: Learner, tensors: readonly NamedTensor[]): void {
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const wanted = learnerTensors(learner);
  if (found.size !== wanted.length) refuse("loadLearner", `${wanted.length} tensors`, found.size);
  for (const { name, shape, values } of wanted) {
    const tensor = found.get(name);
    if (String(tensor?.shape) !== String(shape))
      refuse("loadLearner", `${name} of shape [${shape.join(", ")}]`, tensor?.shape);
    values.set(checkFinite("loadLearner", name, (tensor as NamedTensor).values));
  }
}
