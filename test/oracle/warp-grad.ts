import { detach, grad } from "./autograd.ts";
import { loss as lossOf } from "./network.ts";
import type { Batch } from "./network.ts";
import { tNet } from "./rules.ts";
import { maskOf, warpLayersOf } from "./setting.ts";
import type { Setting } from "./setting.ts";
import { innerGradient, statesOf, stepOf } from "./unrolled.ts";
import type { State, Unrolled } from "./unrolled.ts";

/**
 * Flennerhag et al. 2020, arXiv:1909.00025. Steps as those of T-nets; the layers that adapt are learned through the
 * whole loop, the warp layers, and whatever else does not adapt, one step at a time.
 */
export const warpGrad: Unrolled = {
  ...tNet,
  taskGradient(start, { support, query }, setting) {
    const { model, loss } = setting.objective;
    const states = statesOf(this, start, support, setting);
    const queryLoss = lossOf(model, loss, states.at(-1)!.phi, query);
    const whole = grad(queryLoss, [start.meta])[0].data;
    const steps = states.slice(0, -1);
    if (steps.length === 0) return { loss: queryLoss.data[0], gradient: whole };
    const single = steps.map((state, k) => ofOneStep(k, state, { support, query }, setting));
    const warped = warpLayersOf(setting);
    const named = maskOf(setting, ({ layer }) => warped.includes(layer)).data;
    const isWarp = named.map((value, i) => value || (setting.fixed?.data[i] ?? 0));
    const mean = (i: number) => single.reduce((sum, each) => sum + each[i], 0) / single.length;
    return {
      loss: queryLoss.data[0],
      gradient: whole.map((value, i) => (isWarp[i] ? mean(i) : value)),
    };
  },
};

/** d/dθ_k L(θ_k − α∇L(θ_k; support); query): of it, the warp layers' part is taken. */
function ofOneStep(
  k: number,
  { phi, memory }: State,
  { support, query }: { readonly support: Batch; readonly query: Batch },
  setting: Setting,
): Float64Array {
  const { model, loss } = setting.objective;
  const leaf = detach(phi);
  const gradient = innerGradient(k, leaf, support, setting);
  const next = stepOf(tNet, setting)(k, { phi: leaf, memory }, gradient, leaf);
  return grad(lossOf(model, loss, next.phi, query), [leaf])[0].data;
}
