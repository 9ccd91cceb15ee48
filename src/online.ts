import type { Adapted } from "./adapter.ts";
import { checkRows, checkSupport, copyBatch, joined } from "./batch.ts";
import { ChangeDetector, type DetectOptions } from "./change-detector.ts";
import { checkInteger, checkNumber, checkOptions, refuse, refuseKind } from "./check.ts";
import { log } from "./math.ts";
import { isInductive } from "./inductive.ts";
import type { Network } from "./network.ts";
import type { Batch } from "./task.ts";
import type { Vector } from "./vector.ts";

/** Options of `learner.adaptOnline`: a window, a decay or both. */
export interface OnlineOptions {
  /** Rows to adapt on: the last so many. */
  readonly window?: number;
  /**
   * 0 < γ < 1: a row counts γ^age, age being the number of rows that came after it; an effective window of 1/(1 − γ) rows. Rows of less
   * than 2⁻¹⁰, together a thousandth of the weight, are dropped. Default: all rows of the window count alike.
   */
  readonly decay?: number;
  /** Inner steps; default: as many as trained for. */
  readonly steps?: number;
  /**
   * Looks for a change of the task, and forgets all rows before it: `{}` with the defaults; default: off. For rows that come in no order
   * but that of the tasks. Where a task's rows themselves drift, a short window or a decay follows without it.
   */
  readonly detect?: DetectOptions;
}

/** What {@link OnlineModel.observe} tells of rows. */
export interface Observation {
  /** Their loss before the model has adapted to them: an honest judgment of it, as of rows that are still to come. */
  readonly loss: number;
  /** Whether a change was detected; at most one for all the rows. */
  readonly changed: boolean;
  /** Rows that the model is now adapted to. */
  readonly rows: number;
}

/** What an online model needs of its learner. */
interface Host {
  readonly internal: { readonly network: Network };
  /** θ, live. */
  readonly parameters: Float32Array;
  predict(inputs: ArrayLike<number>): Float32Array;
  adapt(support: Batch, options: { readonly steps: number | undefined }): Adapted;
}

/** A batch of our own. */
interface Rows extends Batch {
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
}

const NO_ROWS: Rows = { inputs: new Float32Array(0), targets: new Float32Array(0), rows: 0 };

/** What a row weighs at least, beside the newest: 2⁻¹⁰. */
const LEAST_WEIGHT_BITS = 10;

/**
 * A model that goes with a stream of rows: always what `learner.adapt` makes of the last rows, from the learner's θ, to the bit. θ stays
 * as it is. Before the first row, and after `reset`, it is the learner's start. Made by `learner.adaptOnline`.
 *
 * With `detect`, each row's loss, before the model adapts to it, goes through a test for a change: a sum of rank tests over all rows that
 * the change may have come with, free of any scale or distribution. As long as all orders of the losses are equally likely it gives a
 * false alarm once in `runLength` rows or more rarely; a model on a small window, poor for a while, gives up to nine times as many
 * (formula, proof, delays: src/change-detector.ts). At an alarm only the rows since the change are kept. Rows that meet the bare start are
 * not tested. Rows observed together meet the same model; the test takes them one by one, and after an alarm leaves the rest of them out.
 *
 * Cost of `observe`: one loss and inner steps on the whole window; of the test one forward pass a row, or, with batch norm, one of all
 * rows observed together.
 *
 * @example
 * const model = learner.adaptOnline({ window: 50, detect: {} });
 * for await (const rows of stream) {
 *   const { loss, changed } = model.observe(rows);
 *   if (changed) console.log("a new task");
 * }
 */
export class OnlineModel {
  private readonly host: Host;
  /** Where φ stands for a pass through the network. */
  private readonly room: Vector;
  private readonly options: OnlineOptions;
  /** Rows that are kept at most. */
  private readonly capacity: number;
  private readonly detector: ChangeDetector | undefined;
  private kept: Rows = NO_ROWS;
  /** None while no row is kept. */
  private adapted: Adapted | undefined;

  /** Use `learner.adaptOnline`. */
  constructor(options: OnlineOptions, host: Host, room: Vector) {
    this.capacity = checkOnline(options, host.internal.network);
    this.options = { ...options };
    this.host = host;
    this.room = room;
    if (options.detect !== undefined)
      this.detector = new ChangeDetector("adaptOnline", options.detect);
  }

  /** φ, in θ's layout. */
  get parameters(): Float32Array {
    return (this.adapted ?? this.host).parameters.slice();
  }

  /** Outputs for rows of inputs, rows×outSize (logits for the cross-entropies). */
  predict(inputs: ArrayLike<number>): Float32Array {
    return (this.adapted ?? this.host).predict(inputs);
  }

  /**
   * Judges the model by rows of which the targets have become known, then adapts it to them; oldest row first.
   *
   * @throws {RangeError | TypeError} `observe: expected rows.rows ≥ 1, got 0` …; then nothing has changed
   */
  observe(rows: Batch): Observation {
    const { network } = this.host.internal;
    checkSupport("observe", "rows", rows, network);
    if (rows.weights !== undefined)
      refuseKind("observe", "rows without weights (theirs go by age)", rows.weights);
    const added = copyBatch(rows);
    this.room.view.set((this.adapted ?? this.host).parameters);
    const loss = network.lossOf(this.room, added);
    const since = this.detector && this.adapted ? this.watch(this.detector, added) : 0;
    const kept = this.joined(added, since > 0 ? since : Infinity);
    this.adapted = this.host.adapt(this.support(kept), { steps: this.options.steps });
    this.kept = kept;
    return { loss, changed: since > 0, rows: kept.rows };
  }

  /** Forgets all rows: the model is the learner's start again. */
  reset(): void {
    this.kept = NO_ROWS;
    this.adapted = undefined;
    this.detector?.reset();
  }

  /** Shows the detector the losses of rows at the model in `room`; after an alarm: how many of the last rows come after the change, else 0. */
  private watch(detector: ChangeDetector, rows: Rows): number {
    for (let i = 0; i < rows.rows; i++) {
      const since = detector.add(lossOfRow(this.host.internal.network, this.room, rows, i));
      if (since === 0) continue;
      detector.reset();
      return since + rows.rows - 1 - i;
    }
    return 0;
  }

  /** The last rows, these at their end; no more than so many. */
  private joined({ inputs, targets, rows }: Rows, atMost: number): Rows {
    const count = Math.min(this.kept.rows + rows, this.capacity, atMost);
    return {
      inputs: lastOf(this.kept.inputs, inputs, (count * inputs.length) / rows),
      targets: lastOf(this.kept.targets, targets, (count * targets.length) / rows),
      rows: count,
    };
  }

  /** What the model adapts to. */
  private support(kept: Rows): Batch {
    const { decay } = this.options;
    if (decay === undefined) return kept;
    const weights = new Float32Array(kept.rows);
    for (let i = weights.length - 1, weight = 1; i >= 0; i--, weight *= decay) weights[i] = weight;
    return { ...kept, weights };
  }
}

/** How many rows are kept at most. */
function checkOnline(options: OnlineOptions, network: Network): number {
  checkOptions("adaptOnline", options, ["window", "decay", "steps", "detect"]);
  if (isInductive(network.model))
    refuse("adaptOnline", "batch norm by the statistics of the batch", "support");
  const { window, decay, steps } = options;
  if (window === undefined && decay === undefined)
    refuse("adaptOnline", "a window or a decay", options);
  if (window !== undefined) checkInteger("adaptOnline", "window", window, { min: 1 });
  if (decay !== undefined) checkNumber("adaptOnline", "decay", decay, { above: 0, below: 1 });
  if (steps !== undefined) checkInteger("adaptOnline", "steps", steps, { min: 0 });
  const heavy =
    decay === undefined ? Infinity : 1 + Math.floor((-LEAST_WEIGHT_BITS * Math.LN2) / log(decay));
  const capacity = Math.min(window ?? Infinity, heavy);
  checkRows(
    "adaptOnline",
    window === undefined ? "decay's window" : "window",
    capacity,
    network.maxRows,
  );
  return capacity;
}

/** The loss of one row; where rows depend on each other, among the others. */
function lossOfRow(network: Network, parameters: Vector, batch: Rows, row: number): number {
  const { inputs, targets, rows } = batch;
  if (network.maxRows < Infinity) {
    const weights = new Float32Array(rows);
    weights[row] = 1;
    return network.lossOf(parameters, { ...batch, weights });
  }
  const part = (values: Float32Array) => {
    const size = values.length / rows;
    return values.subarray(row * size, (row + 1) * size);
  };
  return network.lossOf(parameters, { inputs: part(inputs), targets: part(targets), rows: 1 });
}

/** The last `count` numbers of two runs, one behind the other. */
function lastOf(first: Float32Array, second: Float32Array, count: number): Float32Array {
  const both = joined(first, second);
  return both.slice(both.length - count);
}
