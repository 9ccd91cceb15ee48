import { DenseOption, Field, LayerKind } from "../../assembly/abi.ts";
import { checkOneOf, checkOptions, refuseKind } from "../check.ts";
import { type Initialization, initializations } from "../initialization.ts";
import { checkSize } from "../shape.ts";
import { checkDeclared, checkFlat, type Layer, plain } from "./layer.ts";

/**
 * y = xW + b, or y = xW.   x: rows×inSize, W: inSize×outSize, b: outSize.
 *
 * @param options.inSize needed for the first layer of a model only; elsewhere, if given, it must fit
 * @param options.bias whether there is a b; default true
 * @param options.initialization how W and b start; default `glorot`
 * @throws {RangeError} `dense: expected 1 ≤ outSize ≤ 2147483647, got 0`
 */
export function dense(options: {
  inSize?: number;
  outSize: number;
  bias?: boolean;
  initialization?: Initialization;
}): Layer {
  checkOptions("dense", options, ["inSize", "outSize", "bias", "initialization"]);
  const { inSize: declared, outSize, bias = true, initialization = "glorot" } = options;
  checkSize("dense", "outSize", outSize);
  if (declared !== undefined) checkSize("dense", "inSize", declared);
  if (typeof bias !== "boolean") refuseKind("dense", "bias true or false", bias);
  checkOneOf("dense", "initialization", initialization, Object.keys(initializations));
  const inShape = declared === undefined ? undefined : Object.freeze([declared]);
  return Object.freeze({
    ...plain,
    spec: Object.freeze({ kind: "dense", inSize: declared, outSize, bias, initialization }),
    code: LayerKind.Dense,
    inShape,
    outShape(given) {
      checkFlat("dense", given);
      checkDeclared("dense", inShape, given);
      return [outSize];
    },
    tensors: ([inSize]) => [
      { name: "weight", shape: [inSize, outSize] },
      ...(bias ? [{ name: "bias", shape: [outSize] }] : []),
    ],
    initialize([inSize], parameters, random) {
      const weights = inSize * outSize;
      const [w, b] = [parameters.subarray(0, weights), parameters.subarray(weights)];
      initializations[initialization](w, b, inSize, outSize, random);
    },
    words: () => ({ [Field.Option]: bias ? DenseOption.Bias : DenseOption.NoBias }),
  } satisfies Layer);
}
