import { noise } from "./noise.ts";
import { lengthOf } from "./oracle/image.ts";
import { nearestKink } from "./oracle/kinks.ts";
import { loss, type Objective } from "./oracle/meta.ts";
import {
  type AnyModel,
  type Batch,
  layersOf,
  parameterCount,
  shapesOf,
  tensorsOf,
} from "./oracle/network.ts";

/** A batch, θ and a direction for an objective. */
export interface Draw {
  readonly theta: Float32Array;
  readonly v: Float32Array;
  readonly batch: Batch & { readonly inputs: Float32Array };
}

interface DrawOptions {
  readonly seed?: number;
  readonly weighted?: boolean;
  /** Rows whose statistics batch norm takes. */
  readonly counted?: number | undefined;
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
  { seed = 1, weighted = false, counted }: DrawOptions = {},
): Draw {
  for (let attempt = 0; attempt < 100; attempt++) {
    const drawn = drawOnce(objective, rows, 1000 * seed + 10 * attempt, { weighted, counted });
    const value = loss(objective, drawn.theta, drawn.batch);
    const fair = value === 0 || value > LEAST_LOSS; // of one class it is always 0
    if (!fair) continue;
    if (nearestKink(objective.model, drawn.theta, drawn.batch) > KINK_DISTANCE) return drawn;
  }
  throw new Error("draw: expected a draw away from kinks");
}

function drawOnce(
  { model, loss }: Objective<AnyModel>,
  rows: number,
  seed: number,
  { weighted, counted }: DrawOptions,
): Draw {
  const { inSize } = layersOf(model);
  const outSize = lengthOf(shapesOf(model).at(-1)!);
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
      ...(counted && { counted }),
    },
  };
}

/** Weights that keep the size of what goes through, scales around 1. */
function parameters(model: AnyModel, seed: number): Float32Array {
  const theta = noise(seed, parameterCount(model));
  for (const { name, offset, rows, cols } of tensorsOf(model)) {
    const part = theta.subarray(offset, offset + rows * cols);
    if (name === "scale") part.set(part.map((value) => 1 + 0.4 * value));
    if (name === "weight" || name === "filters")
      part.set(part.map((value) => (1.7 / Math.sqrt(rows)) * value));
  }
  return theta;
}
