import { Field, Header, LayerKind } from "../assembly/abi.ts";
import type { Loss } from "./loss.ts";
import type { Memory, MemoryPart } from "./memory.ts";
import { type Model, tensorsOf } from "./model.ts";
import type { Batch } from "./task.ts";
import { Vector } from "./vector.ts";

const WORD_BYTES = 4;
/** A layer's runs are whole vectors long: elementwise passes write the last one whole. */
const LANES = 4;
/** Up to here a loop copies faster than `TypedArray.set`. */
const SHORT_COPY = 32;

/** What of the inputs is wanted: their gradient, or the tangent of it (as inputs that have no tangent themselves have one). */
export type InputAdjoint = "gradient" | "tangent";

/** What the passes over a plan are for. */
export interface PlanOptions {
  /** Rows of the largest piece. */
  readonly capacity: number;
  /** Whether the parameters of layer i adapt: only theirs are in the gradient, and only theirs have a tangent. */
  adapts(layer: number): boolean;
  /** Default: nothing. */
  readonly inputs?: InputAdjoint | undefined;
  readonly part?: MemoryPart | undefined;
}

/** A model and its loss laid out in linear memory for batches of up to `capacity` rows: what the core's passes run on. */
export class Plan {
  readonly capacity: number;
  private readonly memory: Memory;
  private readonly words: readonly number[];
  private readonly outSize: number;
  /** Byte offset of the core's plan. */
  readonly pointer: number;
  private readonly inputs: Vector;
  private readonly targets: Vector;
  private readonly rowWeights: Vector;
  private readonly inputAdjointOf: InputAdjoint | undefined;
  private readonly inSize: number;
  private readonly targetSize: number;

  constructor(memory: Memory, model: Model, loss: Loss, options: PlanOptions) {
    const { capacity, part } = options;
    this.memory = memory;
    this.capacity = capacity;
    this.inSize = model.inSize;
    this.targetSize = loss.targetSize(model.outSize);
    this.outSize = model.outSize;
    this.inputAdjointOf = options.inputs;
    this.inputs = Vector.allocate(memory, capacity * this.inSize, part);
    this.targets = Vector.allocate(memory, capacity * this.targetSize, part);
    this.rowWeights = Vector.allocate(memory, capacity, part);
    this.words = this.layOut(model, loss, options);
    this.pointer = memory.allocate(this.words.length, part);
    new Int32Array(memory.buffer, this.pointer, this.words.length).set(this.words);
  }

  /** Copies rows of inputs to where the passes read them. */
  stageInputs(inputs: ArrayLike<number>, start: number, rows: number): void {
    stage(this.inputs.view, inputs, start * this.inSize, rows * this.inSize);
  }

  /** Copies rows of a batch to where the passes read them; returns the core's pointer to row weights, 0 for none. */
  stage(batch: Batch, start: number, rows: number): number {
    this.stageInputs(batch.inputs, start, rows);
    stage(this.targets.view, batch.targets, start * this.targetSize, rows * this.targetSize);
    if (!batch.weights) return 0;
    stage(this.rowWeights.view, batch.weights, start, rows);
    return this.rowWeights.pointer;
  }

  /** d loss / d output of the first rows, live: rows×outSize. */
  outputGradient(rows: number): Float32Array {
    const at = Header.Length + (this.words[Header.Layers] - 1) * Field.Length;
    return this.floats(this.words[at + Field.Gradient], rows * this.outSize);
  }

  /** What was wanted of the first rows' inputs, live: rows×inSize. */
  inputAdjoint(rows: number): Float32Array {
    const field = this.inputAdjointOf === "gradient" ? Field.Gradient : Field.GradientTangent;
    return this.floats(this.words[Header.Length + field], rows * this.inSize);
  }

  private floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  /** The words of header and records, with all that they point to allocated. */
  private layOut(model: Model, loss: Loss, options: PlanOptions): number[] {
    const { adapts, inputs, part } = options;
    const { memory } = this;
    const floats = (count: number) => memory.allocate(Math.ceil(count / LANES) * LANES, part);
    const records = model.layers.length + 1;
    const words: number[] = new Array(Header.Length + records * Field.Length).fill(0);
    words[Header.Layers] = records;
    words[Header.Loss] = loss.code;
    words[Header.Targets] = this.targets.pointer;
    words[Header.Length + Field.Kind] = LayerKind.Input;
    words[Header.Length + Field.Size] = model.inSize;
    words[Header.Length + Field.Value] = this.inputs.pointer;
    const input = inputs === "gradient" ? Field.Gradient : Field.GradientTangent;
    if (inputs) words[Header.Length + input] = floats(this.capacity * this.inSize);
    let [size, parameters, varies] = [model.inSize, 0, inputs === "gradient"];
    model.layers.forEach((layer, i) => {
      const at = Header.Length + (i + 1) * Field.Length;
      const workspace = memory.core.workspaceFloats(layer.code, this.capacity, size);
      words[at + Field.Kind] = layer.code;
      words[at + Field.Option] = layer.option;
      words[at + Field.Parameters] = parameters * WORD_BYTES;
      words[at + Field.Workspace] = floats(workspace);
      const tensors = tensorsOf(layer, size);
      for (const { length } of tensors) parameters += length;
      size = layer.outSize(size);
      words[at + Field.Size] = size;
      words[at + Field.Value] = floats(this.capacity * size);
      words[at + Field.Fixed] = adapts(i) ? 0 : 1;
      varies ||= tensors.length > 0 && adapts(i);
      // Before the first parameter that adapts there is neither a gradient nor a tangent that anybody wants …
      if (varies) words[at + Field.Gradient] = floats(this.capacity * size);
      if (varies) words[at + Field.Tangent] = floats(this.capacity * size);
      // … but what adapts later depends on every parameter before it.
      if (varies || parameters > 0)
        words[at + Field.GradientTangent] = floats(this.capacity * size);
    });
    return words;
  }
}

/** to[0 … count − 1] ← from[start … start + count − 1]. */
function stage(to: Float32Array, from: ArrayLike<number>, start: number, count: number): void {
  if (count <= SHORT_COPY) for (let i = 0; i < count; i++) to[i] = from[start + i];
  else if (count === from.length) to.set(from);
  else if (ArrayBuffer.isView(from)) to.set((from as Float32Array).subarray(start, start + count));
  else for (let i = 0; i < count; i++) to[i] = from[start + i];
}
