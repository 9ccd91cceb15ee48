/** Convolutions in f64 from the definition: one loop an index. Shares no code with src/, assembly/ and the oracle. */

export type Pair = readonly [height: number, width: number];
export type Image = readonly [height: number, width: number, channels: number];

export interface Convolution {
  readonly filters: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: number | "same" | "valid";
  readonly bias?: boolean;
}

/** Convolutions one after the other, with tanh between each two; a row's error is the mean of (o − t)². */
export interface Problem {
  readonly inShape: Image;
  readonly convolutions: readonly Convolution[];
}

export interface Data {
  readonly rows: number;
  readonly inputs: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
}

interface Layer extends Convolution {
  readonly inShape: Image;
  readonly outShape: Image;
  /** Pixels above and to the left of the image. */
  readonly before: Pair;
  /** Where W starts in θ; b, if any, stands behind it. */
  readonly weight: number;
  readonly biased: number;
}

/** The layers of a problem, with the shapes between them. */
export function layersOf({ inShape, convolutions }: Problem): Layer[] {
  let [shape, end] = [inShape, 0];
  return convolutions.map((convolution) => {
    const { filters, kernel, bias = true } = convolution;
    const [down, across] = ([0, 1] as const).map((side) => windows(convolution, shape, side));
    const outShape = [down.count, across.count, filters] as const;
    const biased = end + kernel[0] * kernel[1] * shape[2] * filters;
    const before = [down.before, across.before] as const;
    const layer = { ...convolution, inShape: shape, outShape, before, weight: end, biased };
    [shape, end] = [outShape, biased + (bias ? filters : 0)];
    return layer;
  });
}

export function parameterCount(problem: Problem): number {
  const { biased, filters, bias = true } = layersOf(problem).at(-1)!;
  return biased + (bias ? filters : 0);
}

/** Counts windows by trying each place: it must begin no earlier than the padding and, but for `same`, end within it. */
function windows({ kernel, stride, padding }: Convolution, shape: Image, side: 0 | 1) {
  const [size, k, step] = [shape[side], kernel[side], stride[side]];
  let count = 0;
  if (padding === "same") {
    while (count * step < size) count++;
    const outside = (count - 1) * step + k - size;
    return { count, before: outside > 0 ? (outside - (outside % 2)) / 2 : 0 };
  }
  const before = padding === "valid" ? 0 : padding;
  while (count * step + k <= size + 2 * before) count++;
  return { count, before };
}

/** Calls back for each product that the convolution of one row is a sum of: indices into x, W and y. */
function eachProduct(layer: Layer, visit: (x: number, w: number, y: number) => void): void {
  const { inShape, outShape, kernel, stride, before, filters } = layer;
  const [height, width, channels] = inShape;
  for (let i = 0; i < outShape[0]; i++)
    for (let j = 0; j < outShape[1]; j++)
      for (let u = 0; u < kernel[0]; u++)
        for (let v = 0; v < kernel[1]; v++) {
          const [line, column] = [i * stride[0] - before[0] + u, j * stride[1] - before[1] + v];
          if (line < 0 || line >= height || column < 0 || column >= width) continue;
          for (let c = 0; c < channels; c++)
            for (let f = 0; f < filters; f++) {
              const w = layer.weight + ((u * kernel[1] + v) * channels + c) * filters + f;
              const x = (line * width + column) * channels + c;
              visit(x, w, (i * outShape[1] + j) * filters + f);
            }
        }
}

function convolved(layer: Layer, theta: ArrayLike<number>, x: ArrayLike<number>): Float64Array {
  const { outShape, filters, bias = true, biased } = layer;
  const y = new Float64Array(outShape[0] * outShape[1] * filters);
  if (bias) for (let i = 0; i < y.length; i++) y[i] = theta[biased + (i % filters)];
  eachProduct(layer, (from, w, to) => (y[to] += x[from] * theta[w]));
  return y;
}

/** What each layer gets of one row, and the outputs last. */
function activations(layers: Layer[], theta: ArrayLike<number>, row: ArrayLike<number>) {
  const values: ArrayLike<number>[] = [row];
  layers.forEach((layer, i) => {
    const y = convolved(layer, theta, values[i]);
    values.push(i < layers.length - 1 ? y.map(Math.tanh) : y);
  });
  return values;
}

function rowOf(values: ArrayLike<number>, rows: number, row: number): Float64Array {
  const size = values.length / rows;
  return Float64Array.from({ length: size }, (_, i) => values[row * size + i]);
}

/** Outputs, rows one behind the other. */
export function predict(problem: Problem, theta: ArrayLike<number>, { rows, inputs }: Data) {
  const layers = layersOf(problem);
  return Array.from({ length: rows }, (_, row) =>
    Array.from(activations(layers, theta, rowOf(inputs, rows, row)).at(-1)!),
  ).flat();
}

/** L(θ). */
export function loss(problem: Problem, theta: ArrayLike<number>, data: Data): number {
  const outputs = predict(problem, theta, data);
  return outputs.reduce((sum, o, i) => sum + (o - data.targets[i]) ** 2, 0) / outputs.length;
}

/** ∇L(θ). */
export function gradient(problem: Problem, theta: ArrayLike<number>, data: Data): Float64Array {
  const layers = layersOf(problem);
  const { rows, inputs, targets } = data;
  const out = new Float64Array(theta.length);
  for (let row = 0; row < rows; row++) {
    const values = activations(layers, theta, rowOf(inputs, rows, row));
    const target = rowOf(targets, rows, row);
    let dy = target.map((t, i) => (2 * (values.at(-1)![i] - t)) / targets.length);
    for (let at = layers.length - 1; at >= 0; at--) {
      const [layer, x] = [layers[at], values[at]];
      const dx = new Float64Array(x.length);
      eachProduct(layer, (from, w, to) => {
        out[w] += x[from] * dy[to];
        dx[from] += theta[w] * dy[to];
      });
      const { biased, filters, bias = true } = layer;
      if (bias) dy.forEach((d, i) => (out[biased + (i % filters)] += d));
      dy = dx.map((d, i) => d * (1 - x[i] ** 2));
    }
  }
  return out;
}

/** ∇²L(θ)·v by central differences of the gradient, in f64: wrong by about 10⁻⁸. */
export function hvp(problem: Problem, theta: Float32Array, data: Data, v: Float32Array) {
  const h = 1e-4;
  const at = (step: number) =>
    gradient(
      problem,
      Float64Array.from(theta, (each, i) => each + step * v[i]),
      data,
    );
  const [above, below] = [at(h), at(-h)];
  return above.map((each, i) => (each - below[i]) / (2 * h));
}
