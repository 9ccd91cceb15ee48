import { noise } from "./noise.ts";
import { loss, type Objective, predict } from "./oracle/meta.ts";
import { type AnyModel, type Batch, layersOf, parameterCount } from "./oracle/network.ts";

/** A batch, θ and a direction for an objective. */
export interface Draw {
  readonly theta: Float32Array;
  readonly v: Float32Array;
  readonly batch: Batch & { readonly inputs: Float32Array };
}

/**
 * What a pre-activation keeps from a kink of relu and leakyRelu. f32 moves one by about 1e-6 (through batch norm of a narrow column a
 * few times that): on the wrong side, the slope would be another.
 */
const KINK_DISTANCE = 2e-5;

/** Below, a mean squared error is what is left of numbers of size 1, and of their roundings. */
const LEAST_LOSS = 0.02;

/** Numbers of ordinary size, the same for the same seed; drawn again until no pre-activation is near a kink. */
export function draw(
  objective: Objective<AnyModel>,
  rows: number,
  { seed = 1, weighted = false } = {},
): Draw {
  for (let attempt = 0; attempt < 100; attempt++) {
    const drawn = drawOnce(objective, rows, 1000 * seed + 10 * attempt, weighted);
    const value = loss(objective, drawn.theta, drawn.batch);
    const fair = value === 0 || value > LEAST_LOSS; // of one class it is always 0
    if (fair && nearestKink(objective.model, drawn) > KINK_DISTANCE) return drawn;
  }
  throw new Error("draw: expected a draw away from kinks");
}

function drawOnce(
  { model, loss }: Objective<AnyModel>,
  rows: number,
  seed: number,
  weighted: boolean,
): Draw {
  const { inSize } = layersOf(model);
  const outSize = outSizeOf(model);
  const classes = loss === "crossEntropy";
  const targets = noise(seed + 1, rows * (classes ? 1 : outSize)).map((t) =>
    classes ? Math.floor(((t + 1) / 2) * outSize) : (t + 1) / 2,
  );
  const weights = weighted ? noise(seed + 2, rows).map((w) => 1.25 + w) : undefined;
  if (weights && rows > 2) weights[1] = 0;
  return {
    theta: parameters(model, seed + 3),
    v: noise(seed + 4, parameterCount(model)),
    batch: {
      rows,
      inputs: noise(seed, rows * inSize).map((x) => 2 * x),
      targets,
      ...(weights && { weights }),
    },
  };
}

/** Weights that keep the size of what goes through, scales around 1. */
function parameters(model: AnyModel, seed: number): Float32Array {
  const { inSize, layers } = layersOf(model);
  const theta = noise(seed, parameterCount(model));
  let [size, from] = [inSize, 0];
  for (const layer of layers) {
    if (layer.kind === "activation") continue;
    const count = layer.kind === "dense" ? size * layer.outSize : size;
    const part = theta.subarray(from, from + count);
    const [shift, scale] = layer.kind === "dense" ? [0, 1.7 / Math.sqrt(size)] : [1, 0.4];
    part.set(part.map((value) => shift + scale * value));
    if (layer.kind === "dense") size = layer.outSize;
    const alone = layer.kind === "dense" && layer.bias === false;
    from += count + (alone ? 0 : size);
  }
  return theta;
}

/** The smallest |z| that a relu or leakyRelu gets: the outputs of all layers before it. */
function nearestKink(model: AnyModel, { theta, batch }: Draw): number {
  const { inSize, layers } = layersOf(model);
  return layers.reduce((nearest, layer, i) => {
    if (layer.kind !== "activation" || !/relu/i.test(layer.name)) return nearest;
    const before = { inSize, layers: layers.slice(0, i) };
    const z = predict(before, theta.subarray(0, parameterCount(before)), batch.inputs);
    return z.reduce((least, value) => Math.min(least, Math.abs(value)), nearest);
  }, Infinity);
}

function outSizeOf(model: AnyModel): number {
  const { inSize, layers } = layersOf(model);
  return layers.reduce((size, layer) => (layer.kind === "dense" ? layer.outSize : size), inSize);
}
