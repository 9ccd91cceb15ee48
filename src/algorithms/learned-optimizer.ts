import { checkInteger, checkNumber, checkOptions, refuseKind } from "../check.ts";
import { learnedUpdate } from "../rules/learned-update.ts";
import type { Algorithm } from "./algorithm.ts";
import { checkLoop, loopNames, type LoopOptions, type Order } from "./inner-loop-options.ts";
import { checkAllAdapt } from "./layers.ts";

/** Options of {@link learnedOptimizer}. */
export interface LearnedOptimizerOptions extends LoopOptions {
  /** 1 ≤ K ≤ 10,000; default 1. */
  readonly innerSteps?: number;
  /** As elsewhere, but 1 is the default. */
  readonly order?: Order | readonly Order[];
  /** H ≥ 1, hidden numbers a coordinate; default 20. */
  readonly hiddenSize?: number;
  /** Steps that are differentiated in one piece, ≥ 1; default 20. */
  readonly unroll?: number;
  /** s > 0, what the cell's output is scaled by; default 0.01. */
  readonly outputScale?: number;
  /** Whether θ, the start, is learned too; default false. */
  readonly learnStart?: boolean;
}

/**
 * Learning to learn by gradient descent by gradient descent: the update is a recurrent network, the same for every parameter, and its weights
 * are what is learned.
 *
 *     θₖ₊₁, hₖ₊₁ = cell(∇L(θₖ; support), hₖ),   loss = mean over k = 1 … K of L(θₖ; query)
 *
 * The inner loop is cut into segments of `unroll` steps, and each is differentiated back to its own start (truncated backpropagation through
 * time). With order 1, the default and the paper's choice, gradients count as constants; with order 2 they do not. Meta-parameters behind θ:
 * the cell's W₀, b₀, W₂, b₂. What is learned serves any network: `learner.metaParameters` behind θ are independent of its size.
 *
 * One task costs 2K gradients and about 5KnH(3 + 3H) multiply-adds for n parameters, and keeps K states of n(1 + H) numbers and K gradients, or
 * about 2√K with `checkpoint`. Order 2 costs K Hessian-vector products besides.
 *
 * @throws {RangeError} `learnedOptimizer: expected innerSteps ≥ 1, got 0`; in createLearner, norms with `adapted: false`
 * @see Andrychowicz et al. 2016, arXiv:1606.04474
 * @example
 * const algorithm = learnedOptimizer({ innerSteps: 100, checkpoint: true });
 */
export function learnedOptimizer(options: LearnedOptimizerOptions): Algorithm {
  const where = "learnedOptimizer";
  const names = ["hiddenSize", "unroll", "outputScale", "learnStart"];
  checkOptions(where, options, [...loopNames, ...names]);
  const { hiddenSize = 20, unroll = 20, outputScale = 0.01, learnStart = false } = options;
  const loop = checkLoop(where, options, { minSteps: 1, defaultOrder: 1 });
  checkInteger(where, "hiddenSize", hiddenSize, { min: 1, max: 4096 });
  checkInteger(where, "unroll", unroll, { min: 1 });
  checkNumber(where, "outputScale", outputScale, { above: 0 });
  if (typeof learnStart !== "boolean") refuseKind(where, "learnStart true or false", learnStart);
  const rule = learnedUpdate(hiddenSize, outputScale);
  const weights = new Array<number>(loop.innerSteps).fill(1 / loop.innerSteps);
  return {
    kind: where,
    followsGradient: unroll >= loop.innerSteps && learnStart,
    options: { ...loop, hiddenSize, unroll, outputScale, learnStart },
    own: (tensors) => rule.own(tensors, loop.innerSteps),
    bind(binding) {
      checkAllAdapt("learnedOptimizer", binding.network.model.layers);
      const { adapt, metaGradient } = binding.unrolled({
        loop,
        rule,
        unroll,
        weights: () => weights,
      });
      return {
        adapt,
        metaGradient(task, scale, metaStep) {
          const loss = metaGradient(task, scale, metaStep);
          if (!learnStart) binding.gradient.fill(0);
          return loss;
        },
      };
    },
  };
}
