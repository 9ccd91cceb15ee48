import { Field, Header, LayerKind } from "../assembly/abi.ts";
import type { Loss } from "./loss.ts";
import type { Memory } from "./memory.ts";
import { type Model, tensorsOf } from "./model.ts";
import type { Batch } from "./task.ts";
import { Vector } from "./vector.ts";

const WORD_BYTES = 4;
/** A layer's runs are whole vectors long: elementwise passes write the last one whole. */
const LANES = 4;
/** Up to here a loop copies faster than `TypedArray.set`. */
const SHORT_COPY = 32;

/** A model and its loss laid out in linear memory for batches of up to `capacity` rows: what the core's passes run on. */
export class Plan {
  readonly capacity: number;
  /** Byte offset of the core's plan. */
  readonly pointer: number;
  private readonly inputs: Vector;
  private readonly targets: Vector;
  private readonly rowWeights: Vector;
  private readonly inSize: number;
  private readonly targetSize: number;

  constructor(memory: Memory, model: Model, loss: Loss, capacity: number) {
    this.capacity = capacity;
    this.inSize = model.inSize;
    this.targetSize = loss.targetSize(model.outSize);
    this.inputs = new Vector(memory, capacity * this.inSize);
    this.targets = new Vector(memory, capacity * this.targetSize);
    this.rowWeights = new Vector(memory, capacity);
    const words = this.layOut(memory, model, loss);
    this.pointer = memory.allocate(words.length);
    new Int32Array(memory.buffer, this.pointer, words.length).set(words);
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

  /** The words of header and records, with all that they point to allocated. */
  private layOut(memory: Memory, model: Model, loss: Loss): number[] {
    const records = model.layers.length + 1;
    const words: number[] = new Array(Header.Length + records * Field.Length).fill(0);
    words[Header.Layers] = records;
    words[Header.Loss] = loss.code;
    words[Header.Targets] = this.targets.pointer;
    words[Header.Length + Field.Kind] = LayerKind.Input;
    words[Header.Length + Field.Size] = model.inSize;
    words[Header.Length + Field.Value] = this.inputs.pointer;
    let [size, parameters] = [model.inSize, 0];
    model.layers.forEach((layer, i) => {
      const at = Header.Length + (i + 1) * Field.Length;
      const workspace = memory.core.workspaceFloats(layer.code, this.capacity, size);
      words[at + Field.Kind] = layer.code;
      words[at + Field.Option] = layer.option;
      words[at + Field.Parameters] = parameters * WORD_BYTES;
      words[at + Field.Workspace] = memory.allocate(workspace);
      for (const { length } of tensorsOf(layer, size)) parameters += length;
      size = layer.outSize(size);
      words[at + Field.Size] = size;
      const run = Math.ceil((this.capacity * size) / LANES) * LANES;
      words[at + Field.Value] = memory.allocate(run);
      // What comes before the first parameter has neither a tangent nor a gradient that anybody wants.
      if (parameters === 0) return;
      words[at + Field.Gradient] = memory.allocate(run);
      words[at + Field.Tangent] = memory.allocate(run);
      words[at + Field.GradientTangent] = memory.allocate(run);
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
