import { LayerKind } from "../../assembly/abi.ts";
import { checkArray, checkFloats, checkOptions, refuse } from "../check.ts";
import { imageOf, type Shape } from "../shape.ts";
import type { Layer } from "./layer.ts";
import { norm, normOptionNames, type NormOptions } from "./norm.ts";

/** Options of {@link frozenNorm}. */
export interface FrozenNormOptions extends NormOptions {
  /** μ, one a channel (an element, where a row is no image). */
  readonly mean: ArrayLike<number>;
  /** σ² ≥ 0, likewise. */
  readonly variance: ArrayLike<number>;
}

/**
 * y = γ(z − μ)/√(σ² + ε) + β with a mean and variance that are constants, as of a network that was trained before: neither adapts, nor is
 * learned, and no row depends on another. `freezeNorms` makes them of a model's batch norms.
 *
 * Cost: two multiplications and two additions an element; keeps nothing but the constants.
 *
 * @throws {RangeError} `frozenNorm: expected variance[2] ≥ 0, got -1`; a model with another number of channels there
 * @see Ioffe, Szegedy 2015, arXiv:1502.03167, section 3.1: batch norm at inference
 */
export function frozenNorm(options: FrozenNormOptions): Layer {
  checkOptions("frozenNorm", options, ["mean", "variance", ...normOptionNames]);
  const { mean, variance, epsilon = 1e-5 } = options;
  const channels = checkFloats("frozenNorm", "mean", checkArray("frozenNorm", "mean", mean)).length;
  if (channels === 0) refuse("frozenNorm", "a mean of at least one channel", channels);
  checkFloats("frozenNorm", "variance", checkArray("frozenNorm", "variance", variance, channels));
  for (let i = 0; i < channels; i++)
    if (variance[i] < 0) refuse("frozenNorm", `variance[${i}] ≥ 0`, variance[i]);
  const statistics = { mean: listOf(mean), variance: listOf(variance) };
  const layer = norm("frozenNorm", LayerKind.FrozenNorm, options, statistics);
  return Object.freeze({
    ...layer,
    outShape(inShape: Shape) {
      const [, , given] = imageOf(inShape);
      if (given !== channels) refuse("frozenNorm", `inputs of ${channels} channels`, given);
      return inShape;
    },
    constants() {
      const inverse = statistics.variance.map((variance) => 1 / Math.sqrt(variance + epsilon));
      return [statistics.mean, inverse];
    },
  });
}

/** As f32 holds them. */
const listOf = (values: ArrayLike<number>) => Object.freeze(Array.from(values, Math.fround));
