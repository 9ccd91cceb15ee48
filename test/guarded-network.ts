import { expect } from "vitest";
import { instantiateCore } from "../src/core.ts";
import { Memory } from "../src/memory.ts";
import type { Model } from "../src/model.ts";
import { Network, type Tape } from "../src/network.ts";
import type { Batch } from "../src/task.ts";
import type { Vector } from "../src/vector.ts";
import { core as module } from "./build.ts";
import { losses } from "./learners.ts";
import { modelOf } from "./library-model.ts";
import type { Objective } from "./oracle/meta.ts";
import type { AnyModel } from "./oracle/network.ts";

/** Floats kept free behind each run, besides what alignment leaves. */
const GUARD_FLOATS = 8;
const GUARD_WORD = 0x4b1d5afe;

/** A memory that knows which words belong to a run, and that no other word is ever written. */
class GuardedMemory extends Memory {
  readonly runs: { readonly start: number; readonly words: number }[] = [];
  private below = new Uint8Array();

  override allocate(floats: number): number {
    const start = super.allocate(floats + GUARD_FLOATS);
    this.runs.push({ start, words: floats });
    return start;
  }

  /** Writes a pattern to all that belongs to no run; keeps a copy of the core's own bytes below the first. */
  guard(): void {
    this.below = new Uint8Array(this.buffer, 0, this.runs[0].start).slice();
    this.between((words) => words.fill(GUARD_WORD));
  }

  check(): void {
    const below = new Uint8Array(this.buffer, 0, this.below.length);
    const at = this.below.findIndex((byte, i) => byte !== below[i]);
    if (at >= 0) expect.fail(`written at byte ${at}, where a pointer of 0 leads`);
    this.between((words) => {
      const harmed = words.findIndex((word) => word !== GUARD_WORD);
      if (harmed >= 0) expect.fail(`guard at byte ${words.byteOffset + 4 * harmed}`);
    });
  }

  private between(visit: (words: Int32Array) => void): void {
    let end = this.runs[0].start;
    for (const { start, words } of this.runs) {
      visit(new Int32Array(this.buffer, end, (start - end) / 4));
      end = start + 4 * words;
    }
    visit(new Int32Array(this.buffer, end));
  }
}

/**
 * A network of its own memory, whose passes are all run in the worst surroundings: before each, every word of workspace (whatever is
 * not a parameter vector or a plan) is NaN; after it, every word that belongs to no run is as it was, and so are θ and v.
 */
export class GuardedNetwork {
  readonly memory = new GuardedMemory(instantiateCore(module));
  readonly network: Network;
  readonly theta: Vector;
  private readonly v: Vector;
  private readonly out: Vector;
  private readonly tape: Tape;
  private readonly kept: Set<number>;

  /** Of a model of the oracle's or a ready one; `layers`: those that adapt, if not all. */
  constructor(
    { model, loss }: { model: AnyModel | Model; loss: Objective["loss"] },
    theta: Float32Array,
    maxRows = 1024,
    layers?: readonly number[],
  ) {
    const made = "outShape" in model ? model : modelOf(model);
    this.network = new Network(this.memory, made, losses[loss](), { maxRows, layers });
    this.tape = this.network.tape();
    [this.theta, this.v, this.out] = this.network.vectors(3);
    this.memory.guard();
    this.theta.view.set(theta);
    const plans = [this.network["plan"], this.tape.plan];
    this.kept = new Set([this.theta, this.v, this.out, ...plans].map(({ pointer }) => pointer));
  }

  loss(batch: Batch): number {
    return this.run(() => this.network.lossOf(this.theta, batch));
  }

  predict(inputs: ArrayLike<number>): Float32Array {
    const { inSize, outSize } = this.network;
    const out = new Float32Array((inputs.length / inSize) * outSize).fill(NaN);
    return this.run(() => this.network.predict(this.theta, inputs, out));
  }

  /** start + factor·∇L, and L; with a tape, from the tape's own plan, and factor 1. */
  gradient(batch: Batch, options: { start?: number; factor?: number; taped?: boolean } = {}) {
    const { start = 0, factor = 1, taped = false } = options;
    this.out.view.fill(start);
    const loss = this.run(() =>
      taped
        ? this.network.record(this.theta, batch, this.out, this.tape)
        : this.network.gradient(this.theta, batch, this.out, factor),
    );
    return { loss, gradient: this.out.view.slice() };
  }

  /** start + ∇²L·v; with a tape, as it is used: behind a gradient that fills it. */
  hvp(
    batch: Batch,
    v: Float32Array,
    options: { start?: number; taped?: boolean } = {},
  ): Float32Array {
    const { start = 0, taped = false } = options;
    this.v.view.set(v);
    const tape = taped ? this.tape : undefined;
    this.run(() => {
      if (tape) this.network.record(this.theta, batch, this.out, tape);
      this.out.view.fill(start);
      this.network.hvp(this.theta, batch, this.v, this.out, tape);
    });
    expect([...this.v.view], "v").toEqual([...v]);
    return this.out.view.slice();
  }

  private run<T>(pass: () => T): T {
    for (const { start, words } of this.memory.runs)
      if (!this.kept.has(start)) new Float32Array(this.memory.buffer, start, words).fill(NaN);
    const before = this.theta.view.slice();
    const result = pass();
    this.memory.check();
    expect(this.theta.view, "θ").toEqual(before);
    return result;
  }
}
