import { Field, Header, LayerKind } from "../assembly/abi.ts";
import { copyRun } from "./batch.ts";
import type { Loss } from "./loss.ts";
import type { Memory, MemoryPart } from "./memory.ts";
import { type Model, placeLayers } from "./model.ts";
import { imageOf, lengthOf, type Shape } from "./shape.ts";
import type { Batch } from "./task.ts";
import { Vector } from "./vector.ts";

const WORD_BYTES = 4;
/** A layer's runs are whole vectors long: elementwise passes write the last one whole. */
const LANES = 4;

/** What of the inputs is wanted: their gradient, or the tangent of it (as inputs that have no tangent themselves have one). */
export type InputAdjoint = "gradient" | "tangent";

/** What the passes over a plan are for. */
export interface PlanOptions {
  /** Rows of the largest piece. */
  readonly capacity: number;
  /** Whether the parameters of layer i adapt: only theirs are in the gradient, and only theirs have a tangent. */
  readonly adapts: (layer: number) => boolean;
  /** Whether the rows may be of as many tasks, each normalized by itself. */
  readonly apart?: boolean | undefined;
  /** Default: nothing. */
  readonly inputs?: InputAdjoint | undefined;
  readonly part?: MemoryPart | undefined;
  /**
   * Another plan of as much capacity whose batch is this one's, too: what it stages stands here as well, all but how many rows
   * count. Default: a batch of its own.
   */
  readonly staged?: Plan | undefined;
}

/** A model and its loss laid out in linear memory for batches of up to `capacity` rows: what the core's passes run on. */
export class Plan {
  readonly capacity: number;
  /** Numbers a row of targets. */
  readonly targetSize: number;
  private readonly memory: Memory;
  private readonly words: number[];
  private readonly outSize: number;
  /** Byte offset of the core's plan. */
  readonly pointer: number;
  private cached: Int32Array | undefined;
  private readonly inputs: Vector;
  private readonly targets: Vector;
  private readonly rowWeights: Vector;
  private readonly inputAdjointOf: InputAdjoint | undefined;
  private readonly inSize: number;

  constructor(memory: Memory, model: Model, loss: Loss, options: PlanOptions) {
    const { capacity, part, staged } = options;
    this.memory = memory;
    this.capacity = capacity;
    this.inSize = model.inSize;
    this.targetSize = loss.targetSize(model.outSize);
    this.outSize = model.outSize;
    this.inputAdjointOf = options.inputs;
    const forRows = (width: number) => Vector.allocate(memory, capacity * width, part);
    this.inputs = staged?.inputs ?? forRows(this.inSize);
    this.targets = staged?.targets ?? forRows(this.targetSize);
    this.rowWeights = staged?.rowWeights ?? forRows(1);
    const records = model.layers.length + 1;
    this.words = new Array<number>(Header.Length + records * Field.Length).fill(0);
    this.pointer = memory.allocate(this.words.length, part);
    this.layOut(model, loss, options);
  }

  /** Copies rows of inputs to row `at` and the next; batch norm takes the statistics of the first `counted`, by default of all. */
  stageInputs(inputs: ArrayLike<number>, start: number, rows: number, counted = 0, at = 0): void {
    const { inSize } = this;
    copyRun(this.inputs.view, at * inSize, inputs, start * inSize, rows * inSize);
    this.live()[Header.Counted] = counted;
  }

  /** Copies rows of a batch to row `at` and the next; returns the core's pointer to row weights, 0 for none. */
  stage(batch: Batch, start: number, rows: number, at = 0): number {
    const { targetSize: size } = this;
    this.stageInputs(batch.inputs, start, rows, batch.counted, at);
    copyRun(this.targets.view, at * size, batch.targets, start * size, rows * size);
    if (!batch.weights) return 0;
    copyRun(this.rowWeights.view, at, batch.weights, start, rows);
    return this.rowWeights.pointer;
  }

  /** d loss / d output of the first rows, live: rows×outSize. */
  outputGradient(rows: number): Float32Array {
    const at = Header.Length + (this.words[Header.Layers] - 1) * Field.Length;
    return this.runAt(this.words[at + Field.Gradient], rows * this.outSize);
  }

  /** What layer i of the model got of the first rows, live: rows×size. */
  input(layer: number, rows: number): Float32Array {
    const at = Header.Length + layer * Field.Length;
    return this.runAt(this.words[at + Field.Value], rows * this.words[at + Field.Size]);
  }

  /** What was wanted of the first rows' inputs, live: rows×inSize. */
  inputAdjoint(rows: number): Float32Array {
    const field = this.inputAdjointOf === "gradient" ? Field.Gradient : Field.GradientTangent;
    return this.runAt(this.words[Header.Length + field], rows * this.inSize);
  }

  private runAt(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  /** Writes header and records, with all that they point to allocated. */
  private layOut(model: Model, loss: Loss, options: PlanOptions): void {
    const { adapts, inputs, part } = options;
    const { memory, words } = this;
    const allocate = (count: number) => memory.allocate(wholeVectors(count), part);
    words[Header.Layers] = model.layers.length + 1;
    words[Header.Loss] = loss.code;
    words[Header.Targets] = this.targets.pointer;
    words[Header.Length + Field.Kind] = LayerKind.Input;
    writeShape(words, Header.Length, model.inShape);
    words[Header.Length + Field.Value] = this.inputs.pointer;
    const input = inputs === "gradient" ? Field.Gradient : Field.GradientTangent;
    if (inputs) words[Header.Length + input] = allocate(this.capacity * this.inSize);
    let [learned, varies] = [false, inputs === "gradient"];
    placeLayers(model).forEach(({ layer, inShape, outShape, offset, length }, i) => {
      const at = Header.Length + (i + 1) * Field.Length;
      words[at + Field.Kind] = layer.code;
      writeShape(words, at, outShape);
      words[at + Field.Parameters] = offset * WORD_BYTES;
      words[at + Field.Fixed] = adapts(i) ? 0 : 1;
      for (const [field, value] of Object.entries(layer.words(inShape)))
        words[at + Number(field)] = value;
      learned ||= length > 0;
      varies ||= length > 0 && adapts(i);
      if (layer.constants)
        words[at + Field.Constants] = this.layOutRuns(layer.constants(), allocate);
      if (layer.code === LayerKind.Flatten) {
        for (const run of RUNS) words[at + run] = words[at - Field.Length + run];
        return;
      }
      const size = this.capacity * lengthOf(outShape);
      words[at + Field.Value] = allocate(size);
      // Before the first parameter that adapts there is neither a gradient nor a tangent that anybody wants …
      if (varies) words[at + Field.Gradient] = allocate(size);
      if (varies) words[at + Field.Tangent] = allocate(size);
      // … but what adapts later depends on every parameter before it.
      if (varies || learned) words[at + Field.GradientTangent] = allocate(size);
    });
    this.allocateWorkspaces(model.layers.length, options.apart ?? false, allocate);
  }

  /** Writes runs one behind the other, each on whole vectors; returns where the first starts. */
  private layOutRuns(
    runs: readonly ArrayLike<number>[],
    allocate: (count: number) => number,
  ): number {
    const start = allocate(runs.reduce((sum, { length }) => sum + wholeVectors(length), 0));
    let at = start;
    for (const run of runs) {
      this.runAt(at, run.length).set(run);
      at += wholeVectors(run.length) * WORD_BYTES;
    }
    return start;
  }

  /** What each layer needs for itself: the core says how much, by its record. */
  private allocateWorkspaces(
    layers: number,
    apart: boolean,
    allocate: (count: number) => number,
  ): void {
    const { memory, pointer, words } = this;
    this.live().set(words);
    for (let i = 1; i <= layers; i++) {
      const at = Header.Length + i * Field.Length;
      const [times, rows] = apart ? [this.capacity, 1] : [1, this.capacity];
      const count = times * memory.core.workspaceFloats(pointer + at * WORD_BYTES, rows);
      words[at + Field.Workspace] = allocate(count);
    }
    this.live().set(words);
  }

  /** The words as the core reads them. */
  private live(): Int32Array {
    if (this.cached?.buffer !== this.memory.buffer)
      this.cached = new Int32Array(this.memory.buffer, this.pointer, this.words.length);
    return this.cached;
  }
}

/** What a layer computes, each one run of memory. */
const RUNS = [Field.Value, Field.Gradient, Field.Tangent, Field.GradientTangent] as const;

/** So many elements, and those that fill up the last vector. */
const wholeVectors = (count: number) => Math.ceil(count / LANES) * LANES;

function writeShape(words: number[], at: number, shape: Shape): void {
  [words[at + Field.Height], words[at + Field.Width], words[at + Field.Channels]] = imageOf(shape);
  words[at + Field.Size] = lengthOf(shape);
}
