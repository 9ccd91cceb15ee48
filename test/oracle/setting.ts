/** What the algorithms of the family are asked with, and where things stand in θ. */
import { add, detach, matmul, mul, place, slice, tensor, transpose } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import type { Objective } from "./meta.ts";
import { fixedTensors, layersOf, tensorsOf } from "./network.ts";
import type { AnyModel, PlacedTensor } from "./network.ts";

export type Order = 1 | 2 | readonly (1 | 2)[];

/** Options of all algorithms; each takes its own and passes over the rest. Defaults are below. */
export interface Options {
  /** α. A range is where metaSgd draws its rates from: they are among the meta-parameters, and it is not looked at. */
  readonly innerLearningRate?: number | { readonly from: number; readonly to: number };
  /** K. */
  readonly innerSteps?: number;
  readonly order?: Order;
  readonly firstOrderSteps?: number;
  /** maml: indices of the layers that adapt. */
  readonly layers?: readonly number[];
  /** tNet, warpGrad: indices of those that do not. */
  readonly warpLayers?: readonly number[];
  /** mamlPlusPlus. */
  readonly learnRates?: boolean;
  readonly multiStepLoss?: number;
  /** innerMomentum; innerAdam. */
  readonly momentum?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** implicitMaml. */
  readonly lambda?: number;
  readonly damping?: number;
  /** learnedOptimizer. */
  readonly hiddenSize?: number;
  readonly unroll?: number;
  readonly outputScale?: number;
  readonly learnStart?: boolean;
  /** multiTask: how many there are to train on. */
  readonly tasks?: number;
}

export const defaults = {
  innerSteps: 1,
  order: 2 as Order,
  firstOrderSteps: 0,
  learnRates: true,
  multiStepLoss: 0,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  lambda: 1,
  damping: 0,
  hiddenSize: 20,
  unroll: 20,
  outputScale: 0.01,
  learnStart: false,
};

/** One question: an objective, options with all defaults, and how many meta-steps have been. */
export interface Setting {
  readonly objective: Objective<AnyModel>;
  readonly options: Options & typeof defaults;
  readonly metaStep: number;
  /** θ's, in order; T of them. */
  readonly tensors: readonly PlacedTensor[];
  /** Numbers of θ. */
  readonly size: number;
  /** 1×n: 1 where no step changes θ, of layers with `adapted: false`; absent where there are none, or where layers are named. */
  readonly fixed?: Tensor;
}

export function settingOf(
  objective: Objective<AnyModel>,
  options: Options,
  metaStep: number,
): Setting {
  const tensors = tensorsOf(objective.model);
  const size = tensors.reduce((count, each) => count + lengthOf(each), 0);
  const setting = {
    objective,
    options: { ...defaults, ...given(options) },
    metaStep,
    tensors,
    size,
  };
  const fixed = fixedTensors(objective.model).map(({ offset }) => offset);
  if (options.layers || fixed.length === 0) return setting;
  return { ...setting, fixed: maskOf(setting, ({ offset }) => fixed.includes(offset)) };
}

/** Without what is undefined, which would hide a default. */
export function given<T extends object>(options: T): T {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}

export function lengthOf({ rows, cols }: PlacedTensor): number {
  return rows * cols;
}

/** α, where it has to be one number. */
export function rateOf({ options: { innerLearningRate } }: Setting): number {
  if (typeof innerLearningRate !== "number")
    throw new RangeError(`oracle: expected number innerLearningRate, got ${innerLearningRate}`);
  return innerLearningRate;
}

/** Indices of the layers that have parameters. */
export function parametrized({ tensors }: Setting): number[] {
  return [...new Set(tensors.map(({ layer }) => layer))];
}

/** `warpLayers`, or every second layer with a weight, dense or convolution, from the second on. */
export function warpLayersOf({ objective, options }: Setting): readonly number[] {
  const weighted = layersOf(objective.model).layers.flatMap(({ kind }, i) =>
    kind === "dense" || kind === "conv2d" ? [i] : [],
  );
  return options.warpLayers ?? weighted.filter((_, position) => position % 2 === 1);
}

/** 1×n: 1 on the tensors that are chosen, 0 on the others. */
export function maskOf(
  { tensors, size }: Setting,
  chosen: (tensor: PlacedTensor) => boolean,
): Tensor {
  const mask = new Float64Array(size);
  for (const each of tensors)
    if (chosen(each)) mask.fill(1, each.offset, each.offset + lengthOf(each));
  return tensor(1, size, mask);
}

/** x with what the mask leaves out seen as a constant. */
export function detachOutside(mask: Tensor, x: Tensor): Tensor {
  const rest = mask.data.map((value) => 1 - value);
  return add(mul(x, mask), mul(detach(x), tensor(1, x.cols, rest)));
}

/** 1×T → 1×n: each tensor's number for all its elements. */
export function spread({ tensors, size }: Setting, x: Tensor): Tensor {
  return matmul(x, members(tensors, size));
}

/** 1×n → 1×T: the mean of each tensor. */
export function means({ tensors, size }: Setting, x: Tensor): Tensor {
  const share = tensors.map((each) => 1 / lengthOf(each));
  return mul(matmul(x, transpose(members(tensors, size))), tensor(1, tensors.length, share));
}

/** T×n: row t is 1 at the elements of tensor t. */
function members(tensors: readonly PlacedTensor[], size: number): Tensor {
  const data = new Float64Array(tensors.length * size);
  tensors.forEach((each, t) => {
    const from = t * size + each.offset;
    data.fill(1, from, from + lengthOf(each));
  });
  return tensor(tensors.length, size, data);
}

/** θ with each tensor, in its own shape, replaced by what `change` makes of it. */
export function changed(
  { tensors, size }: Setting,
  x: Tensor,
  change: (part: Tensor, tensor: PlacedTensor) => Tensor,
): Tensor {
  return tensors
    .map((each) =>
      place(change(slice(x, each.offset, each.rows, each.cols), each), each.offset, size),
    )
    .reduce(add);
}

/** Takes matrices off a flat vector, one behind the other. */
export function reader(flat: Tensor): (rows: number, cols: number) => Tensor {
  let from = 0;
  return (rows, cols) => {
    from += rows * cols;
    return slice(flat, from - rows * cols, rows, cols);
  };
}
