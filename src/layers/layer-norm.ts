import { LayerKind } from "../../assembly/abi.ts";
import type { Layer } from "./layer.ts";
import { norm, type NormOptions } from "./norm.ts";

/**
 * y = γ(z − μ)/√(σ² + ε) + β with mean and biased variance of each row over its elements.
 *
 * @see Ba, Kiros, Hinton 2016, arXiv:1607.06450
 */
export function layerNorm(options: NormOptions = {}): Layer {
  return Object.freeze(norm("layerNorm", LayerKind.LayerNorm, options));
}
