import { checkOptions } from "../check.ts";
import { gradientDescent } from "../rules/gradient-descent.ts";
import type { Task } from "../task.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, isExact } from "./inner-loop-options.ts";
import { checkLayers, checkNoStepNorms } from "./layers.ts";
import { allocateState } from "./path.ts";
import { betweenWarps, type WarpOptions } from "./warp-layers.ts";

/**
 * WarpGrad: as `tNet`, but the warp layers t are learned from each step of the inner loop by itself, as a preconditioner should be, not
 * through the whole of it:
 *
 *     dt = mean over k = 1 … K of d/dt L(wₖ₋₁ − α ∂L(wₖ₋₁, t; support)/∂w, t; query),   wₖ₋₁ held constant
 *     dw = d L(w_K, t; query)/dw, through the loop, as `maml` has it
 *
 * The loss reported is L(w_K, t; query). One task costs what `maml` does and again 2K gradients and K products. At steps of order 1 the
 * products are left out of both.
 *
 * @throws {RangeError} `warpGrad: expected a layer that warps and one that adapts, got "warpLayers []"`
 * @see Flennerhag, Rusu, Pascanu, Visin, Yin, Hadsell 2020, arXiv:1909.00025, equation 6; the start as in its Warp-MAML
 */
export function warpGrad(options: WarpOptions): Algorithm {
  checkOptions("warpGrad", options, [...innerLoopNames, "warpLayers"]);
  const loop = checkInnerLoop("warpGrad", options);
  const warpLayers = checkLayers("warpGrad", "warpLayers", options.warpLayers);
  const { innerLearningRate, innerSteps } = loop;
  return {
    kind: "warpGrad",
    followsGradient: false,
    options: { ...loop, warpLayers },
    own: nothingOfItsOwn,
    bind(binding) {
      const { network, parameters, gradient } = binding;
      checkNoStepNorms("warpGrad", network);
      const layers = betweenWarps("warpGrad", network, warpLayers);
      const rule = gradientDescent(innerLearningRate);
      const { adapt, metaGradient } = binding.unrolled({ loop, layers, rule });
      const inner = network.adapting(layers);
      const tape = inner.tape();
      const [before, after] = [allocateState(inner, rule), allocateState(inner, rule)];
      const [v, u] = inner.vectors(2, "path");
      const step = rule.bind({ network: inner, steps: innerSteps, own: v, ownGradient: v });
      const warps = network.tensors
        .filter(({ layer }) => !layers.includes(layer))
        .map(({ offset, length }) => ({
          out: gradient.part(offset, length),
          of: v.part(offset, length),
        }));

      /** Adds the warp layers' gradient of step k, from `before`; leaves the state behind it there. */
      function addStep(k: number, { support, query }: Task, scale: number, metaStep: number): void {
        const { parameters: w } = before;
        inner.record(w, support, u.fill(0), tape);
        step.apply(k, before, u, after);
        network.gradient(after.parameters, query, v.fill(0), scale);
        step.pullback(k, before, u, after, { parameters: v, carried: [] }, u);
        if (isExact(loop, k, metaStep)) inner.hvp(w, support, u, v, tape);
        for (const { out, of } of warps) out.axpy(1, of);
        w.copy(after.parameters);
      }

      return {
        adapt,
        metaGradient(task: Task, scale: number, metaStep: number): number {
          const loss = metaGradient(task, scale, metaStep);
          if (innerSteps === 0) return loss;
          for (const { out } of warps) out.fill(0);
          before.parameters.copy(parameters);
          for (let k = 0; k < innerSteps; k++) addStep(k, task, scale / innerSteps, metaStep);
          return loss;
        },
      };
    },
  };
}
