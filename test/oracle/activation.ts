import { exp, filled, map, mul, power, sub } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { erfc } from "./erf.ts";

export const activations = {
  linear: (x: Tensor) => x,
  relu: (x: Tensor) => rectified(x, 0),
  leakyRelu: (x: Tensor) => rectified(x, 0.01),
  tanh,
  sigmoid,
  softplus,
  gelu: (x: Tensor) => mul(x, normalCdf(x)),
  silu: (x: Tensor) => mul(x, sigmoid(x)),
};

export type Activation = keyof typeof activations;

/**
 * x above 0, `below`·x under it. The slope at 0 is `below`; the second derivative is taken as 0
 * everywhere.
 */
function rectified(x: Tensor, below: number): Tensor {
  const slope = (value: number) => (value > 0 ? 1 : below);
  return map(
    x,
    (value) => value * slope(value),
    (x) => map(x, slope, (x) => filled(x.rows, x.cols, 0)),
  );
}

/** tanh′ = 1 − tanh². */
function tanh(x: Tensor): Tensor {
  return map(x, Math.tanh, (_, y) => sub(1, power(y, 2)));
}

/** σ(x) = 1/(1 + e⁻ˣ), σ′ = σ(1 − σ). */
export function sigmoid(x: Tensor): Tensor {
  return map(
    x,
    (value) => 1 / (1 + Math.exp(-value)),
    (_, y) => mul(y, sub(1, y)),
  );
}

/** log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|), with σ for its slope. */
export function softplus(x: Tensor): Tensor {
  return map(x, (value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))), sigmoid);
}

/** Φ(x) = erfc(−x/√2)/2, with the density exp(−x²/2)/√2π for its slope. */
function normalCdf(x: Tensor): Tensor {
  return map(
    x,
    (value) => erfc(-value / Math.SQRT2) / 2,
    (x) => mul(exp(mul(power(x, 2), -0.5)), 1 / Math.sqrt(2 * Math.PI)),
  );
}
