/**
 * @import { Layer, Model, Shape } from "rvml"
 */

// Not a static import: the type checker gives the enums of a declaration file no values.
const { Field } = await import(new URL("../build/modules/assembly/abi.js", import.meta.url).href);

/**
 * Useful floating-point operations: two for each multiply-add of the matrix products that the
 * mathematics of exact second-order MAML asks for. Not counted: biases, activations, norms, losses,
 * updates, and whatever is computed a second time (a Hessian-vector product that begins with a
 * forward and a backward pass of its own gets no credit for them).
 *
 * With p = Σ products over the layers and f = the first layer's products, where a dense layer has inSize·outSize and a convolution
 * windows·kernelHeight·kernelWidth·inChannels·filters, multiply-adds a row:
 *
 *     forward             y = xW                       p
 *     backward            dW = xᵀdy,  dx = dy Wᵀ       2p − f      no dx of the network's inputs
 *     gradient            both                         3p − f
 *     tangent forward     ry = rx W + x RW             2p − f      rx = 0 at the network's inputs
 *     tangent backward    rdW = rxᵀdy + xᵀrdy          2p − f
 *                         rdx = rdy Wᵀ + dy RWᵀ        2p − 2f
 *     hvp                 the three                    6p − 4f
 */

const productOf = (/** @type {readonly number[]} */ sizes) => sizes.reduce((a, b) => a * b, 1);

/**
 * p and f: a layer's W is applied at each pixel of its output, or once. What a window multiplies by the zeros of padding is counted, unless
 * `padding` says not to.
 *
 * @param {Model} model
 * @param {{ padding?: boolean }} options
 */
function products(model, { padding = true }) {
  let inShape = model.inShape;
  const each = model.layers.map((layer) => {
    const [given, outShape] = [inShape, layer.outShape(inShape)];
    inShape = outShape;
    const weight = layer.tensors(given).find(({ name }) => name === "weight");
    if (!weight) return 0;
    if (layer.spec.kind !== "conv2d") return productOf(weight.shape);
    const all = outShape[0] * outShape[1] * productOf(weight.shape);
    return padding ? all : all * insideShare(layer, given);
  });
  return { all: each.reduce((a, b) => a + b, 0), first: Number(each.find((size) => size > 0)) };
}

/** Kernel, stride and padding before the image of each side. */
const SIDES = [
  [Field.KernelHeight, Field.StrideHeight, Field.PaddingTop],
  [Field.KernelWidth, Field.StrideWidth, Field.PaddingLeft],
];

/** Share of a convolution's windows that is in the image. @param {Layer} layer @param {Shape} inShape */
function insideShare(layer, inShape) {
  /** @type {Record<number, number | undefined>} */
  const words = layer.words(inShape);
  const windows = layer.outShape(inShape);
  const shares = SIDES.map((fields, side) => {
    const [kernel, stride, padding] = fields.map((field) => Number(words[field]));
    const inside = Array.from({ length: windows[side] }, (_, i) => {
      const from = i * stride - padding;
      return Math.min(from + kernel, inShape[side]) - Math.max(from, 0);
    });
    return inside.reduce((a, b) => a + b, 0) / (windows[side] * kernel);
  });
  return shares[0] * shares[1];
}

/**
 * Flops of a meta-step of exact second-order MAML: for each task K gradients and K products on the
 * support rows and one gradient on the query rows.
 *
 * @param {object} problem
 * @param {Model} problem.model
 * @param {number} problem.tasks
 * @param {number} problem.supportRows
 * @param {number} problem.queryRows
 * @param {number} [problem.innerSteps] K
 * @param {boolean} [problem.padding] whether products with the zeros of padding count; default true
 */
export function metaStepFlops(problem) {
  const { model, tasks, supportRows, queryRows, innerSteps = 1, padding } = problem;
  const { all, first } = products(model, { padding });
  const [gradient, product] = [3 * all - first, 6 * all - 4 * first];
  return 2 * tasks * (innerSteps * supportRows * (gradient + product) + queryRows * gradient);
}

/**
 * Flops of a meta-step where some dense layers adapt, or a context ahead of the first. What lies below the first that adapts is computed
 * once a task, and has one pass back for all products.
 *
 * @param {object} problem
 * @param {readonly number[]} problem.sizes
 * @param {number} problem.tasks
 * @param {number} problem.supportRows
 * @param {number} problem.queryRows
 * @param {number} problem.innerSteps K
 * @param {(layer: number, layers: number) => boolean} [problem.adapts]
 * @param {number} [problem.context] its size
 */
export function partialMetaStepFlops(problem) {
  const { sizes, tasks, supportRows, queryRows, innerSteps } = problem;
  const { adapts = () => true, context = 0 } = problem;
  const count = sizes.length - 1;
  const layers = sizes.slice(1).map((outSize, i) => ({
    size: (sizes[i] + (i === 0 ? context : 0)) * outSize,
    adapts: adapts(i, count),
    first: i === 0 && !context,
  }));
  const start = context ? 0 : layers.findIndex((layer) => layer.adapts);
  const sum = (/** @type {(layer: typeof layers[0], i: number) => number} */ of) =>
    layers.reduce((total, layer, i) => total + layer.size * of(layer, i), 0);
  const inside = (/** @type {number} */ i) => i >= start;
  // Whether a layer's input depends on what adapts.
  const varies = (/** @type {number} */ i) => (context ? true : i > start);
  const once =
    sum((_, i) => (inside(i) ? 0 : 1)) + sum(({ first }, i) => (inside(i) ? 0 : first ? 1 : 2));
  const gradient = sum((layer, i) =>
    inside(i) ? 1 + Number(layer.adapts) + Number(varies(i)) : 0,
  );
  const product = sum((layer, i) => {
    if (!inside(i)) return 0;
    const [rw, rx, dx] = [Number(layer.adapts), Number(varies(i)), Number(!layer.first)];
    return rw + rx + 1 + rx + dx * (1 + rw);
  });
  const query = sum(({ first }) => (first ? 2 : 3));
  const support = once + innerSteps * (gradient + product);
  return 2 * tasks * (supportRows * support + queryRows * query);
}
