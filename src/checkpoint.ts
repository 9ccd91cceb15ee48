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
import { checkFinite, refuse, refuseWords } from "./check.ts";
import type { CoreSource } from "./core.ts";
import { learnersOn } from "./create-learner.ts";
import {
  checkTensors,
  learnedTensors,
  loading,
  lossOf,
  type Make,
  modelOf,
  parse,
  reviver,
} from "./described.ts";
import type { DivergencePolicy } from "./guard.ts";
import type { Learner } from "./learner.ts";
import { adam } from "./optimizers/adam.ts";
import { clipNorm } from "./optimizers/clip-norm.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import { cosine, linear } from "./optimizers/schedule.ts";
import { sgd } from "./optimizers/sgd.ts";
import { describeLearner, learnerTensors } from "./saved.ts";
import type { SavedLearner } from "./saved-learner.ts";
import { type NamedTensor, readTensors } from "./safetensors.ts";

/** Files are loaded on a core that is there already. */
const createLearner = /* @__PURE__ */ learnersOn();

/** Who makes what a file names: as in described.ts. A new algorithm, optimizer or schedule is one row. */
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
   * The learner that `learner.save()` wrote: ready to adapt, and to train on to the same bits as if it had never stopped. From a file
   * without the optimizer's state it trains on from the learned numbers and `learner.step`, by an optimizer as a new one is: state 0, step 0.
   *
   * @param options.core as in `createLearner`
   * @throws {RangeError} `loadLearner: expected …`: bytes that are truncated, foreign or hostile, or of a later version
   * @example
   * const learner = await loadLearner(await readFile("model.safetensors"));
   */
  (
    bytes: Uint8Array | ArrayBuffer,
    options?: { readonly core?: WebAssembly.Module },
  ): Promise<Learner>;
}

/** `loadLearner`; where no core is named, on the source's. */
export function loadersOn(source?: CoreSource): LoadLearner {
  return loading("loadLearner", source, "gradientTangent", async (saved, tensors, core) => {
    const parts = rebuild(saved);
    learnedTensors("loadLearner", parts.model, parts.algorithm, tensors);
    const learner = await createLearner({ ...parts, core });
    restore("loadLearner", learner, tensors, saved);
    return learner;
  });
}

/** `loadLearner` on the core that is named. */
export const loadOnCore: LoadLearner = /* @__PURE__ */ loadersOn();

/**
 * Makes of a learner what its file says.
 *
 * @throws {RangeError} bytes of another learner: other tensors; then nothing has changed
 */
export function restoreLearner(where: string, learner: Learner, bytes: Uint8Array): void {
  const { tensors, metadata } = readTensors(where, bytes);
  restore(where, learner, tensors, parse(where, metadata));
}

/**
 * Refuses a learner whose file would not bring back what it learns with: layers or rules that are not this library's own, options that are
 * functions. A function of the user's own in the place of one of this library's is told by its text.
 *
 * @throws {RangeError} `metaStep: expected a learner that can be saved and loaded, got …`
 */
export function checkLoads(where: string, learner: Learner): void {
  const text = JSON.stringify(describeLearner(learner), (key, value: unknown) =>
    typeof value === "function" ? `a function as ${key}` : value,
  );
  let found: ReturnType<typeof rebuild>;
  try {
    found = rebuild(JSON.parse(text) as SavedLearner);
  } catch (error) {
    refuseParts((error as Error).message);
  }
  for (const part of ["model", "loss", "algorithm", "metaOptimizer"] as const)
    if (!isAs(found[part], learner[part]))
      refuseParts(`${part} with options or functions of its own`);

  function refuseParts(what: string): never {
    refuseWords(where, "a learner that can be saved and loaded", what);
  }
}

/** Whether a value has all that `made` has, functions of the same text, and no others; what else it says of itself does not matter. */
function isAs(made: unknown, value: unknown): boolean {
  if (typeof made === "function") return String(made) === String(value);
  if (typeof made !== "object" || made === null) return made === value;
  if (typeof value !== "object" || value === null) return false;
  const [known, given] = [made, value] as Record<string, unknown>[];
  const names = Object.keys(given).filter((name) => typeof given[name] === "function");
  return [...Object.keys(known), ...names].every((name) => isAs(known[name], given[name]));
}

function rebuild(saved: SavedLearner) {
  const where = "loadLearner";
  const revive = reviver(where, makers);
  return {
    model: modelOf(where, saved),
    loss: lossOf(where, saved),
    algorithm: revive(saved.algorithm, algorithms) as Algorithm,
    metaOptimizer: revive(saved.metaOptimizer, optimizers) as Optimizer,
    seed: saved.seed,
    maxRows: saved.maxRows,
    onDivergence: saved.onDivergence as DivergencePolicy,
    maxTaskNorm: saved.maxTaskNorm,
  };
}

/** Fills the learner's tensors; the file must have just these, in these shapes. Then it stands where the saved one stood. */
function restore(
  where: string,
  learner: Learner,
  tensors: readonly NamedTensor[],
  saved: SavedLearner,
): void {
  const wanted = learnerTensors(learner, saved.optimizerStep !== null);
  if (tensors.length !== wanted.length) refuse(where, `${wanted.length} tensors`, tensors.length);
  const found = checkTensors(where, wanted, tensors);
  for (const { name, values } of found) checkFinite(where, name, values);
  found.forEach(({ values }, i) => wanted[i].values.set(values));
  learner.step = saved.step;
  const { optimizer } = learner.internal;
  if (saved.optimizerStep === null) optimizer.reset();
  else optimizer.step = saved.optimizerStep;
}
