import { add, grad, mul, slice, sub } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { gradient as gradientOf, loss as lossOf, slope } from "./meta.ts";
import { rateOf } from "./setting.ts";
import { adapted } from "./unrolled.ts";
import type { Unrolled } from "./unrolled.ts";

/**
 * Rajeswaran et al. 2019, arXiv:1909.04630. The linear system (I + ∇²L(φ; support)/(λ + δ)) u = ∇L(φ; query) is solved by
 * elimination: u is what conjugate gradients tend to.
 */
export const implicitMaml: Unrolled = {
  defaults: { innerSteps: 10 },
  first: ({ theta }) => ({ phi: theta, memory: [theta] }),
  step(setting) {
    const alpha = rateOf(setting);
    return (_, { phi, memory: [theta] }, g) => {
      const pull = mul(sub(phi, theta), setting.options.lambda);
      return { phi: sub(phi, mul(add(g, pull), alpha)), memory: [theta] };
    };
  },
  taskGradient(start, { support, query }, setting) {
    const { objective, options } = setting;
    const phi = adapted(this, start, support, setting);
    const matrix = hessian(slope(objective, phi, support), phi);
    matrix.forEach((row, i) => {
      row.forEach((value, j) => (row[j] = value / (options.lambda + options.damping)));
      row[i] += 1;
    });
    return {
      loss: lossOf(objective, phi.data, query),
      gradient: solve(matrix, gradientOf(objective, phi.data, query)),
    };
  },
};

/** Row i is the gradient of the gradient's element i. */
function hessian(gradient: Tensor, phi: Tensor): Float64Array[] {
  return Array.from(phi.data, (_, i) => grad(slice(gradient, i, 1, 1), [phi])[0].data);
}

/** x with Ax = b, by Gaussian elimination with the largest pivot of each column. */
export function solve(a: readonly Float64Array[], b: Float64Array): Float64Array {
  const rows = a.map((row, i) => Float64Array.of(...row, b[i]));
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i; r < n; r++) if (Math.abs(rows[r][i]) > Math.abs(rows[pivot][i])) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let r = i + 1; r < n; r++) {
      const factor = rows[r][i] / rows[i][i];
      for (let j = i; j <= n; j++) rows[r][j] -= factor * rows[i][j];
    }
  }
  const x = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    const known = x.reduce((sum, value, j) => sum + rows[i][j] * value, 0);
    x[i] = (rows[i][n] - known) / rows[i][i];
  }
  return x;
}
