/**
 * An algorithm that adapts step by step, judged by differentiation through all of its steps. What it differs in is a
 * differentiable `step`; all else here is the same for the whole family.
 */
import { add, detach, grad, mul, slice, sub } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { flat, mean, slope } from "./meta.ts";
import type { MetaGradient, Objective, Task, Vector } from "./meta.ts";
import { layersOf, loss as lossOf } from "./network.ts";
import type { AnyModel, Batch } from "./network.ts";
import { lastStepOf } from "./norms.ts";
import { changed, given, settingOf } from "./setting.ts";
import type { Options, Setting } from "./setting.ts";

/** θ_k, and what else goes from step to step (moments, hidden states). */
export interface State {
  readonly phi: Tensor;
  readonly memory: readonly Tensor[];
}

/** State k → state k + 1. `gradient` is ∇L(θ_k; support): with order 1 a constant, with order 2 a function of θ_k. */
export type Step = (k: number, state: State, gradient: Tensor, own: Tensor) => State;

export interface IndexedTask extends Task {
  /** Which of the training tasks this is: for multiTask. */
  readonly index?: number;
}

/** θ and the algorithm's own meta-parameters: two parts of the leaf `meta`. */
export interface Start {
  readonly meta: Tensor;
  readonly theta: Tensor;
  readonly own: Tensor;
}

export interface Unrolled {
  readonly defaults?: Options;
  /** Meta-parameters besides θ; none if absent. */
  ownCount?(setting: Setting): number;
  /** State 0; if absent, θ and no memory. */
  first?(start: Start, support: Batch, setting: Setting): State;
  step(setting: Setting): Step;
  /** After how many steps gradients are cut; never, if absent. */
  segment?(setting: Setting): number;
  /** From L(θ_k; query), k = 0 … K; if absent, the last. */
  metaLoss?(queryLoss: (k: number) => Tensor, setting: Setting): Tensor;
  /** In place of all this: the loss and meta-gradient of one task. */
  taskGradient?(start: Start, task: IndexedTask, setting: Setting): MetaGradient;
}

/** What a test asks. */
export interface Oracle {
  /** Mean over the tasks of the meta-loss and of its gradient by all meta-parameters; `metaStep` is how many have been. */
  gradient(
    objective: Objective<AnyModel>,
    metaParameters: Vector,
    tasks: readonly IndexedTask[],
    options: Options,
    metaStep?: number,
  ): MetaGradient;
  /** φ, in θ's layout; `steps` is innerSteps if absent. */
  adapt(
    objective: Objective<AnyModel>,
    metaParameters: Vector,
    support: Batch,
    options: Options & { readonly steps?: number },
  ): Float64Array;
  /** How many meta-parameters there are behind θ. */
  ownCount(objective: Objective<AnyModel>, options: Options): number;
}

export function oracleOf(algorithm: Unrolled): Oracle {
  const settle = (objective: Objective<AnyModel>, options: Options, metaStep = 0) =>
    settingOf(objective, { ...algorithm.defaults, ...given(options) }, metaStep);
  const taskGradient = algorithm.taskGradient ?? throughLoop;
  return {
    gradient(objective, metaParameters, tasks, options, metaStep) {
      const setting = settle(objective, options, metaStep);
      return mean(tasks, (task) =>
        taskGradient.call(algorithm, startOf(algorithm, metaParameters, setting), task, setting),
      );
    },
    adapt(objective, metaParameters, support, { steps, ...options }) {
      const setting = settle(objective, options);
      const start = startOf(algorithm, metaParameters, setting);
      return adapted(algorithm, start, support, setting, steps).data;
    },
    ownCount: (objective, options) => algorithm.ownCount?.(settle(objective, options)) ?? 0,
  };
}

function startOf(algorithm: Unrolled, metaParameters: Vector, setting: Setting): Start {
  const [n, ownCount] = [setting.size, algorithm.ownCount?.(setting) ?? 0];
  if (metaParameters.length !== n + ownCount)
    throw new RangeError(
      `metaParameters: expected ${n} + ${ownCount} numbers, got ${metaParameters.length}`,
    );
  const meta = flat(metaParameters);
  return { meta, theta: slice(meta, 0, 1, n), own: slice(meta, n, 1, ownCount) };
}

function throughLoop(
  this: Unrolled,
  start: Start,
  { support, query }: Task,
  setting: Setting,
): MetaGradient {
  const { model, loss } = setting.objective;
  const states = statesOf(this, start, support, setting);
  const queryLoss = (k: number) => lossOf(model, loss, states[k].phi, query);
  const metaLoss = this.metaLoss?.(queryLoss, setting) ?? queryLoss(states.length - 1);
  return { loss: metaLoss.data[0], gradient: grad(metaLoss, [start.meta])[0].data };
}

/** States 0 … K, each a function of `start`. */
export function statesOf(
  algorithm: Unrolled,
  start: Start,
  support: Batch,
  setting: Setting,
): State[] {
  const step = stepOf(algorithm, setting);
  const segment = algorithm.segment?.(setting) ?? Infinity;
  const states = [firstOf(algorithm, start, support, setting)];
  for (let k = 0; k < setting.options.innerSteps; k++) {
    const state = k > 0 && k % segment === 0 ? constant(states[k]) : states[k];
    states.push(step(k, state, innerGradient(k, state.phi, support, setting), start.own));
  }
  return states;
}

/** φ after some steps, as a constant. */
export function adapted(
  algorithm: Unrolled,
  start: Start,
  support: Batch,
  setting: Setting,
  steps: number = setting.options.innerSteps,
): Tensor {
  const step = stepOf(algorithm, setting);
  let state = constant(firstOf(algorithm, start, support, setting));
  for (let k = 0; k < steps; k++)
    state = constant(
      step(k, state, detach(slope(setting.objective, state.phi, support)), start.own),
    );
  return state.phi;
}

/** The algorithm's step, on what adapts. */
export function stepOf(algorithm: Unrolled, setting: Setting): Step {
  const step = algorithm.step(setting);
  const { fixed } = setting;
  if (!fixed) return step;
  const free = sub(1, fixed);
  return (k, state, gradient, own) => {
    const next = step(k, state, mul(gradient, free), own);
    const phi = add(mul(next.phi, free), mul(state.phi, fixed));
    return { ...next, phi: entered(setting, k + 1, phi) };
  };
}

/** θ_k with the scale and shift of step k, where a norm has some for each step, where the first ones were. */
function entered(setting: Setting, k: number, phi: Tensor): Tensor {
  const { layers } = layersOf(setting.objective.model);
  return changed(setting, phi, (part, { layer, name }) => {
    const last = lastStepOf(layers[layer]);
    if (last === undefined || name.includes(".")) return part;
    const now = `${name}.${Math.min(k, last)}`;
    const { offset, rows, cols } = setting.tensors.find(
      (each) => each.layer === layer && each.name === now,
    )!;
    return slice(phi, offset, rows, cols);
  });
}

function firstOf(algorithm: Unrolled, start: Start, support: Batch, setting: Setting): State {
  return algorithm.first?.(start, support, setting) ?? { phi: start.theta, memory: [] };
}

/** ∇L(θ_k; support), as step k may differentiate it. */
export function innerGradient(k: number, phi: Tensor, support: Batch, setting: Setting): Tensor {
  const gradient = slope(setting.objective, phi, support);
  return orderAt(k, setting) === 1 ? detach(gradient) : gradient;
}

function orderAt(k: number, { options: { order, firstOrderSteps }, metaStep }: Setting): 1 | 2 {
  if (metaStep < firstOrderSteps) return 1;
  return typeof order === "number" ? order : order[Math.min(k, order.length - 1)];
}

function constant({ phi, memory }: State): State {
  return { phi: detach(phi), memory: memory.map(detach) };
}
