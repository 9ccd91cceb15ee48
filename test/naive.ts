/** Layers of images in f64 as plain loops over rows, pixels and channels: nothing of it is shared with src/ or with the oracle. */
import { noise } from "./noise.ts";
import { differences } from "./oracle/differences.ts";

/** [height, width, channels], or [n]. */
export type Shape = readonly number[];
type Row = Float64Array;

/** A layer for inputs of one shape. */
interface Placed {
  readonly shape: Shape;
  readonly parameters: number;
  /** How many of them, the first, multiply: those are drawn around 1. */
  readonly scales?: number;
  /** Rows of outputs; norms of batches take the statistics of the first `counted`. */
  run(rows: readonly Row[], theta: Float64Array, counted: number): Row[];
}
export type Naive = (shape: Shape) => Placed;

const sizeOf = (shape: Shape) => shape.reduce((a, b) => a * b, 1);
const imageOf = (shape: Shape) => (shape.length === 3 ? shape : [1, 1, shape[0]]);

/** How far a pool's or convolution's windows reach, along one side: [from, to) of each, within the image. */
function spans(size: number, kernel: number, stride: number, padding: number | "same") {
  const windows: [number, number][] = [];
  const all = padding === "same" ? Math.ceil(size / stride) : Infinity;
  const excess = padding === "same" ? Math.max(0, stride * (all - 1) + kernel - size) : 0;
  const before = padding === "same" ? (excess - (excess % 2)) / 2 : padding;
  const end = padding === "same" ? Infinity : size + padding;
  for (let from = -before; windows.length < all && from + kernel <= end; from += stride)
    windows.push([Math.max(0, from), Math.min(size, from + kernel)]);
  return windows;
}

export interface PoolSpec {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number] | "same";
}

/** For each output, in order, where in a row of inputs stands what it is made of. */
export function seenBy([height, width, channels]: Shape, spec: PoolSpec) {
  const { kernel, stride, padding } = spec;
  const [down, across] = [height, width].map((size, i) =>
    spans(size, kernel[i], stride[i], padding === "same" ? "same" : padding[i]),
  );
  const seen: number[][] = [];
  for (const [top, bottom] of down)
    for (const [left, right] of across)
      for (let c = 0; c < channels; c++) {
        const places: number[] = [];
        for (let y = top; y < bottom; y++)
          for (let x = left; x < right; x++) places.push((y * width + x) * channels + c);
        seen.push(places);
      }
  return { seen, shape: [down.length, across.length, channels] as Shape };
}

/** Where the largest is, the first of equals; NaN counts as the largest of all. */
export function largestAt(row: ArrayLike<number>, places: readonly number[]): number {
  let best = places[0];
  for (const at of places)
    if (row[at] > row[best] || (row[at] !== row[at] && row[best] === row[best])) best = at;
  return best;
}

/** The mean of each window, or the largest; with `frozen`, it is taken ever after from where it was in the rows that come first. */
export function pool(of: "largest" | "mean", spec: PoolSpec, frozen = false): Naive {
  return (inShape) => {
    const { seen, shape } = seenBy(inShape, spec);
    let chosen: number[][] | undefined;
    const mean = (row: Row) =>
      Float64Array.from(
        seen,
        (places) => places.reduce((sum, at) => sum + row[at], 0) / places.length,
      );
    const run = (rows: readonly Row[]) => {
      if (of === "mean") return rows.map(mean);
      const winners = (row: Row) => seen.map((places) => largestAt(row, places));
      if (!frozen || !chosen) chosen = rows.map(winners);
      const places = chosen;
      return rows.map((row, r) => Float64Array.from(places[r], (at) => row[at]));
    };
    return { shape, parameters: 0, run };
  };
}

export const globalMean: Naive = ([height, width, channels]) => {
  const size: [number, number] = [height, width];
  const { parameters, run } = pool("mean", { kernel: size, stride: [1, 1], padding: [0, 0] })([
    height,
    width,
    channels,
  ]);
  return { shape: [channels], parameters, run };
};

/** At each pixel, y = xW + b over channels: a convolution of 1×1, or a dense layer. */
export function dense(outSize: number): Naive {
  return (inShape) => {
    const [height, width, inSize] = imageOf(inShape);
    const shape = inShape.length === 3 ? [height, width, outSize] : [outSize];
    const run = (rows: readonly Row[], theta: Float64Array) =>
      rows.map((row) => {
        const out = new Float64Array(height * width * outSize);
        for (let p = 0; p < height * width; p++)
          for (let j = 0; j < outSize; j++) {
            let sum = theta[inSize * outSize + j];
            for (let i = 0; i < inSize; i++) sum += row[p * inSize + i] * theta[i * outSize + j];
            out[p * outSize + j] = sum;
          }
        return out;
      });
    return { shape, parameters: inSize * outSize + outSize, run };
  };
}

export const tanh: Naive = (shape) => ({
  shape,
  parameters: 0,
  run: (rows) => rows.map((row) => row.map(Math.tanh)),
});

export const flatten: Naive = (shape) => ({
  shape: [sizeOf(shape)],
  parameters: 0,
  run: (rows) => [...rows],
});

export interface NormSpec {
  readonly scale?: boolean;
  readonly shift?: boolean;
  readonly epsilon?: number;
}

/** Of each row, over the pixels and the channels of a group. */
export function groupNorm(groups: number, spec: NormSpec = {}): Naive {
  return normOver(spec, (r, c, channels) => `${r} ${Math.floor((c * groups) / channels)}`);
}

/** Of each channel, over pixels and rows. */
export function batchNorm(spec: NormSpec = {}): Naive {
  return normOver(spec, (_, c) => `${c}`, true);
}

/** y = γ(z − μ)/√(σ² + ε) + β over all that has the same key; where batches are normed, of rows that count. */
function normOver(
  { scale = true, shift = true, epsilon = 1e-5 }: NormSpec,
  keyOf: (row: number, channel: number, channels: number) => string,
  ofBatch = false,
): Naive {
  return (shape) => {
    const [, , channels] = imageOf(shape);
    const run = (rows: readonly Row[], theta: Float64Array, counted: number) => {
      const groups = new Map<string, number[]>();
      rows.forEach((row, r) =>
        row.forEach((value, i) => {
          if (ofBatch && r >= counted) return;
          const key = keyOf(r, i % channels, channels);
          groups.set(key, [...(groups.get(key) ?? []), value]);
        }),
      );
      const statistics = new Map(
        [...groups].map(([key, values]) => {
          const mean = values.reduce((a, b) => a + b) / values.length;
          const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
          return [key, [mean, variance]];
        }),
      );
      return rows.map((row, r) =>
        row.map((value, i) => {
          const c = i % channels;
          const [mean, variance] = statistics.get(keyOf(r, c, channels))!;
          const gamma = scale ? theta[c] : 1;
          const beta = shift ? theta[(scale ? channels : 0) + c] : 0;
          return (gamma * (value - mean)) / Math.sqrt(variance + epsilon) + beta;
        }),
      );
    };
    const scales = scale ? channels : 0;
    return { shape, parameters: scales + (shift ? channels : 0), scales, run };
  };
}

/** A batch of a regression. */
export interface NaiveBatch {
  readonly rows: number;
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly weights?: Float32Array;
  readonly counted?: number;
}

/** Layers one after the other, with the weighted mean over rows of the mean squared error as their loss. */
export class NaiveNetwork {
  readonly inShape: Shape;
  readonly placed: readonly Placed[];
  readonly parameterCount: number;

  constructor(inShape: Shape, layers: readonly Naive[]) {
    let shape = inShape;
    this.inShape = inShape;
    this.placed = layers.map((layer) => {
      const placed = layer(shape);
      shape = placed.shape;
      return placed;
    });
    this.parameterCount = this.placed.reduce((sum, { parameters }) => sum + parameters, 0);
  }

  get outSize(): number {
    return sizeOf(this.placed.at(-1)!.shape);
  }

  /** What each layer gives, after the inputs themselves. */
  values(theta: ArrayLike<number>, inputs: ArrayLike<number>, counted?: number): Row[][] {
    const size = sizeOf(this.inShape);
    const count = inputs.length / size;
    const all = Float64Array.from(inputs);
    const values: Row[][] = [
      Array.from({ length: count }, (_, r) => all.slice(r * size, (r + 1) * size)),
    ];
    let from = 0;
    for (const { parameters, run } of this.placed) {
      const part = Float64Array.from(theta).slice(from, (from += parameters));
      values.push(run(values.at(-1)!, part, counted ?? count));
    }
    return values;
  }

  predict(theta: ArrayLike<number>, inputs: ArrayLike<number>, counted?: number): number[] {
    return this.values(theta, inputs, counted)
      .at(-1)!
      .flatMap((row) => [...row]);
  }

  loss(theta: ArrayLike<number>, batch: NaiveBatch): number {
    const { inputs, targets, rows, weights, counted } = batch;
    const outputs = this.predict(theta, inputs, counted);
    let [sum, total] = [0, 0];
    for (let r = 0; r < rows; r++) {
      const w = weights ? weights[r] : 1;
      total += w;
      for (let j = 0; j < this.outSize; j++)
        sum +=
          (w * (outputs[r * this.outSize + j] - targets[r * this.outSize + j]) ** 2) / this.outSize;
    }
    return sum / total;
  }

  gradient(theta: ArrayLike<number>, batch: NaiveBatch): Float64Array {
    return differences((at) => this.loss(at, batch), Float64Array.from(theta));
  }

  /** ∇²L·v: the differences of the slope along v. */
  hvp(theta: ArrayLike<number>, batch: NaiveBatch, v: ArrayLike<number>): Float64Array {
    const along = (at: Float64Array) =>
      differences(
        ([t]) =>
          this.loss(
            at.map((value, i) => value + t * v[i]),
            batch,
          ),
        new Float64Array(1),
      )[0];
    return differences(along, Float64Array.from(theta));
  }

  /** Inputs, targets, θ and a direction of ordinary size. */
  draw(rows: number, seed: number) {
    const batch: NaiveBatch = {
      rows,
      inputs: noise(seed, rows * sizeOf(this.inShape)).map((x) => 2 * x),
      targets: noise(seed + 1, rows * this.outSize),
    };
    const [theta, v] = [2, 3].map((more) => noise(seed + more, this.parameterCount));
    let from = 0;
    for (const { parameters, scales = 0 } of this.placed) {
      for (let i = from; i < from + scales; i++) theta[i] = 1 + 0.4 * theta[i];
      from += parameters;
    }
    return { batch, theta, v };
  }
}
