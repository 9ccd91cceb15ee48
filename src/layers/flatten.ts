import { LayerKind } from "../../assembly/abi.ts";
import { lengthOf } from "../shape.ts";
import { type Layer, plain } from "./layer.ts";

/** An image as a row of height·width·channels numbers, as they stand: row by row, channels last. Costs nothing. */
export function flatten(): Layer {
  return Object.freeze({
    ...plain,
    spec: Object.freeze({ kind: "flatten" }),
    code: LayerKind.Flatten,
    outShape: (inShape) => [lengthOf(inShape)],
  } satisfies Layer);
}
