import { refuse } from "../check.ts";
import { isStepNorm, type Layer } from "../layers/layer.ts";
import type { Network } from "../network.ts";
import type { Task } from "../task.ts";
import { TaskBlock } from "../task-block.ts";
import type { Binding, Together } from "./algorithm.ts";
import { type InnerLoop, isExact } from "./inner-loop-options.ts";
import { parametricLayers } from "./layers.ts";

/** Rows of a block: as many as a product of matrices needs to run at full speed, and half of what 32 tasks of 5 rows have. */
const BLOCK_ROWS = 80;

/** Of networks with fewer weights, a block takes more memory than the weights that it spares. */
const LEAST_WEIGHTS = 0x10000;

/** Whether fast weights of low rank are used: where it pays, always, or never. */
export type FastWeights = "auto" | "lowRank" | "full";

/**
 * The meta-gradient of many tasks at once on fast weights of low rank, for gradient descent with one rate α: the same as task by task, but
 * for rounding. It can be where all that adapts are dense layers, the first layer with parameters among them, no norm changes from step
 * to step, and the loop keeps no checkpoints. It pays, which depends on nothing but the model, K and the tasks' rows, where
 *
 *     2·K·rows·Σ(in + out) ≤ Σ in·out over the dense layers, rows ≤ 80, and Σ in·out ≥ 2¹⁶
 *
 * Then the products of rows with each other cost less than the products with weights that they replace: 2K²·rows²·Σ(in + out) multiply-adds
 * are more and 2K·rows·Σ in·out fewer, the former at half the speed. Memory: K + 1 tapes of 80 rows, for all tasks. Of smaller networks the
 * tapes would take more than the weights, though time is saved there, too: measured, 0.69 of a meta-step of 1-40-40-1 with 5 rows, 0.60
 * of 32-100-100-5.
 *
 * @throws {RangeError} where tasks have to go one by one, for a guard that looks at each;
 * `maml: expected fastWeights "lowRank" with innerSteps, no checkpoint, and dense layers alone adapting, got …`
 */
export function lowRank(
  { network, parameters, gradient, apart }: Binding,
  loop: InnerLoop,
  rate: number,
  wanted: FastWeights,
): Together | undefined {
  const { innerSteps, checkpoint } = loop;
  const can = isFor(network) && !checkpoint && innerSteps > 0;
  if (wanted === "lowRank" && !can) refuseForm(network);
  if (wanted === "lowRank" && apart)
    refuse(
      "maml",
      'fastWeights "lowRank" only with onDivergence "throw" and no maxTaskNorm',
      wanted,
    );
  const most = wanted === "lowRank" ? BLOCK_ROWS : mostRows(network, innerSteps);
  if (!can || apart || wanted === "full" || most < 1) return undefined;
  const adapts = (layer: number) => isDense(network.model.layers[layer]);
  const block = new TaskBlock(network, { steps: innerSteps, rate, rows: BLOCK_ROWS, adapts });
  return {
    count(tasks, start) {
      const rows = Math.max(tasks[start].support.rows, tasks[start].query.rows);
      if (rows > most) return 0;
      const last = Math.min(tasks.length, start + Math.floor(BLOCK_ROWS / rows));
      let end = start + 1;
      while (end < last && alike(tasks[start], tasks[end])) end++;
      return end - start;
    },
    metaGradient(tasks, scale, metaStep) {
      block.load(tasks, (k) => isExact(loop, k, metaStep));
      return block.metaGradient(parameters, scale, gradient);
    },
  };
}

/** Whether just the dense layers adapt, from the first one with parameters on. */
function isFor(network: Network): boolean {
  const { model } = network;
  if (model.layers.some(isStepNorm)) return false;
  const layers = parametricLayers(network).map((layer) => model.layers[layer]);
  return isDense(layers[0]) && layers.every((layer) => layer.adapts === isDense(layer));
}

function refuseForm({ model }: Network): never {
  const parametric = model.layers.map(({ spec, adapts }) => spec.kind + (adapts ? "" : " (fixed)"));
  const what =
    'fastWeights "lowRank" with innerSteps, no checkpoint, and dense layers alone adapting';
  refuse("maml", what, parametric.join(", "));
}

/** Rows of the largest support or query set for which it pays; 0 where it does for none. */
function mostRows({ model, tensors }: Network, steps: number): number {
  let [weights, sides] = [0, 0];
  for (const { layer, shape } of tensors) {
    if (!isDense(model.layers[layer]) || shape.length !== 2) continue;
    weights += shape[0] * shape[1];
    sides += shape[0] + shape[1];
  }
  if (weights < LEAST_WEIGHTS) return 0;
  return Math.min(BLOCK_ROWS, Math.floor(weights / (2 * steps * sides)));
}

const isDense = ({ spec }: Layer) => spec.kind === "dense";

/** Whether two tasks can stand side by side. */
function alike(a: Task, b: Task): boolean {
  return (
    a.support.rows === b.support.rows &&
    a.query.rows === b.query.rows &&
    a.support.counted === b.support.counted &&
    a.query.counted === b.query.counted
  );
}
