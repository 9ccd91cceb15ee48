import type { Algorithm } from "./algorithms/algorithm.ts";
import { alfa } from "./algorithms/alfa.ts";
import { anil, boil } from "./algorithms/anil.ts";
import { cavia } from "./algorithms/cavia.ts";
import { implicitMaml } from "./algorithms/implicit-maml.ts";
import { innerAdam } from "./algorithms/inner-adam.ts";
import { innerMomentum } from "./algorithms/inner-momentum.ts";
import { learnedOptimizer } from "./algorithms/learned-optimizer.ts";
import { maml } from "./algorithms/maml.ts";
import { mamlPlusPlus } from "./algorithms/maml-plus-plus.ts";
import { metaCurvature } from "./algorithms/meta-curvature.ts";
import { metaSgd } from "./algorithms/meta-sgd.ts";
import { multiTask } from "./algorithms/multi-task.ts";
import { pretrain } from "./algorithms/pretrain.ts";
import { protoMaml, prototypical } from "./algorithms/proto-maml.ts";
import { reptile } from "./algorithms/reptile.ts";
import { tNet } from "./algorithms/t-net.ts";
import { warpGrad } from "./algorithms/warp-grad.ts";
import { checkFinite, checkInteger, checkOptions, either, refuse, refuseKind } from "./check.ts";
import type { CoreSource } from "./core.ts";
import { coreOf, learnersOn } from "./create-learner.ts";
import type { DivergencePolicy } from "./guard.ts";
import type { Learner } from "./learner.ts";
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
import { binaryCrossEntropy, crossEntropy, meanSquaredError } from "./loss.ts";
import { placeTensors, sequential } from "./model.ts";
import { adam } from "./optimizers/adam.ts";
import { clipNorm } from "./optimizers/clip-norm.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import { cosine, linear } from "./optimizers/schedule.ts";
import { sgd } from "./optimizers/sgd.ts";
import {
  describe,
  describeLearner,
  FORMAT_VERSION,
  isSpec,
  LEARNER_KEY,
  learnerTensors,
  type SavedLearner,
} from "./saved.ts";
import { type NamedTensor, readTensors } from "./safetensors.ts";

type Make = (options: never) => unknown;

/** Files are loaded on a core that is there already. */
const createLearner = /* @__PURE__ */ learnersOn(() => Promise.resolve(undefined));

/** Who makes what a file names. A new layer, loss, algorithm, optimizer or schedule is one row. */
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
const algorithms: Record<string, Make> = {
  alfa,
  anil,
  boil,
  cavia,
  implicitMaml,
  innerAdam,
  innerMomentum,
  learnedOptimizer,
  maml,
  mamlPlusPlus,
  metaCurvature,
  metaSgd,
  multiTask,
  pretrain,
  protoMaml,
  prototypical,
  reptile,
  tNet,
  warpGrad,
};
const optimizers: Record<string, Make> = {
  sgd,
  adam,
  clipNorm: ({ optimizer, maxNorm }: { optimizer: Optimizer; maxNorm: number }) =>
    clipNorm(optimizer, maxNorm),
};
/** By a call that bundlers may leave out where nothing is loaded: a spread would keep every algorithm. */
const makers: Record<string, Make> = /* @__PURE__ */ Object.assign({}, algorithms, optimizers, {
  cosine,
  linear,
});

/** What `loadLearner` is, in each entry on its own core. */
export interface LoadLearner {
  /**
   * The learner that `learner.save()` wrote: ready to adapt, and to train on to the same bits as if it had never stopped.
   *
   * @param options.core as in `createLearner`
   * @throws {RangeError} `loadLearner: expected …`: bytes that are truncated, foreign or hostile, or of a later version
   * @example
   * const learner = await loadLearner(await readFile("model.safetensors"));
   */
  (bytes: Uint8Array, options?: { readonly core?: WebAssembly.Module }): Promise<Learner>;
}

/** `loadLearner` for those who name no core: their learners run on that one. */
export function loadersOn(source: CoreSource): LoadLearner {
  return async function loadLearner(bytes, options = {}) {
    if (!(bytes instanceof Uint8Array)) refuseKind("loadLearner", "a Uint8Array", bytes);
    checkOptions("loadLearner", options, ["core"]);
    const core = await coreOf("loadLearner", options.core, source);
    const { tensors, metadata } = readTensors("loadLearner", bytes);
    const { [LEARNER_KEY]: text, ...own } = metadata;
    const saved = parse(text);
    const learner = await build(saved, tensors, core);
    restore(learner, tensors, saved);
    learner.metadata = own;
    return learner;
  };
}

/** `loadLearner` on the core that is named. */
export const loadOnCore: LoadLearner = /* @__PURE__ */ loadersOn(() => Promise.resolve(undefined));

/**
 * Makes of a learner what its file says.
 *
 * @throws {RangeError} bytes of another learner: other tensors
 */
export function restoreLearner(learner: Learner, bytes: Uint8Array): void {
  const { tensors, metadata } = readTensors("loadLearner", bytes);
  restore(learner, tensors, parse(metadata[LEARNER_KEY]));
}

/**
 * Refuses a learner whose file would not bring back what it learns with: layers or rules that are not this library's own, options that are
 * functions.
 *
 * @throws {RangeError} `metaStep: expected a learner that can be saved and loaded, got one with …`
 */
export function checkLoads(where: string, learner: Learner): void {
  const wanted = describeLearner(learner);
  const text = JSON.stringify(wanted, (key, value: unknown) =>
    typeof value === "function" ? `a function as ${key}` : value,
  );
  let found: unknown;
  try {
    const { model, loss, algorithm, metaOptimizer } = rebuild(JSON.parse(text) as SavedLearner);
    found = {
      ...wanted,
      model: model.layers.map(({ spec }) => spec),
      loss: loss.kind,
      algorithm: describe(algorithm),
      metaOptimizer: describe(metaOptimizer),
    };
  } catch (error) {
    refuseParts((error as Error).message);
  }
  if (JSON.stringify(found) !== JSON.stringify(wanted)) refuseParts("other options");

  function refuseParts(what: string): never {
    throw new RangeError(`${where}: expected a learner that can be saved and loaded, got ${what}`);
  }
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
  // Tasks are drawn from streams numbered in 32 bits.
  checkInteger("loadLearner", "step", saved.step, { min: 0, below: 0x100000000 });
  checkInteger("loadLearner", "optimizerStep", saved.optimizerStep, { min: 0 });
  return saved;
}

/** A fresh learner of that description; whoever refuses a part of it, the error is loadLearner's. */
async function build(
  saved: SavedLearner,
  tensors: readonly NamedTensor[],
  core: WebAssembly.Module,
): Promise<Learner> {
  try {
    const parts = rebuild(saved);
    // Before anything of the declared size is allocated: nothing learned is larger than its file.
    const theta = placeTensors(parts.model);
    const named = (part: string, specs: readonly TensorSpec[]) =>
      specs.map(({ name, shape }) => ({ name: `${part}.${name}`, shape }));
    checkTensors(named("parameters", theta), tensors);
    checkTensors(named("algorithm", parts.algorithm.own(theta)), tensors);
    return await createLearner({ ...parts, core });
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith("loadLearner:")) throw error;
    throw new RangeError(`loadLearner: expected a learner that can be built, got ${message}`, {
      cause: error,
    });
  }
}

function rebuild(saved: SavedLearner) {
  if (!Array.isArray(saved.model)) refuse("loadLearner", "a list of layers", saved.model);
  return {
    model: sequential(saved.model.map(layer)),
    loss: make(losses, saved.loss, {}) as ReturnType<typeof meanSquaredError>,
    algorithm: revive(saved.algorithm, algorithms) as Algorithm,
    metaOptimizer: revive(saved.metaOptimizer, optimizers) as Optimizer,
    seed: saved.seed,
    maxRows: saved.maxRows,
    onDivergence: saved.onDivergence as DivergencePolicy,
    maxTaskNorm: saved.maxTaskNorm,
  };
}

function layer(spec: SavedLearner["model"][number]): Layer {
  if (typeof spec !== "object" || spec === null) refuse("loadLearner", "a layer", spec);
  const { kind, ...options } = spec;
  return make(layers, kind, options) as Layer;
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

/** Fills the learner's tensors; the file must have just these, in these shapes. Then it stands where the saved one stood. */
function restore(learner: Learner, tensors: readonly NamedTensor[], saved: SavedLearner): void {
  const wanted = learnerTensors(learner);
  if (tensors.length !== wanted.length)
    refuse("loadLearner", `${wanted.length} tensors`, tensors.length);
  checkTensors(wanted, tensors).forEach(({ name, values }, i) =>
    wanted[i].values.set(checkFinite("loadLearner", name, values)),
  );
  learner.step = saved.step;
  learner.internal.optimizer.step = saved.optimizerStep;
}

/** The wanted ones among a file's tensors, in that order. */
function checkTensors(
  wanted: readonly TensorSpec[],
  tensors: readonly NamedTensor[],
): NamedTensor[] {
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return wanted.map(({ name, shape }) => {
    const tensor = found.get(name);
    if (tensor && String(tensor.shape) === String(shape)) return tensor;
    refuse("loadLearner", `${name} of shape [${shape.join(", ")}]`, tensor?.shape);
  });
}
