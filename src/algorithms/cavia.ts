import { checkOptions, refuse } from "../check.ts";
import { gradientDescent } from "../rules/gradient-descent.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import { checkInnerLoop, innerLoopNames, type InnerLoopOptions } from "./inner-loop-options.ts";

/**
 * Fast context adaptation: in a task only the context parameters c adapt, inputs that the network is given besides its own; all else is
 * learned and stays as it is.
 *
 *     c₀ = 0,   cₖ₊₁ = cₖ − α ∂L(θ, cₖ; support)/∂c,   meta-gradient = d L(θ, c_K; query)/dθ, exactly
 *
 * The model says where they come in, as `mlp({ sizes, context: 5 })` or with `context({ size: 5 })` layers anywhere, but not right ahead of
 * a dense layer with batch norm behind it, which takes out what is the same for every row. They start, for every task, where they stand in
 * θ, at zero if nobody has set them, and stay there: their own meta-gradient is zero. A task's whole result is c: a handful of numbers. Costs less than `maml` with the same
 * model: no step forms a gradient of weights.
 *
 * @throws {RangeError} `cavia: expected a model with a context layer, got 0`
 * @see Zintgraf, Shiarlis, Kurin, Hofmann, Whiteson 2019, arXiv:1810.03642
 * @example
 * const model = mlp({ sizes: [1, 40, 40, 1], context: 5 });
 * const algorithm = cavia({ innerLearningRate: 1 });
 */
export function cavia(options: InnerLoopOptions): Algorithm {
  checkOptions("cavia", options, innerLoopNames);
  const loop = checkInnerLoop("cavia", options);
  return {
    kind: "cavia",
    // That of c, where the loss has one, is not followed.
    followsGradient: false,
    options: { ...loop },
    own: nothingOfItsOwn,
    bind(binding) {
      const { network, gradient } = binding;
      const layers = network.model.layers.flatMap(({ spec }, i) =>
        spec.kind === "context" ? [i] : [],
      );
      if (layers.length === 0) refuse("cavia", "a model with a context layer", layers.length);
      const rule = gradientDescent(loop.innerLearningRate);
      const { adapt, metaGradient } = binding.unrolled({ loop, layers, rule });
      const starts = network.tensors
        .filter(({ layer }) => layers.includes(layer))
        .map(({ offset, length }) => gradient.part(offset, length));
      return {
        adapt,
        metaGradient(task, scale, metaStep) {
          const loss = metaGradient(task, scale, metaStep);
          for (const start of starts) start.fill(0);
          return loss;
        },
      };
    },
  };
}
