import { noise } from "../noise.ts";
import type { Objective } from "./meta.ts";
import { layersOf } from "./network.ts";
import type { AnyModel, Batch } from "./network.ts";

/**
 * Of five-point differences: their error falls as h⁴ until rounding, 1e-16/h, takes over below; see oracle.test.ts, which
 * measures both.
 */
const STEP = 1e-4;
export const DIFFERENCE_TOLERANCE = 5e-9;

/** (f(x − 2he) − 8f(x − he) + 8f(x + he) − f(x + 2he))/12h for each unit vector e. */
export function differences(f: (x: Float64Array) => number, at: Float64Array): Float64Array {
  return at.map((_, i) => {
    const moved = (h: number) => f(at.map((value, j) => (i === j ? value + h : value)));
    const [far, near] = [2, 1].map((n) => moved(n * STEP) - moved(-n * STEP));
    return (8 * near - far) / (12 * STEP);
  });
}

/** Rows of numbers in −1…1 with weights, for a model whose last layer is dense. */
export function batchFor({ model, loss }: Objective<AnyModel>, rows: number, seed: number): Batch {
  const { inSize, layers } = layersOf(model);
  const last = layers.at(-1)!;
  if (last.kind !== "dense") throw new RangeError(`last layer: expected dense, got ${last.kind}`);
  const classes = loss === "crossEntropy";
  const targets = noise(seed + 1, rows * (classes ? 1 : last.outSize));
  return {
    rows,
    inputs: noise(seed, rows * inSize),
    targets: targets.map((t) => (classes ? Math.floor(((t + 1) / 2) * last.outSize) : t)),
    weights: noise(seed + 2, rows).map((w) => 1.5 + w),
  };
}
