import { type BatchShape, totalWeight } from "./batch.ts";
import type { Loss } from "./loss.ts";
import type { Memory } from "./memory.ts";
import { type Model, type PlacedTensor, placeTensors } from "./model.ts";
import { Plan } from "./plan.ts";
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

/**
 * A model and its loss in linear memory: whole-network passes for any parameters θ of the model. Batches of any number of rows go
 * through in chunks of at most 128; with batch norm, whose rows depend on each other, in one piece of at most `maxRows`.
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
  private readonly model: Model;
  private readonly plan: Plan;

  constructor(memory: Memory, model: Model, loss: Loss, maxRows: number) {
    const couplesRows = model.layers.some((layer) => layer.couplesRows);
    this.memory = memory;
    this.model = model;
    this.loss = loss;
    this.inSize = model.inSize;
    this.outSize = model.outSize;
    this.maxRows = couplesRows ? maxRows : Infinity;
    this.tensors = placeTensors(model);
    this.parameterCount = this.tensors.reduce((sum, { length }) => sum + length, 0);
    this.plan = new Plan(memory, model, loss, couplesRows ? maxRows : CHUNK_ROWS);
  }

  /** A new vector of zeros in θ's layout. Only while the learner is built, as the two below. */
  vector(): Vector {
    return new Vector(this.memory, this.parameterCount);
  }

  /** That many of them. */
  vectors(count: number): Vector[] {
    return Array.from({ length: count }, () => this.vector());
  }

  /** A new tape. Cost: activations and gradients of 32 rows. */
  tape(): Tape {
    const rows = Math.min(TAPE_ROWS, this.plan.capacity);
    return new Tape(new Plan(this.memory, this.model, this.loss, rows));
  }

  /** Outputs for rows of inputs.   out: rows×outSize. */
  predict(parameters: Vector, inputs: ArrayLike<number>, out: Float32Array): Float32Array {
    const { capacity, pointer } = this.plan;
    const rows = out.length / this.outSize;
    for (let start = 0; start < rows; start += capacity) {
      const count = Math.min(rows - start, capacity);
      this.plan.stageInputs(inputs, start, count);
      const from = this.memory.core.predict(pointer, count, parameters.pointer) >>> 0;
      const outputs = new Float32Array(this.memory.buffer, from, count * this.outSize);
      out.set(outputs, start * this.outSize);
    }
    return out;
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
   * out += ∇²L(θ; batch)·v, exact; out ≠ v. Cost: about two gradients, a third less with a tape.
   *
   * @param tape as `record` left it at this θ, unchanged since, on this batch; one that holds anything else is not used
   */
  hvp(parameters: Vector, batch: Batch, v: Vector, out: Vector, tape?: Tape): void {
    const { core } = this.memory;
    const scale = 1 / totalWeight(batch.rows, batch.weights);
    const theta = parameters.pointer;
    if (tape?.batch === batch && tape.parameters === parameters) {
      const { plan, weights } = tape;
      core.gradientTangent(plan.pointer, batch.rows, weights, scale, theta, v.pointer, out.pointer);
      return;
    }
    const { capacity, pointer } = this.plan;
    for (let start = 0; start < batch.rows; start += capacity) {
      const count = Math.min(batch.rows - start, capacity);
      const weights = this.plan.stage(batch, start, count);
      core.gradient(pointer, count, weights, scale, 1, theta, 0);
      core.gradientTangent(pointer, count, weights, scale, theta, v.pointer, out.pointer);
    }
  }
}
