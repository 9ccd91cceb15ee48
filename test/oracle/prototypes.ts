import { add, matmul, mul, place, power, slice, sumTo, tensor, transpose } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { forward, layersOf } from "./network.ts";
import type { Batch } from "./network.ts";
import { maml } from "./rules.ts";
import { given } from "./setting.ts";
import type { Setting } from "./setting.ts";
import { oracleOf } from "./unrolled.ts";
import type { Oracle, Start, Unrolled } from "./unrolled.ts";

/**
 * Triantafillou et al. 2020, arXiv:1903.03096: MAML from a last layer that says which class's mean feature is nearest:
 * −‖x − c‖² = 2c·x − ‖c‖² − ‖x‖², the last term being the same for all classes.
 */
const unrolled: Unrolled = { first: withPrototypes, step: maml.step };

export const protoMaml = oracleOf(unrolled);

/** Snell, Swersky, Zemel 2017, arXiv:1703.05175: no steps at all. Those that `adapt` is asked for have a rate of 0 if none is given. */
export const prototypical: Oracle = {
  ...protoMaml,
  gradient: (objective, metaParameters, tasks, options, metaStep) =>
    protoMaml.gradient(objective, metaParameters, tasks, withoutSteps(options), metaStep),
  adapt: (objective, metaParameters, support, options) =>
    protoMaml.adapt(objective, metaParameters, support, withoutSteps(options)),
};

function withoutSteps<T extends object>(options: T) {
  return { innerLearningRate: 0, ...given(options), innerSteps: 0 };
}

/** θ with column j of the last W made 2cⱼ, and bⱼ made −‖cⱼ‖². */
function withPrototypes({ theta }: Start, support: Batch, setting: Setting) {
  const { size, tensors } = setting;
  const [weight, bias] = tensors.slice(-2);
  const centers = prototypes(slice(theta, 0, 1, weight.offset), support, setting, bias.cols);
  const phi = [
    place(slice(theta, 0, 1, weight.offset), 0, size),
    place(transpose(mul(centers, 2)), weight.offset, size),
    place(mul(transpose(sumTo(power(centers, 2), bias.cols, 1)), -1), bias.offset, size),
  ].reduce(add);
  return { phi, memory: [] };
}

/** classes×features: the weighted mean of each class's rows; zeros for a class that has none, or none that weighs. */
function prototypes(body: Tensor, support: Batch, { objective }: Setting, classes: number): Tensor {
  const model = layersOf(objective.model);
  const { rows, inputs, targets, weights, counted } = support;
  const features = forward(
    { ...model, layers: model.layers.slice(0, -1) },
    body,
    tensor(rows, model.inSize, inputs),
    counted,
  );
  const share = new Float64Array(classes * rows);
  for (let j = 0; j < classes; j++) {
    const ofClass = share.subarray(j * rows, (j + 1) * rows);
    ofClass.forEach((_, r) => (ofClass[r] = targets[r] === j ? (weights?.[r] ?? 1) : 0));
    const total = ofClass.reduce((sum, weight) => sum + weight, 0);
    if (total > 0) ofClass.forEach((weight, r) => (ofClass[r] = weight / total));
  }
  return matmul(tensor(classes, rows, share), features);
}
