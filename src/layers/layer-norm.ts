import { LayerKind } from "../../assembly/abi.ts";
import { checkOptions } from "../check.ts";
import { ofGroups } from "./group-norm.ts";
import type { Layer } from "./layer.ts";
import { norm, normOptionNames, type NormOptions } from "./norm.ts";

/**
 * y = γ(z − μ)/√(σ² + ε) + β with mean and biased variance of each row over its elements, of an image over pixels and channels; γ and β
 * are then one a channel, as in `groupNorm` with one group.
 *
 * @see Ba, Kiros, Hinton 2016, arXiv:1607.06450
 */
export function layerNorm(options: NormOptions = {}): Layer {
  checkOptions("layerNorm", options, normOptionNames);
  return ofGroups(norm("layerNorm", LayerKind.GroupNorm, options), 1);
}
