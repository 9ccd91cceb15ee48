/**
 * Constants that the core and its binding share: the one file that both asc and tsc compile.
 *
 * A plan is a header of `Header.Length` words (i32) and, behind it, one record of `Field.Length` words a layer; record 0 is the input.
 * Pointers are byte offsets into linear memory. A pointer of 0 means: identically zero (a tangent), or not wanted (a gradient).
 */

/** Words of a plan's header. */
export const enum Header {
  /** Records, the input's among them. */
  Layers = 0,
  /** A LossKind. */
  Loss = 1,
  /** Staged targets. */
  Targets = 2,
  Length = 4,
}

/** Words of a layer's record. */
export const enum Field {
  /** A LayerKind. */
  Kind = 0,
  /** Elements in a row of the output. */
  Size = 1,
  /** Byte offset of the layer's first parameter in θ. */
  Parameters = 2,
  /** What the kind needs besides: an ActivationKind, a DenseOption, or nothing. */
  Option = 3,
  /** Output, rows×size. */
  Value = 4,
  /** d loss / d output, rows×size. */
  Gradient = 5,
  /** Tangent of the output, rows×size. */
  Tangent = 6,
  /** Tangent of the gradient, rows×size. */
  GradientTangent = 7,
  /** The layer's own workspace. */
  Workspace = 8,
  /** 1: the layer's parameters do not adapt: its gradient leaves them out, and their tangent is zero. */
  Fixed = 9,
  Length = 12,
}

export const enum LayerKind {
  Input = 0,
  Dense = 1,
  Activation = 2,
  BatchNorm = 3,
  LayerNorm = 4,
  Context = 5,
}

export const enum DenseOption {
  Bias = 0,
  NoBias = 1,
}

export const enum ActivationKind {
  Linear = 0,
  Relu = 1,
  LeakyRelu = 2,
  Tanh = 3,
  Sigmoid = 4,
  Softplus = 5,
  Gelu = 6,
  Silu = 7,
}

export const enum LossKind {
  MeanSquaredError = 0,
  CrossEntropy = 1,
  BinaryCrossEntropy = 2,
}
