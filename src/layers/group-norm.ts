import { Field, LayerKind } from "../../assembly/abi.ts";
import { checkOptions, refuse } from "../check.ts";
import { checkSize, imageOf, type Shape } from "../shape.ts";
import type { Layer } from "./layer.ts";
import { norm, type NormOptions, normOptionNames } from "./norm.ts";

/** Options of {@link groupNorm}. */
export interface GroupNormOptions extends NormOptions {
  /** How many groups the channels are divided into, in order: G ≥ 1, each of channels/G of them. */
  readonly groups: number;
}

/**
 * y = γ(z − μ)/√(σ² + ε) + β with mean and biased variance of each row and group: over the pixels and a G-th of the channels (of the
 * elements, where a row is no image). Rows do not depend on each other. One group: `layerNorm`; a group a channel: instance norm.
 *
 * Cost: of each pass a few additions and multiplications an element. Keeps x̂, its tangent, and two numbers a row and group.
 *
 * @throws {RangeError} `groupNorm: expected 1 ≤ groups ≤ 2147483647, got 0`; channels that G does not divide:
 * `groupNorm: expected channels divisible by 8 (groups), got 12`
 * @see Wu, He 2018, arXiv:1803.08494
 * @example
 * const layers = [conv2d({ inShape: [28, 28, 1], filters: 64, kernel: 3 }), groupNorm({ groups: 8 }), activation("relu")];
 */
export function groupNorm(options: GroupNormOptions): Layer {
  checkOptions("groupNorm", options, ["groups", ...normOptionNames]);
  const { groups } = options;
  checkSize("groupNorm", "groups", groups);
  return ofGroups(norm("groupNorm", LayerKind.GroupNorm, options, { groups }), groups);
}

/** That norm, with statistics of each row in that many groups of channels. */
export function ofGroups(layer: Layer, groups: number): Layer {
  return Object.freeze({
    ...layer,
    outShape(inShape: Shape) {
      const [, , channels] = imageOf(inShape);
      if (channels % groups !== 0)
        refuse(layer.spec.kind, `channels divisible by ${groups} (groups)`, channels);
      return inShape;
    },
    words: (inShape: Shape) => ({ ...layer.words(inShape), [Field.Groups]: groups }),
  });
}
