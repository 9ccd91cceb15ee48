/**
 * Useful floating-point operations: two for each multiply-add of the matrix products that the
 * mathematics of exact second-order MAML asks for. Not counted: biases, activations, norms, losses,
 * updates, and whatever is computed a second time (a Hessian-vector product that begins with a
 * forward and a backward pass of its own gets no credit for them).
 *
 * With p = Σ inSize·outSize over the layers and f = the first layer's inSize·outSize, multiply-adds
 * a row:
 *
 *     forward             y = xW                       p
 *     backward            dW = xᵀdy,  dx = dy Wᵀ       2p − f      no dx of the network's inputs
 *     gradient            both                         3p − f
 *     tangent forward     ry = rx W + x RW             2p − f      rx = 0 at the network's inputs
 *     tangent backward    rdW = rxᵀdy + xᵀrdy          2p − f
 *                         rdx = rdy Wᵀ + dy RWᵀ        2p − 2f
 *     hvp                 the three                    6p − 4f
 */

/** p and f. @param {readonly number[]} sizes of the layers, inputs first */
function products(sizes) {
  const each = sizes.slice(1).map((outSize, layer) => sizes[layer] * outSize);
  return { all: each.reduce((a, b) => a + b, 0), first: each[0] };
}

/** Flops of ∇L on `rows` rows. @param {readonly number[]} sizes @param {number} rows */
export function gradientFlops(sizes, rows) {
  const { all, first } = products(sizes);
  return 2 * rows * (3 * all - first);
}

/** Flops of ∇²L·v on `rows` rows, ∇L known. @param {readonly number[]} sizes @param {number} rows */
export function hvpFlops(sizes, rows) {
  const { all, first } = products(sizes);
  return 2 * rows * (6 * all - 4 * first);
}

/**
 * Flops of a meta-step of exact second-order MAML: for each task K gradients and K products on the
 * support rows and one gradient on the query rows.
 *
 * @param {object} problem
 * @param {readonly number[]} problem.sizes
 * @param {number} problem.tasks
 * @param {number} problem.supportRows
 * @param {number} problem.queryRows
 * @param {number} [problem.innerSteps] K
 */
export function metaStepFlops({ sizes, tasks, supportRows, queryRows, innerSteps = 1 }) {
  const step = gradientFlops(sizes, supportRows) + hvpFlops(sizes, supportRows);
  return tasks * (innerSteps * step + gradientFlops(sizes, queryRows));
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
