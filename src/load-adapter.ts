import { adaptable, adaptableParts } from "./adaptable.ts";
import { adapting } from "./algorithms/adapting.ts";
import type { Algorithm, Binding } from "./algorithms/algorithm.ts";
import { Adapter } from "./adapter.ts";
import { checkFinite, checkInteger, refuse } from "./check.ts";
import { type CoreSource, instantiateCore } from "./core.ts";
import { learnedTensors, loading, lossOf, modelOf, reviver } from "./described.ts";
import { Memory } from "./memory.ts";
import { metaVector } from "./meta-vector.ts";
import { Network } from "./network.ts";
import type { NamedTensor } from "./safetensors.ts";
import type { SavedLearner } from "./saved-learner.ts";

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
  return loading("loadAdapter", source, "workspaceFloats", build);
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
  const found = learnedTensors(where, model, algorithm, tensors);
  const memory = new Memory(instantiateCore(core));
  const network = new Network(memory, model, lossOf(where, saved), { maxRows });
  const meta = metaVector(network, algorithm.own(network.tensors), "metaParameters");
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
