import type { Algorithm } from "./algorithms/algorithm.ts";
import { checkInteger, checkOptions, either, refuse } from "./check.ts";
import { type CoreExports, coreOf, type CoreSource } from "./core.ts";
import { activation } from "./layers/activation.ts";
import { batchNorm } from "./layers/batch-norm.ts";
import { context } from "./layers/context.ts";
import { conv2d } from "./layers/conv2d.ts";
import { dense } from "./layers/dense.ts";
import { flatten } from "./layers/flatten.ts";
import { frozenNorm } from "./layers/frozen-norm.ts";
import { groupNorm } from "./layers/group-norm.ts";
import type { Layer, TensorSpec } from "./layers/layer.ts";
import { layerNorm } from "./layers/layer-norm.ts";
import { averagePool, globalAveragePool, maxPool } from "./layers/pool.ts";
import { binaryCrossEntropy, crossEntropy, type Loss, meanSquaredError } from "./loss.ts";
import { type Model, placeTensors, sequential } from "./model.ts";
import { type NamedTensor, readTensors } from "./safetensors.ts";
import { FORMAT_VERSION, isSpec, LEARNER_KEY, named, type SavedLearner } from "./saved-learner.ts";

// What a file says of a learner, made into values again. `where`: the public function that reads it.

/** Makes a value of its options. */
export type Make = (options: never) => unknown;

/** Who makes the layers and losses that a file names. A new one is one row. */
const layers: Record<string, Make> = {
  dense,
  activation: ({ name }: { name: Parameters<typeof activation>[0] }) => activation(name),
  batchNorm,
  frozenNorm,
  groupNorm,
  layerNorm,
  context,
  conv2d,
  flatten,
  maxPool,
  averagePool,
  globalAveragePool,
};
const losses: Record<string, Make> = { meanSquaredError, crossEntropy, binaryCrossEntropy };

/** The description in a file's metadata. */
export function parse(where: string, metadata: Readonly<Record<string, string>>): SavedLearner {
  const text = metadata[LEARNER_KEY];
  if (text === undefined) refuse(where, `a file with "${LEARNER_KEY}" metadata`, text);
  let saved: SavedLearner;
  try {
    saved = JSON.parse(text) as SavedLearner;
  } catch {
    refuse(where, `"${LEARNER_KEY}" metadata in JSON`, text);
  }
  if (saved?.version !== FORMAT_VERSION)
    refuse(where, `format version ${FORMAT_VERSION}`, saved?.version);
  // Tasks are drawn from streams numbered in 32 bits.
  checkInteger(where, "step", saved.step, { min: 0, below: 0x100000000 });
  if (saved.optimizerStep !== null)
    checkInteger(where, "optimizerStep", saved.optimizerStep, { min: 0 });
  return saved;
}

export function modelOf(where: string, { model }: SavedLearner): Model {
  if (!Array.isArray(model)) refuse(where, "a list of layers", model);
  return sequential(
    (model as SavedLearner["model"]).map((spec) => {
      if (typeof spec !== "object" || spec === null) refuse(where, "a layer", spec);
      const { kind, ...options } = spec;
      return make(where, layers, kind, options) as Layer;
    }),
  );
}

export const lossOf = (where: string, { loss }: SavedLearner) =>
  make(where, losses, loss, {}) as Loss;

/** What makes a value from its kind and options, all the way down: its own kind is one of `known`, those of its options are among `all`. */
export function reviver(where: string, all: Record<string, Make>) {
  return function revive(spec: unknown, known = all): unknown {
    if (!isSpec(spec)) refuse(where, "kind and options", spec);
    const entries = Object.entries(spec.options).map(([name, value]) => [
      name,
      isSpec(value) ? revive(value) : value,
    ]);
    return make(where, known, spec.kind, Object.fromEntries(entries));
  };
}

function make(where: string, known: Record<string, Make>, kind: unknown, options: object): unknown {
  if (typeof kind !== "string" || !Object.hasOwn(known, kind))
    refuse(where, either(Object.keys(known)), kind);
  return known[kind](options as never);
}

/**
 * What is learned, θ and then the algorithm's own, among a file's tensors. Asked for before anything of the declared size is allocated:
 * nothing learned is larger than its file.
 */
export function learnedTensors(
  where: string,
  model: Model,
  algorithm: Algorithm,
  tensors: readonly NamedTensor[],
): NamedTensor[] {
  const theta = placeTensors(model);
  const wanted = [...named("parameters", theta), ...named("algorithm", algorithm.own(theta))];
  return checkTensors(where, wanted, tensors);
}

/** The wanted ones among a file's tensors, in that order. */
export function checkTensors(
  where: string,
  wanted: readonly TensorSpec[],
  tensors: readonly NamedTensor[],
): NamedTensor[] {
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return wanted.map(({ name, shape }) => {
    const tensor = found.get(name);
    if (tensor && String(tensor.shape) === String(shape)) return tensor;
    refuse(where, `${name} of shape [${shape.join(", ")}]`, tensor?.shape);
  });
}

/** What is made of a file: whoever refuses a part of it, the error is that function's. */
async function making<T>(where: string, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const { message } = error as Error;
    const own = message.startsWith(`${where}:`);
    // Whatever the kind of what stands in a file: the file is out of range.
    if (own && error instanceof RangeError) throw error;
    const told = own ? message : `${where}: expected a learner that can be built, got ${message}`;
    throw new RangeError(told, { cause: error });
  }
}

/**
 * What reads a file and makes something of it on a core: the one that is named, or else the source's.
 *
 * @param needed what tells a core that will do from others
 */
export function loading<T extends { metadata: Readonly<Record<string, string>> }>(
  where: string,
  source: CoreSource | undefined,
  needed: keyof CoreExports,
  make: (
    saved: SavedLearner,
    tensors: readonly NamedTensor[],
    core: WebAssembly.Module,
  ) => T | Promise<T>,
) {
  return async (
    bytes: Uint8Array | ArrayBuffer,
    options: { readonly core?: WebAssembly.Module } = {},
  ): Promise<T> => {
    checkOptions(where, options, ["core"]);
    const { tensors, metadata } = readTensors(where, bytes);
    const core = await coreOf(where, options.core, source, needed);
    const made = await making(where, () => make(parse(where, metadata), tensors, core));
    const { [LEARNER_KEY]: _, ...own } = metadata;
    made.metadata = own;
    return made;
  };
}
