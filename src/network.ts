import { Field, Header, LayerKind } from "../assembly/abi.ts";
import type { BatchShape } from "./batch.ts";
import { type Loss, targetSize } from "./loss.ts";
import type { Memory } from "./memory.ts";
import type { Layer, Model, TensorSpec } from "./model.ts";
import type { Batch } from "./task.ts";
import { Vector } from "./vector.ts";

/** Rows that pass through the layers at a time, where rows do not depend on each other. */
const CHUNK_ROWS = 128;
const WORD_BYTES = 4;
/** Up to here a loop copies faster than `TypedArray.set`. */
const SHORT_COPY = 32;

/** A tensor of θ and where it starts in it. */
export interface PlacedTensor extends TensorSpec {
  readonly offset: number;
  readonly length: number;
}

/**
 * A model and its loss, laid out in linear memory as the core's plan: whole-network passes for any parameters θ of the model.
 * Batches of any number of rows go through in chunks of at most 128; with batch norm, whose rows depend on each other, in one piece
 * of at most `maxRows`.
 */
export class Network implements BatchShape {
  readonly memory: Memory;
  readonly loss: Loss;
  readonly inSize: number;
  readonly outSize: number;
  readonly maxRows: number;
  /** The tensors of θ in order: `0.weight`, `0.bias`, … */
  readonly tensors: readonly PlacedTensor[];
  readonly parameterCount: number;
  private readonly chunkRows: number;
  private readonly plan: number;
  private readonly inputs: Vector;
  private readonly targets: Vector;
  private readonly weights: Vector;

  constructor(memory: Memory, model: Model, loss: Loss, maxRows: number) {
    const couplesRows = model.layers.some((layer) => layer.couplesRows);
    this.memory = memory;
    this.loss = loss;
    this.inSize = model.inSize;
    this.outSize = model.outSize;
    this.maxRows = couplesRows ? maxRows : Infinity;
    this.chunkRows = couplesRows ? maxRows : CHUNK_ROWS;
    this.tensors = placeTensors(model);
    this.parameterCount = this.tensors.reduce((sum, { length }) => sum + length, 0);
    this.inputs = new Vector(memory, this.chunkRows * model.inSize);
    this.targets = new Vector(memory, this.chunkRows * targetSize(loss, model.outSize));
    this.weights = new Vector(memory, this.chunkRows);
    this.plan = this.layOut(model);
  }

  /** A new vector of zeros in θ's layout. Only while the learner is built. */
  vector(): Vector {
    return new Vector(this.memory, this.parameterCount);
  }

  /** That many of them. */
  vectors(count: number): Vector[] {
    return Array.from({ length: count }, () => this.vector());
  }

  /** Outputs for rows of inputs.   out: rows×outSize. */
  predict(parameters: Vector, inputs: ArrayLike<number>, out: Float32Array): Float32Array {
    const rows = out.length / this.outSize;
    for (let start = 0; start < rows; start += this.chunkRows) {
      const count = Math.min(rows - start, this.chunkRows);
      stage(this.inputs.view, inputs, start * this.inSize, count * this.inSize);
      const pointer = this.memory.core.predict(this.plan, count, parameters.pointer) >>> 0;
      const outputs = new Float32Array(this.memory.buffer, pointer, count * this.outSize);
      out.set(outputs, start * this.outSize);
    }
    return out;
  }

  /** L(θ; batch). Cost: one forward pass. */
  lossOf(parameters: Vector, batch: Batch): number {
    const { core } = this.memory;
    const scale = 1 / totalWeight(batch);
    let loss = 0;
    for (let start = 0; start < batch.rows; start += this.chunkRows) {
      const count = this.stageChunk(batch, start);
      const weights = batch.weights ? this.weights.pointer : 0;
      loss += core.loss(this.plan, count, weights, scale, parameters.pointer);
    }
    return loss;
  }

  /** out += ∇L(θ; batch); returns L(θ; batch). Cost: about three forward passes. */
  gradient(parameters: Vector, batch: Batch, out: Vector): number {
    const { core } = this.memory;
    const scale = 1 / totalWeight(batch);
    let loss = 0;
    for (let start = 0; start < batch.rows; start += this.chunkRows) {
      const count = this.stageChunk(batch, start);
      const weights = batch.weights ? this.weights.pointer : 0;
      loss += core.gradient(this.plan, count, weights, scale, parameters.pointer, out.pointer);
    }
    return loss;
  }

  /** out += ∇²L(θ; batch)·v, exact; returns L(θ; batch). Cost: about two gradients. */
  hvp(parameters: Vector, batch: Batch, v: Vector, out: Vector): number {
    const { core } = this.memory;
    const scale = 1 / totalWeight(batch);
    let loss = 0;
    for (let start = 0; start < batch.rows; start += this.chunkRows) {
      const count = this.stageChunk(batch, start);
      const weights = batch.weights ? this.weights.pointer : 0;
      const [theta, to] = [parameters.pointer, out.pointer];
      loss += core.hvp(this.plan, count, weights, scale, theta, v.pointer, to);
    }
    return loss;
  }

  /** Copies the next rows of a batch to where the plan reads them; returns how many. */
  private stageChunk(batch: Batch, start: number): number {
    const count = Math.min(batch.rows - start, this.chunkRows);
    const perRow = targetSize(this.loss, this.outSize);
    stage(this.inputs.view, batch.inputs, start * this.inSize, count * this.inSize);
    stage(this.targets.view, batch.targets, start * perRow, count * perRow);
    if (batch.weights) stage(this.weights.view, batch.weights, start, count);
    return count;
  }

  /** Writes the plan; returns where it stands. */
  private layOut(model: Model): number {
    const { memory } = this;
    const records = model.layers.length + 1;
    const plan = memory.allocate(Header.Length + records * Field.Length);
    const words: number[] = new Array(Header.Length + records * Field.Length).fill(0);
    words[Header.Layers] = records;
    words[Header.Loss] = this.loss.code;
    words[Header.Targets] = this.targets.pointer;
    const input = Header.Length;
    words[input + Field.Kind] = LayerKind.Input;
    words[input + Field.Size] = model.inSize;
    words[input + Field.Value] = this.inputs.pointer;
    let [size, parameters] = [model.inSize, 0];
    // What comes before the first parameter has neither a tangent nor a gradient that anybody wants.
    let reached = false;
    model.layers.forEach((layer, i) => {
      const at = input + (i + 1) * Field.Length;
      const count = parameterCount(layer, size);
      reached ||= count > 0;
      words[at + Field.Kind] = layer.code;
      words[at + Field.Option] = layer.option;
      words[at + Field.Parameters] = parameters * WORD_BYTES;
      words[at + Field.Workspace] = memory.allocate(
        memory.core.workspaceFloats(layer.code, this.chunkRows, size),
      );
      size = layer.outSize(size);
      parameters += count;
      words[at + Field.Size] = size;
      words[at + Field.Value] = memory.allocate(this.chunkRows * size);
      for (const field of [Field.Gradient, Field.Tangent, Field.GradientTangent])
        words[at + field] = reached ? memory.allocate(this.chunkRows * size) : 0;
    });
    new Int32Array(memory.buffer, plan, words.length).set(words);
    return plan;
  }
}

/** Σ wᵢ, or the number of rows. */
function totalWeight({ rows, weights }: Batch): number {
  if (!weights) return rows;
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += weights[i];
  return sum;
}

/** to[0 … count − 1] ← from[start … start + count − 1]. */
function stage(to: Float32Array, from: ArrayLike<number>, start: number, count: number): void {
  if (count <= SHORT_COPY) for (let i = 0; i < count; i++) to[i] = from[start + i];
  else if (count === from.length) to.set(from);
  else if (ArrayBuffer.isView(from)) to.set((from as Float32Array).subarray(start, start + count));
  else for (let i = 0; i < count; i++) to[i] = from[start + i];
}

function parameterCount(layer: Layer, inSize: number): number {
  return layer.tensors(inSize).reduce((sum, { shape }) => sum + elements(shape), 0);
}

function placeTensors(model: Model): PlacedTensor[] {
  let [size, offset] = [model.inSize, 0];
  return model.layers.flatMap((layer, i) => {
    const placed = layer.tensors(size).map(({ name, shape }) => {
      const tensor = { name: `${i}.${name}`, shape, offset, length: elements(shape) };
      offset += tensor.length;
      return tensor;
    });
    size = layer.outSize(size);
    return placed;
  });
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
