import { checkArray, checkFloats, refuse, refuseKind, refuseWords } from "./check.ts";
import { frozenNorm } from "./layers/frozen-norm.ts";
import { isStepNorm, type Layer } from "./layers/layer.ts";
import { Learner } from "./learner.ts";
import { type Model, stack } from "./model.ts";
import { imageOf, type Shape } from "./shape.ts";

/**
 * A learner's model with its batch norms frozen: by the mean and variance that each of them meets when these rows go through the start θ as
 * one batch. The layout of θ stays the same; on these rows outputs are the same but for rounding. For what was pretrained with batch norm and
 * is to meet rows one by one, or few of them.
 *
 * @param inputs rows×inSize, at most `maxRows` rows
 * @throws {RangeError} a model without batch norm, or with `perStep`; `freezeNorms: expected inputs of 1 … 1024 rows of 784, got 1568000`
 * @example
 * const model = freezeNorms(pretrained, inputs);
 * const learner = await createLearner({ model, loss, algorithm, metaOptimizer, seed: 1 });
 * learner.setParameters(pretrained.parameters);
 */
export function freezeNorms(learner: Learner, inputs: ArrayLike<number>): Model {
  const where = "freezeNorms";
  if (!(learner instanceof Learner)) refuseKind(where, "a learner", learner);
  const { model, maxRows } = learner;
  const { network, theta } = learner.internal;
  checkFloats(where, "inputs", checkArray(where, "inputs", inputs));
  const rows = inputs.length / model.inSize;
  if (!Number.isInteger(rows) || rows < 1 || rows > maxRows)
    refuse(where, `inputs of 1 … ${maxRows} rows of ${model.inSize}`, inputs.length);
  if (!model.layers.some(isBatchNorm)) refuseWords(where, "a model with batchNorm", "none");
  const met = network.passed(theta, inputs, rows);
  let shape: Shape = model.inShape;
  const layers = model.layers.map((layer, i) => {
    const given = isBatchNorm(layer) ? frozen(layer, met(i), shape) : layer;
    shape = layer.outShape(shape);
    return given;
  });
  return stack(layers, model.inShape);
}

const isBatchNorm = ({ spec }: Layer) => spec.kind === "batchNorm";

/** By the statistics of these numbers, channels last. */
function frozen(layer: Layer, values: Float32Array, shape: Shape): Layer {
  if (isStepNorm(layer)) refuse("freezeNorms", "batchNorm without perStep", layer.perStep);
  const { kind: _, statistics: __, ...options } = layer.spec;
  const [, , channels] = imageOf(shape);
  const count = values.length / channels;
  const means = (term: (value: number, channel: number) => number) => {
    const sums = new Array<number>(channels).fill(0);
    for (let i = 0; i < values.length; i++) sums[i % channels] += term(values[i], i % channels);
    return sums.map((sum) => sum / count);
  };
  const mean = means((value) => value);
  const variance = means((value, c) => (value - mean[c]) * (value - mean[c]));
  return frozenNorm({ ...options, mean, variance });
}
