import { Field, type LayerKind, NormOption } from "../../assembly/abi.ts";
import { checkNumber, refuse, refuseKind } from "../check.ts";
import { imageOf } from "../shape.ts";
import { type Layer, plain } from "./layer.ts";

/** What all norms have in common: y = γx̂ + β, x̂ = (z − μ)/√(σ² + ε). */
export interface NormOptions {
  /** Whether there is a γ, one a channel (an element, where a row is no image), which starts at 1; default true. */
  readonly scale?: boolean;
  /** Whether there is a β, likewise, which starts at 0; default true. */
  readonly shift?: boolean;
  /**
   * Whether γ and β adapt in the inner loop; else they are only meta-learned, as in the code of Finn et al. 2017. Default true; false is
   * not for `alfa`, `implicitMaml`, `learnedOptimizer` and `reptile`, nor for the last layer with parameters of `multiTask`.
   */
  readonly adapted?: boolean;
  /** ε > 0; default 10⁻⁵. */
  readonly epsilon?: number;
}

export const normOptionNames = ["scale", "shift", "adapted", "epsilon"] as const;

/** A norm of that kind, the names of whose options were checked; `own`: what its spec says besides. */
export function norm(
  kind: string,
  code: LayerKind,
  options: NormOptions,
  own: Readonly<Record<string, unknown>> = {},
): Layer {
  const { scale = true, shift = true, adapted = true, epsilon = 1e-5 } = options;
  for (const [name, value] of Object.entries({ scale, shift, adapted }))
    if (typeof value !== "boolean") refuseKind(kind, `${name} true or false`, value);
  checkNumber(kind, "epsilon", epsilon, { above: 0 });
  if (!(Math.fround(epsilon) > 0 && Math.fround(epsilon) < Infinity))
    refuse(kind, "epsilon > 0 that f32 can hold", epsilon);
  const option = (scale ? NormOption.Scale : 0) | (shift ? NormOption.Shift : 0);
  return {
    ...plain,
    // What is as always is not said: files of the first version stay as they are.
    spec: Object.freeze({
      kind,
      ...own,
      ...(!scale && { scale }),
      ...(!shift && { shift }),
      ...(!adapted && { adapted }),
      ...(epsilon !== 1e-5 && { epsilon }),
    }),
    code,
    adapts: adapted,
    tensors(inShape) {
      const [, , channels] = imageOf(inShape);
      return [
        ...(scale ? [{ name: "scale", shape: [channels] }] : []),
        ...(shift ? [{ name: "shift", shape: [channels] }] : []),
      ];
    },
    initialize(inShape, parameters) {
      const [, , channels] = imageOf(inShape);
      parameters.fill(0).fill(1, 0, scale ? channels : 0);
    },
    words: () => ({ [Field.Option]: option, [Field.Epsilon]: bitsOf(epsilon) }),
  };
}

/** A layer that is a norm of some kind. */
export function isNorm(value: unknown): value is Layer {
  const kind = (value as Partial<Layer> | null | undefined)?.spec?.kind;
  return typeof kind === "string" && kind.endsWith("Norm");
}

/** The bits of an f32, as a whole number. */
function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0];
}
