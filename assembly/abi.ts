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
  /** Rows, the first of a batch, whose statistics batch norm takes; 0: all. */
  Counted = 3,
  Length = 4,
}

/** Words of a layer's record. A row of its output is height×width×channels, channels last; 1×1×n where it is no image. */
export const enum Field {
  /** A LayerKind. */
  Kind = 0,
  /** Elements in a row of the output: height·width·channels. */
  Size = 1,
  Height = 2,
  Width = 3,
  Channels = 4,
  /** Byte offset of the layer's first parameter in θ. */
  Parameters = 5,
  /** What the kind needs besides: an ActivationKind, DenseOptions, NormOptions, or nothing. */
  Option = 6,
  /** Output, rows×size. */
  Value = 7,
  /** d loss / d output, rows×size. */
  Gradient = 8,
  /** Tangent of the output, rows×size. */
  Tangent = 9,
  /** Tangent of the gradient, rows×size. */
  GradientTangent = 10,
  /** The layer's own workspace. */
  Workspace = 11,
  /** 1: the layer's parameters do not adapt: its gradient leaves them out, and their tangent is zero. */
  Fixed = 12,
  /** ε of a norm, the bits of an f32. */
  Epsilon = 13,
  /** Window of a convolution or pool: its size, its steps, and how far it reaches out of the image at the top and on the left. */
  KernelHeight = 14,
  KernelWidth = 15,
  StrideHeight = 16,
  StrideWidth = 17,
  PaddingTop = 18,
  PaddingLeft = 19,
  /** Groups of channels of a group norm. */
  Groups = 20,
  /** What the kind computes with that is no parameter. */
  Constants = 21,
  Length = 22,
}

/**
 * Words of a block of tasks that adapt side by side (low-rank.ts); behind them stand the tapes of its steps, and that of the query.
 */
export const enum BlockField {
  Tasks = 0,
  /** K: tape k < K holds step k, tape K the query. */
  Steps = 1,
  /** Workspace: the product of one task's rows with another's of the same task. */
  Scratch = 2,
  /** A record in front of which there is room for another. */
  Segment = 3,
  /** θ-shaped zeros. */
  Zeros = 4,
  /** One f64 a task: its loss. */
  Losses = 5,
  Length = 6,
}

/** Words of a tape: one batch of each task, one behind the other. */
export const enum TapeField {
  Plan = 0,
  /** Rows a task. */
  Rows = 1,
  /** −α of this step: two f32 a record, of its W and of its b. */
  Rates = 2,
  /** Whether second derivatives are taken through this step. */
  Exact = 3,
  /** One f32 a row, or 0; and one a task, 1/Σ of its weights. */
  Weights = 4,
  Scales = 5,
  Length = 6,
}

export const enum LayerKind {
  Input = 0,
  Dense = 1,
  Activation = 2,
  BatchNorm = 3,
  /** Of one group: layer norm. */
  GroupNorm = 4,
  Context = 5,
  /** The same numbers under another shape: its runs are those of the layer before. */
  Flatten = 6,
  Conv2d = 7,
  MaxPool = 8,
  AveragePool = 9,
  FrozenNorm = 10,
}

export const enum DenseOption {
  Bias = 0,
  NoBias = 1,
}

/** Bits of a norm's option. */
export const enum NormOption {
  Scale = 1,
  Shift = 2,
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
