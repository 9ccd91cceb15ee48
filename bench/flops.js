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
