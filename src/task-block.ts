import { BlockField, Field, TapeField } from "../assembly/abi.ts";
import { totalWeight } from "./batch.ts";
import type { Memory } from "./memory.ts";
import type { Model } from "./model.ts";
import type { Network } from "./network.ts";
import { Plan } from "./plan.ts";
import type { Task } from "./task.ts";
import { Vector } from "./vector.ts";

/** Room for a record, with another in front of it. */
const SEGMENT_WORDS = 2 * Field.Length;
const SEGMENT_PLACE = 4 * Field.Length;

/** Where tape k's words begin. */
const wordOf = (k: number) => BlockField.Length + k * TapeField.Length;

/** What a {@link TaskBlock} is for. */
export interface TaskBlockOptions {
  /** K. */
  readonly steps: number;
  /** α. */
  readonly rate: number;
  /** Rows of all tasks of a block, of its support sets or of its query sets. */
  readonly rows: number;
  readonly adapts: (layer: number) => boolean;
}

/**
 * Tasks that adapt side by side on fast weights of low rank, which are never formed: assembly/low-rank.ts. Their support sets have as many
 * rows as each other, and so have their query sets.
 */
export class TaskBlock {
  private readonly memory: Memory;
  private readonly options: TaskBlockOptions;
  /** A tape for each step, and one for the query. */
  private readonly tapes: readonly Plan[];
  /** Of a task's support rows, and of its query rows: 1/Σ of their weights. */
  private readonly scales: { readonly support: Vector; readonly query: Vector };
  private readonly pointer: number;
  private readonly words: number[];
  private readonly losses: number;

  constructor(network: Network, options: TaskBlockOptions) {
    const { memory, model, loss } = network;
    const { steps, rows, adapts } = options;
    this.memory = memory;
    this.options = options;
    const plan = { capacity: rows, adapts, apart: true, part: "blocks" } as const;
    const query = new Plan(memory, model, loss, plan);
    // Every step reads the support sets where the first does.
    const tapes: Plan[] = [];
    for (let k = 0; k < steps; k++)
      tapes.push(new Plan(memory, model, loss, { ...plan, staged: tapes[0] }));
    this.tapes = [...tapes, query];
    const scales = () => Vector.allocate(memory, rows, "blocks");
    this.scales = { support: scales(), query: scales() };
    this.words = new Array<number>(BlockField.Length + (steps + 1) * TapeField.Length).fill(0);
    this.pointer = memory.allocate(this.words.length, "blocks");
    this.losses = memory.allocate(2 * rows, "blocks");
    this.words[BlockField.Steps] = steps;
    this.words[BlockField.Scratch] = memory.allocate(rows * rows, "blocks");
    this.words[BlockField.Segment] = memory.allocate(SEGMENT_WORDS, "blocks") + SEGMENT_PLACE;
    this.words[BlockField.Zeros] = network.vector("blocks").pointer;
    this.words[BlockField.Losses] = this.losses;
    const rates = this.ratesOf(model);
    this.tapes.forEach(({ pointer }, k) => {
      const at = wordOf(k);
      const set = k < steps ? "support" : "query";
      this.words[at + TapeField.Plan] = pointer;
      this.words[at + TapeField.Rates] = rates.pointer;
      this.words[at + TapeField.Scales] = this.scales[set].pointer;
    });
  }

  /** Stages tasks; `exact` says through which steps second derivatives are taken. */
  load(tasks: readonly Task[], exact: (k: number) => boolean): void {
    const { steps } = this.options;
    this.words[BlockField.Tasks] = tasks.length;
    const staged = { support: this.stage("support", tasks), query: this.stage("query", tasks) };
    for (let k = 0; k <= steps; k++) {
      const set = k < steps ? "support" : "query";
      const at = wordOf(k);
      this.words[at + TapeField.Rows] = tasks[0][set].rows;
      this.words[at + TapeField.Exact] = k < steps && exact(k) ? 1 : 0;
      this.words[at + TapeField.Weights] = staged[set];
    }
    new Int32Array(this.memory.buffer, this.pointer, this.words.length).set(this.words);
  }

  /** Adds factor times the meta-gradient, summed over the tasks; returns each one's loss (live, until the next call). */
  metaGradient(theta: Vector, factor: number, out: Vector): Float64Array {
    const { core } = this.memory;
    const { pointer } = this;
    const { steps } = this.options;
    for (let k = 0; k < steps; k++) core.lowRankGradient(pointer, k, theta.pointer, 1, 0);
    core.lowRankGradient(pointer, steps, theta.pointer, factor, out.pointer);
    for (let k = steps - 1; k >= 0; k--)
      if (this.words[wordOf(k) + TapeField.Exact])
        core.lowRankTangent(pointer, k, theta.pointer, out.pointer);
    core.lowRankSum(pointer, out.pointer);
    return new Float64Array(this.memory.buffer, this.losses, this.words[BlockField.Tasks]);
  }

  /** Copies every task's support or query set; returns the core's pointer to row weights, 0 for none. */
  private stage(set: "support" | "query", tasks: readonly Task[]): number {
    const { steps } = this.options;
    const tape = this.tapes[set === "support" ? 0 : steps];
    const weighted = tasks.some((task) => task[set].weights);
    let pointer = 0;
    tasks.forEach(({ [set]: batch }, t) => {
      const { rows, weights } = batch;
      const bare = weighted && !weights;
      const staged = bare ? { ...batch, weights: new Float32Array(rows).fill(1) } : batch;
      pointer = tape.stage(staged, 0, rows, t * rows);
      this.scales[set].view[t] = 1 / totalWeight(rows, weights);
    });
    return pointer;
  }

  /** −α for W and b of each record. */
  private ratesOf(model: Model): Vector {
    const rates = Vector.allocate(this.memory, 2 * (model.layers.length + 1), "blocks");
    model.layers.forEach((layer, i) => {
      rates.view[2 * (i + 1)] = -this.options.rate;
      rates.view[2 * (i + 1) + 1] = layer.spec.bias === false ? 0 : -this.options.rate;
    });
    return rates;
  }
}
