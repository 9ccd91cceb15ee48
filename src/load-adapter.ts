import { adaptable, adaptableParts } from "./adaptable.ts";
import { adapting } from "./algorithms/adapting.ts";
import type { Algorithm, Binding } from "./algorithms/algorithm.ts";
import { Adapter } from "./adapter.ts";
import { checkFinite, checkInteger, checkOptions, refuse } from "./check.ts";
import { type CoreSource, coreOf, instantiateCore } from "./core.ts";
import { building, checkTensors, lossOf, modelOf, named, parse, reviver } from "./described.ts";
import { Memory } from "./memory.ts";
import { metaVector } from "./meta-vector.ts";
import { placeTensors } from "./model.ts";
import { Network } from "./network.ts";
import { type NamedTensor, readTensors } from "./safetensors.ts";
import { LEARNER_KEY, type SavedLearner } from "./saved-learner.ts";

/** What `loadAdapter` is, in each entry on its own core. */
export interface LoadAdapter {
  /**
   * The start and the algorithm that `learner.save()` wrote, to adapt and to predict with, to the same bits as the learner: no training.
   *
   * @param options.core as in `createLearner`
   * @throws {RangeError} `loadAdapter: expected …`: bytes that are truncated, foreign or hostile, or of a later version; an algorithm that
   * takes more to adapt than this entry has (`loadLearner` of `rvml` takes all)
   * @example
   * const adapter = await loadAdapter(bytes);
   * const outputs = adapter.adapt({ inputs: [-1, 0, 1], targets: [1, 0, 1], rows: 3 }).predict([0.5]);
   */
  (
    bytes: Uint8Array | ArrayBuffer,
    options?: { readonly core?: WebAssembly.Module },
  ): Promise<Adapter>;
}

/** `loadAdapter`; where no core is named, on the source's. */
export function adaptersOn(source: CoreSource): LoadAdapter {
  const where = "loadAdapter";
  return async function loadAdapter(bytes, options = {}) {
    checkOptions(where, options, ["core"]);
    const { tensors, metadata } = readTensors(where, bytes);
    const core = await coreOf(where, options.core, source, "workspaceFloats");
    const adapter = await building(where, async () => build(parse(where, metadata), tensors, core));
    const { [LEARNER_KEY]: _, ...own } = metadata;
    adapter.metadata = own;
    return adapter;
  };
}

function build(
  saved: SavedLearner,
  tensors: readonly NamedTensor[],
  core: WebAssembly.Module,
): Adapter {
  const where = "loadAdapter";
  const { maxRows } = saved;
  checkInteger(where, "maxRows", maxRows, { min: 1, max: 0x1000000 });
  const model = modelOf(where, saved);
  const algorithm = reviver(where, adaptableParts)(saved.algorithm, adaptable) as Algorithm;
  const theta = placeTensors(model);
  const own = algorithm.own(theta);
  // Before anything of the declared size is allocated: nothing learned is larger than its file.
  const wanted = [...named("parameters", theta), ...named("algorithm", own)];
  const found = checkTensors(where, wanted, tensors);
  const memory = new Memory(instantiateCore(core));
  const network = new Network(memory, model, lossOf(where, saved), { maxRows });
  const meta = metaVector(network, own, "metaParameters");
  const { parameters } = meta;
  const binding: Binding = {
    network,
    parameters,
    own: meta.own,
    // Where gradients would go, of which there are none.
    gradient: parameters,
    ownGradient: meta.own,
    apart: false,
    unrolled: (unrolling) => ({ ...adapting(binding, unrolling), metaGradient }),
  };
  const adapter = new Adapter(network, parameters, algorithm.bind(binding));
  memory.seal();
  let at = 0;
  for (const { name, values } of found) {
    meta.whole.view.set(checkFinite(where, name, values), at);
    at += values.length;
  }
  return adapter;
}

const metaGradient = (): never =>
  refuse("metaGradient", "a learner (loadLearner of rvml)", "one that adapts alone");
