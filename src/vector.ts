import type { Memory } from "./memory.ts";

/** A run of f32 in linear memory, with the operations of assembly/vector.ts. Each returns the vector it changed. */
export class Vector {
  readonly memory: Memory;
  /** Byte offset. */
  readonly pointer: number;
  readonly length: number;
  private cached: Float32Array | undefined;

  constructor(memory: Memory, length: number, pointer = memory.allocate(length)) {
    this.memory = memory;
    this.pointer = pointer;
    this.length = length;
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

  /** this ← αx ⊙ y + this. */
  hadamard(alpha: number, x: Vector, y: Vector): this {
    this.memory.core.hadamard(this.length, alpha, x.pointer, y.pointer, this.pointer);
    return this;
  }

  /** this·x, summed in f64. */
  dot(x: Vector): number {
    return this.memory.core.dot(this.length, this.pointer, x.pointer);
  }
}
