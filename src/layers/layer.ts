import type { Field, LayerKind } from "../../assembly/abi.ts";
import { refuse } from "../check.ts";
import type { Random } from "../random.ts";
import { type Shape, shapeText } from "../shape.ts";

/** A named part of θ, row-major. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The most steps that an inner loop has, and so the most that a norm has a scale and shift for. */
export const MOST_STEPS = 10_000;

/** One layer of a network: an immutable value, made by `dense`, `conv2d`, `activation`, `batchNorm` …. */
export interface Layer {
  /** Its own name and options: what a saved file says of it. */
  readonly spec: Readonly<Record<string, unknown>> & { readonly kind: string };
  /** The core's number for it. */
  readonly code: LayerKind;
  /** The shape of inputs that it was declared for, if any: a model needs it of its first layer. */
  readonly inShape: Shape | undefined;
  /** Whether a row's output depends on the other rows of its batch. */
  readonly couplesRows: boolean;
  /** Of a batch norm: whose statistics a query set is normalized by. */
  readonly statistics?: "batch" | "support";
  /** Of a norm with a scale and shift for each inner step: the last step that has its own. */
  readonly perStep?: number;
  /** Whether its parameters adapt in the inner loop, where an algorithm does not name the layers that do. */
  readonly adapts: boolean;
  /**
   * Shape of a row of the output, for inputs of that shape.
   *
   * @throws {RangeError} inputs that it cannot take: `dense: expected a flat input (put flatten() before), got "7×7×64"`
   */
  outShape(inShape: Shape): Shape;
  tensors(inShape: Shape): readonly TensorSpec[];
  /** Draws initial values into a view of the layer's part of θ. */
  initialize(inShape: Shape, parameters: Float32Array, random: Random): void;
  /** What the core computes with that is no parameter: runs of numbers, which a plan lays out. */
  constants?(): readonly ArrayLike<number>[];
  /** What the core must know besides shapes. */
  words(inShape: Shape): Readonly<Partial<Record<Field, number>>>;
}

/** What most layers are: no parameters, nothing declared, the shape kept. */
export const plain = {
  inShape: undefined,
  couplesRows: false,
  adapts: true,
  outShape: (inShape: Shape) => inShape,
  tensors: () => [],
  initialize() {},
  words: () => ({}),
};

/** Whether it is a norm with a scale and shift for each inner step. */
export function isStepNorm(layer: Layer): layer is Layer & { readonly perStep: number } {
  return layer.perStep !== undefined;
}

/** Inputs of the shape that was declared, if any was. */
export function checkDeclared(kind: string, declared: Shape | undefined, inShape: Shape): void {
  if (declared && String(declared) !== String(inShape))
    refuse("sequential", `${kind} for inputs of ${shapeText(inShape)}`, shapeText(declared));
}

/** n, of a row that is no image. */
export function checkFlat(kind: string, inShape: Shape): number {
  if (inShape.length !== 1) refuse(kind, "a flat input (put flatten() before)", shapeText(inShape));
  return inShape[0];
}
