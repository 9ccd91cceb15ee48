import { LayerKind } from "../../assembly/abi.ts";
import { checkOptions } from "../check.ts";
import { checkSize } from "../shape.ts";
import { checkDeclared, checkFlat, type Layer, plain } from "./layer.ts";

/**
 * y = [x, c]: the same c, a vector of `size` parameters, behind every row. c starts at 0. What `cavia` adapts.
 *
 * @param options.inSize needed where it is the first layer of a model; elsewhere, if given, it must fit
 * @throws {RangeError} `context: expected 1 ≤ size ≤ 2147483647, got 0`
 * @see Zintgraf et al. 2019, arXiv:1810.03642
 */
export function context(options: { inSize?: number; size: number }): Layer {
  checkOptions("context", options, ["inSize", "size"]);
  const { inSize: declared, size } = options;
  checkSize("context", "size", size);
  if (declared !== undefined) checkSize("context", "inSize", declared);
  const inShape = declared === undefined ? undefined : Object.freeze([declared]);
  return Object.freeze({
    ...plain,
    spec: Object.freeze({ kind: "context", inSize: declared, size }),
    code: LayerKind.Context,
    inShape,
    outShape(given) {
      const inSize = checkFlat("context", given);
      checkDeclared("context", inShape, given);
      return [inSize + size];
    },
    tensors: () => [{ name: "context", shape: [size] }],
  } satisfies Layer);
}
