import { checkOptions } from "../check.ts";
import { gradientDescent } from "../rules/gradient-descent.ts";
import { type Algorithm, nothingOfItsOwn } from "./algorithm.ts";
import {
  checkInnerLoop,
  checkLoop,
  innerLoopNames,
  type InnerLoopOptions,
} from "./inner-loop-options.ts";
import { prototypes } from "./prototypes.ts";

/**
 * ProtoMAML: for each task the last, dense layer starts at what makes the network a nearest-prototype classifier, and then all layers adapt
 * as in `maml`; differentiated through that start.
 *
 *     φ₀ = θ, but for the head: W_j = 2c_j, b_j = −‖c_j‖², c_j the mean features of the support rows of class j
 *     φₖ₊₁ = φₖ − α ∇L(φₖ; support),   meta-gradient = d L(φ_K; query)/dθ, exactly; zero on θ's own head, which has no part in it
 *
 * For cross-entropy. No class needs a head of its own, so that it makes no difference which class is called 0. Costs what `maml` does and
 * four forward passes of the body.
 *
 * @throws {RangeError} `protoMaml: expected crossEntropy as loss, got "meanSquaredError"`
 * @see Triantafillou et al. 2020, arXiv:1903.03096
 */
export function protoMaml(options: InnerLoopOptions): Algorithm {
  checkOptions("protoMaml", options, innerLoopNames);
  const loop = checkInnerLoop("protoMaml", options);
  return {
    kind: "protoMaml",
    followsGradient: true,
    options: { ...loop },
    own: nothingOfItsOwn,
    bind: (binding) =>
      binding.unrolled({
        loop,
        rule: gradientDescent(loop.innerLearningRate),
        start: prototypes("protoMaml", binding),
      }),
  };
}

/**
 * Prototypical network: a row is of the class whose prototype, the mean features of its support rows, is nearest. Nothing adapts by
 * gradient; what is learned is the body that makes the features.
 *
 *     output j = 2c_j·f − ‖c_j‖²,   which is −‖f − c_j‖² but for ‖f‖², the same for all classes: the probabilities are the paper's
 *
 * It is `protoMaml` without steps, the baseline to hold others against. One task costs a gradient and four forward passes of the body.
 *
 * @throws {RangeError} `prototypical: expected crossEntropy as loss, got "meanSquaredError"`
 * @see Snell, Swersky, Zemel 2017, arXiv:1703.05175
 */
export function prototypical(options: object = {}): Algorithm {
  checkOptions("prototypical", options, []);
  const loop = checkLoop("prototypical", { innerSteps: 0 });
  return {
    kind: "prototypical",
    followsGradient: true,
    options: {},
    own: nothingOfItsOwn,
    bind: (binding) =>
      binding.unrolled({
        loop,
        rule: gradientDescent(0),
        start: prototypes("prototypical", binding),
      }),
  };
}
