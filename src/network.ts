import { type BatchShape, totalWeight } from "./batch.ts";
import type { Loss } from "./loss.ts";
import type { Memory, MemoryPart } from "./memory.ts";
import {
  couplesRows,
  lengthInAll,
  type Model,
  type PlacedTensor,
  placeTensors,
  runsOf,
  stack,
} from "./model.ts";
import { type InputAdjoint, Plan } from "./plan.ts";
import type { Batch } from "./task.ts";
import { Vector } from "./vector.ts";

/** Rows that pass through the layers at a time, where rows do not depend on each other. */
const CHUNK_ROWS = 128;
/** Rows of the largest batch that a tape holds: few-shot support sets, at a tenth of the memory of a chunk and more. */
const TAPE_ROWS = 32;

/**
 * What a gradient computed on the way, kept for the Hessian-vector product at the same θ on the same batch, which is then spared a third
 * of its work. Made by {@link Network.tape}; batches of more than 32 rows are not held, and cost that third.
 */
export class Tape {
  readonly plan: Plan;
  /** What it holds, if anything. */
  batch: Batch | undefined;
  parameters: Vector | undefined;
  /** The core's pointer to row weights. */
  weights = 0;

  constructor(plan: Plan) {
    this.plan = plan;
  }
}

/** What a network is besides its model and loss. */
export interface NetworkOptions {
  /** Rows of the largest batch, for a model with batch norm. */
  readonly maxRows: number;
  /** The layers whose parameters adapt, by their index in the model; default all. See {@link Network.adapting}. */
  readonly layers?: readonly number[] | undefined;
  /** What {@link Network.vjp} or {@link Network.hvp} gives of the inputs. */
  readonly inputs?: InputAdjoint | undefined;
}

/**
 * A model and its loss in linear memory: whole-network passes for any parameters θ of the model. Batches of any number of rows go
 * through in chunks of at most 128; with batch norm, whose rows depend on each other, in one piece of at most `maxRows`.
 */
export class Network implements BatchShape {
  readonly memory: Memory;
  readonly model: Model;
  readonly loss: Loss;
  readonly inSize: number;
  readonly outSize: number;
  readonly targetSize: number;
  readonly maxRows: number;
  /** The tensors of θ in order: `0.weight`, `0.bias`, … */
  readonly tensors: readonly PlacedTensor[];
  readonly parameterCount: number;
  private readonly options: NetworkOptions;
  /** What {@link adapting} made. */
  private readonly partial = new Map<string, Network>();
  private readonly plan: Plan;
  /** Runs of θ, [start, length], whose parameters do not adapt. */
  private readonly fixed: readonly (readonly [number, number])[];

  constructor(memory: Memory, model: Model, loss: Loss, options: NetworkOptions) {
    const { maxRows } = options;
    const coupled = couplesRows(model);
    this.memory = memory;
    this.model = model;
    this.options = options;
    this.loss = loss;
    this.inSize = model.inSize;
    this.outSize = model.outSize;
    this.maxRows = coupled ? maxRows : Infinity;
    this.tensors = placeTensors(model);
    this.parameterCount = lengthInAll(this.tensors);
    this.fixed = runsOf(this.tensors.filter(({ layer }) => !this.adapts(layer)));
    this.plan = this.lay(coupled ? maxRows : CHUNK_ROWS);
    this.targetSize = this.plan.targetSize;
  }

  /**
   * The same network where only these layers adapt: `gradient` and `record` leave the others' parameters out (and do not go back further
   * than the first that adapts), `hvp` makes v zero there and gives the whole product. Only while the learner is built, as all
   * that follows up to `tape`.
   */
  adapting(layers: readonly number[] | undefined): Network {
    if (String(layers) === String(this.options.layers)) return this;
    const key = String(layers);
    const made = this.partial.get(key);
    if (made) return made;
    const options = { ...this.options, layers };
    const network = new Network(this.memory, this.model, this.loss, options);
    this.partial.set(key, network);
    return network;
  }

  /** The layers before layer i, as a network of its own whose θ is the first part of this one's; undefined where there is none. */
  below(layer: number): Network | undefined {
    const layers = this.model.layers.slice(0, layer);
    if (layers.length === 0) return undefined;
    return new Network(this.memory, stack(layers, this.model.inShape), this.loss, this.options);
  }

  /**
   * The layers from layer i on, of which those adapt (by their index here), as a network of its own whose θ is the last part of this
   * one's. Its `hvp` gives the inputs' part as well.
   */
  above(layer: number, adapting: readonly number[]): Network {
    const below = stack(this.model.layers.slice(0, layer), this.model.inShape);
    const model = stack(this.model.layers.slice(layer), below.outShape);
    const layers = adapting.map((each) => each - layer);
    const options = { ...this.options, layers, inputs: "tangent" } as const;
    return new Network(this.memory, model, this.loss, options);
  }

  /** A new vector of zeros in θ's layout. */
  vector(part?: MemoryPart): Vector {
    return Vector.allocate(this.memory, this.parameterCount, part);
  }

  /** That many of them. */
  vectors(count: number, part?: MemoryPart): Vector[] {
    return Array.from({ length: count }, () => this.vector(part));
  }

  /** A new tape. Cost: activations and gradients of 32 rows. */
  tape(): Tape {
    return new Tape(this.lay(Math.min(TAPE_ROWS, this.plan.capacity), "tapes"));
  }

  /** Outputs for rows of inputs.   out: rows×outSize; counted: as in {@link Batch}. */
  predict(
    parameters: Vector,
    inputs: ArrayLike<number>,
    out: Float32Array,
    counted?: number,
  ): Float32Array {
    const { capacity, pointer } = this.plan;
    const rows = out.length / this.outSize;
    for (let start = 0; start < rows; start += capacity) {
      const count = Math.min(rows - start, capacity);
      this.plan.stageInputs(inputs, start, count, counted);
      const from = this.memory.core.predict(pointer, count, parameters.pointer) >>> 0;
      const outputs = new Float32Array(this.memory.buffer, from, count * this.outSize);
      out.set(outputs, start * this.outSize);
    }
    return out;
  }

  /** What each layer got when these rows, one batch of them, went through: rows×size, live. */
  passed(
    parameters: Vector,
    inputs: ArrayLike<number>,
    rows: number,
  ): (layer: number) => Float32Array {
    this.plan.stageInputs(inputs, 0, rows);
    this.memory.core.predict(this.plan.pointer, rows, parameters.pointer);
    return (layer) => this.plan.input(layer, rows);
  }

  /** L(θ; batch). Cost: one forward pass. */
  lossOf(parameters: Vector, batch: Batch): number {
    const { core } = this.memory;
    const { capacity, pointer } = this.plan;
    const scale = 1 / totalWeight(batch.rows, batch.weights);
    let loss = 0;
    for (let start = 0; start < batch.rows; start += capacity) {
      const count = Math.min(batch.rows - start, capacity);
      const weights = this.plan.stage(batch, start, count);
      loss += core.loss(pointer, count, weights, scale, parameters.pointer);
    }
    return loss;
  }

  /** out += factor·∇L(θ; batch), factor ≠ 0; returns L(θ; batch). Cost: about three forward passes. */
  gradient(parameters: Vector, batch: Batch, out: Vector, factor = 1): number {
    const { core } = this.memory;
    const { capacity, pointer } = this.plan;
    const scale = 1 / totalWeight(batch.rows, batch.weights);
    let loss = 0;
    for (let start = 0; start < batch.rows; start += capacity) {
      const count = Math.min(batch.rows - start, capacity);
      const weights = this.plan.stage(batch, start, count);
      const theta = parameters.pointer;
      loss += core.gradient(pointer, count, weights, scale, factor, theta, out.pointer);
    }
    return loss;
  }

  /** As `gradient` with factor 1, and keeps on the tape what {@link hvp} can go on from. */
  record(parameters: Vector, batch: Batch, out: Vector, tape: Tape): number {
    const { plan } = tape;
    const holds = batch.rows <= plan.capacity;
    tape.batch = holds ? batch : undefined;
    tape.parameters = parameters;
    if (!holds) return this.gradient(parameters, batch, out);
    const scale = 1 / totalWeight(batch.rows, batch.weights);
    tape.weights = plan.stage(batch, 0, batch.rows);
    const [at, rows, weights] = [plan.pointer, batch.rows, tape.weights];
    return this.memory.core.gradient(at, rows, weights, scale, 1, parameters.pointer, out.pointer);
  }

  /**
   * out += ∇²L(θ; batch)·v, exact; out ≠ v. Cost: about two gradients, a third less with a tape. Where layers do not adapt, it
   * writes zeros to v itself first.
   *
   * @param tape as `record` left it at this θ, unchanged since, on this batch; one that holds anything else is not used
   * @param dInputs += d(v·∇L)/d inputs, rows×inSize, of a network made by `above`
   */
  hvp(
    parameters: Vector,
    batch: Batch,
    v: Vector,
    out: Vector,
    tape?: Tape,
    dInputs?: Float32Array,
  ): void {
    const { core } = this.memory;
    const scale = 1 / totalWeight(batch.rows, batch.weights);
    const theta = parameters.pointer;
    for (const [start, length] of this.fixed)
      core.fill(length, 0, v.pointer + start * Float32Array.BYTES_PER_ELEMENT);
    if (tape?.batch === batch && tape.parameters === parameters) {
      const { plan, weights } = tape;
      core.gradientTangent(plan.pointer, batch.rows, weights, scale, theta, v.pointer, out.pointer);
      if (dInputs) addTo(dInputs, 0, plan.inputAdjoint(batch.rows));
      return;
    }
    const { capacity, pointer } = this.plan;
    for (let start = 0; start < batch.rows; start += capacity) {
      const count = Math.min(batch.rows - start, capacity);
      const weights = this.plan.stage(batch, start, count);
      core.gradient(pointer, count, weights, scale, 1, theta, 0);
      core.gradientTangent(pointer, count, weights, scale, theta, v.pointer, out.pointer);
      if (dInputs) addTo(dInputs, start * this.inSize, this.plan.inputAdjoint(count));
    }
  }

  /**
   * out += (∂o/∂θ)ᵀ·d for the outputs o = network(inputs) and a cotangent d. Cost: about three forward passes.
   *
   * @param inputs rows×inSize
   * @param cotangent d, rows×outSize
   * @param dInputs takes (∂o/∂inputs)ᵀ·d, rows×inSize, of a network made with `inputs: "gradient"`
   */
  vjp(
    parameters: Vector,
    inputs: ArrayLike<number>,
    cotangent: Float32Array,
    out: Vector,
    dInputs?: Float32Array,
  ): void {
    const { core } = this.memory;
    const { capacity, pointer } = this.plan;
    const rows = cotangent.length / this.outSize;
    for (let start = 0; start < rows; start += capacity) {
      const count = Math.min(rows - start, capacity);
      this.plan.stageInputs(inputs, start, count);
      core.predict(pointer, count, parameters.pointer);
      const part = cotangent.subarray(start * this.outSize, (start + count) * this.outSize);
      this.plan.outputGradient(count).set(part);
      core.pullback(pointer, count, parameters.pointer, out.pointer);
      dInputs?.set(this.plan.inputAdjoint(count), start * this.inSize);
    }
  }

  private adapts(layer: number): boolean {
    return this.options.layers?.includes(layer) ?? true;
  }

  private lay(capacity: number, part?: MemoryPart): Plan {
    return new Plan(this.memory, this.model, this.loss, {
      capacity,
      adapts: (layer) => this.adapts(layer),
      inputs: this.options.inputs,
      part,
    });
  }
}

/** to[start …] += values. */
function addTo(to: Float32Array, start: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) to[start + i] += values[i];
}
