import type { Memory, MemoryPart } from "./memory.ts";

/** A run of f32 in linear memory, with the operations of assembly/vector.ts. Each returns the vector it changed. */
export class Vector {
  readonly memory: Memory;
  /** Byte offset. */
  readonly pointer: number;
  readonly length: number;
  private cached: Float32Array | undefined;

  /** The run of that length at that byte offset; {@link Vector.allocate} makes a new one. */
  constructor(memory: Memory, length: number, pointer: number) {
    this.memory = memory;
    this.pointer = pointer;
    this.length = length;
  }

  /** A new run of zeros. Only while a learner is built. */
  static allocate(memory: Memory, length: number, part?: MemoryPart): Vector {
    return new Vector(memory, length, memory.allocate(length, part));
  }

  /** Elements `start` … `start + length − 1`, live. */
  part(start: number, length: number): Vector {
    const pointer = this.pointer + start * Float32Array.BYTES_PER_ELEMENT;
    return new Vector(this.memory, length, pointer);
  }

  /** The live elements. Before the memory is sealed a view may go stale; fetch it anew. */
  get view(): Float32Array {
    if (this.cached?.buffer !== this.memory.buffer)
      this.cached = new Float32Array(this.memory.buffer, this.pointer, this.length);
    return this.cached as Float32Array;
  }

  /** x ← value. */
  fill(value: number): this {
    this.memory.core.fill(this.length, value, this.pointer);
    return this;
  }

  /** this ← x. */
  copy(x: Vector): this {
    this.memory.core.copy(this.length, x.pointer, this.pointer);
    return this;
  }

  /** this ← αx; x may be this. */
  multiple(alpha: number, x: Vector): this {
    this.memory.core.multiple(this.length, alpha, x.pointer, this.pointer);
    return this;
  }

  /** this ← αx + this. */
  axpy(alpha: number, x: Vector): this {
    this.memory.core.axpy(this.length, alpha, x.pointer, this.pointer);
    return this;
  }

  /** this ← αx + y. */
  combine(alpha: number, x: Vector, y: Vector): this {
    this.memory.core.combine(this.length, alpha, x.pointer, y.pointer, this.pointer);
    return this;
  }

  /** this ← αx ⊙ y + w; any of them may be this. */
  hadamard(alpha: number, x: Vector, y: Vector, w: Vector): this {
    const [xs, ys, ws] = [x.pointer, y.pointer, w.pointer];
    this.memory.core.hadamard(this.length, alpha, xs, ys, ws, this.pointer);
    return this;
  }

  /** this ← αx ⊙ y. */
  product(alpha: number, x: Vector, y: Vector): this {
    this.memory.core.product(this.length, alpha, x.pointer, y.pointer, this.pointer);
    return this;
  }

  /** this ← αx / y, elementwise. */
  quotient(alpha: number, x: Vector, y: Vector): this {
    this.memory.core.quotient(this.length, alpha, x.pointer, y.pointer, this.pointer);
    return this;
  }

  /** this ← √(αx + β), elementwise. */
  root(alpha: number, x: Vector, beta: number): this {
    this.memory.core.root(this.length, alpha, x.pointer, beta, this.pointer);
    return this;
  }

  /** this ← tanh x, elementwise. */
  tanh(x: Vector): this {
    this.memory.core.tanhRun(this.length, x.pointer, this.pointer);
    return this;
  }

  /** this ← 1/(1 + e⁻ˣ), elementwise. */
  sigmoid(x: Vector): this {
    this.memory.core.sigmoidRun(this.length, x.pointer, this.pointer);
    return this;
  }

  /** ‖this‖₂. */
  norm(): number {
    return Math.sqrt(this.dot(this));
  }

  /** this·x, summed in f64. */
  dot(x: Vector): number {
    return this.memory.core.dot(this.length, this.pointer, x.pointer);
  }
}
