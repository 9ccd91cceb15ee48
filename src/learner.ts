import { Accumulator, type Mean } from "./accumulate.ts";
import type { Algorithm, Binding, BoundAlgorithm } from "./algorithms/algorithm.ts";
import { unrolled } from "./algorithms/unrolled.ts";
import { type Adapted, Adapter } from "./adapter.ts";
import { checkArray, checkFloats, checkOptions } from "./check.ts";
import { instantiateCore } from "./core.ts";
import { Guard } from "./guard.ts";
import { checkTasks } from "./inductive.ts";
import type { CompleteOptions } from "./learner-options.ts";
import type { Loss } from "./loss.ts";
import { Memory, type MemoryPart } from "./memory.ts";
import { metaVector } from "./meta-vector.ts";
import { MetaUpdate } from "./meta-update.ts";
import { type Model, offsetsOf, placeLayers } from "./model.ts";
import { Network } from "./network.ts";
import { OnlineModel, type OnlineOptions } from "./online.ts";
import type { BoundOptimizer, Optimizer } from "./optimizers/optimizer.ts";
import { Random } from "./random.ts";
import type { OwnTensor } from "./rules/rule.ts";
import type { Bytes } from "./safetensors.ts";
import { writeLearner } from "./saved.ts";
import { INITIALIZATION } from "./streams.ts";
import type { Batch, Task } from "./task.ts";
import type { Vector } from "./vector.ts";

/** What {@link Learner.metaGradient} gives. */
export interface MetaGradient {
  /** Mean over the tasks that count of the query loss after adaptation. */
  readonly loss: number;
  /** d loss/d metaParameters. */
  readonly gradient: Float32Array;
  /** Tasks that diverged, and were left out or clipped. */
  readonly diverged: number;
}

/** What learns to learn, and the only thing here that changes. Made by {@link createLearner} or `loadLearner`. */
export class Learner {
  readonly model: Model;
  readonly loss: Loss;
  readonly algorithm: Algorithm;
  readonly metaOptimizer: Optimizer;
  readonly seed: number;
  readonly maxRows: number;
  /** What becomes of a task that diverges. */
  readonly guard: Guard;
  /** Meta-steps made so far. */
  step = 0;
  /** Words of the user's own that `save` keeps and `loadLearner` brings back. */
  metadata: Readonly<Record<string, string>> = {};
  /** @internal What the rest of the library builds on; no part of the public interface. */
  readonly internal: {
    readonly network: Network;
    readonly algorithm: BoundAlgorithm;
    readonly optimizer: BoundOptimizer;
    /** θ. */
    readonly theta: Vector;
    /** θ, and behind it what the algorithm learns besides. */
    readonly meta: Vector;
    /** The algorithm's own tensors. */
    readonly own: readonly OwnTensor[];
    readonly core: WebAssembly.Module;
    /** What its meta-gradients are summed up by. */
    readonly accumulator: Accumulator;
    readonly update: MetaUpdate;
  };
  private readonly adapter: Adapter;

  /** Use {@link createLearner}. */
  constructor(options: CompleteOptions, core: WebAssembly.Module) {
    const { model, loss, algorithm, metaOptimizer, seed, maxRows } = options;
    this.model = model;
    this.loss = loss;
    this.algorithm = algorithm;
    this.metaOptimizer = metaOptimizer;
    this.seed = seed;
    this.maxRows = maxRows;
    this.guard = new Guard(options.onDivergence, options.maxTaskNorm);
    const memory = new Memory(instantiateCore(core));
    const network = new Network(memory, model, loss, { maxRows });
    const own = algorithm.own(network.tensors);
    const meta = metaVector(network, own, "metaParameters");
    // Mean meta-gradient over tasks, and what one task contributes.
    const { whole: gradient } = metaVector(network, own, "metaGradient");
    const contribution = metaVector(network, own, "metaGradient");
    const binding: Binding = {
      network,
      parameters: meta.parameters,
      own: meta.own,
      gradient: contribution.parameters,
      ownGradient: contribution.own,
      apart: this.guard.measures,
      unrolled: (unrolling) => unrolled(binding, unrolling),
    };
    const bound = algorithm.bind(binding);
    this.adapter = new Adapter(network, binding.parameters, bound);
    const optimizer = metaOptimizer.allocate(memory, meta.whole.length);
    this.internal = {
      network,
      algorithm: bound,
      optimizer,
      theta: meta.parameters,
      meta: meta.whole,
      own,
      core,
      accumulator: new Accumulator({
        algorithm: bound,
        guard: this.guard,
        contribution: contribution.whole,
        gradient,
      }),
      update: new MetaUpdate(meta.whole, optimizer),
    };
    memory.seal();
    this.initialize(new Random(seed).fork(INITIALIZATION));
  }

  /** Updates that the optimizer has made: fewer than `step`, if the learner comes from a file without its state. */
  get optimizerStep(): number {
    return this.internal.optimizer.step;
  }

  /** All that the outer loop learns: θ, then the algorithm's own. Live: it changes with every meta-step. */
  get metaParameters(): Float32Array {
    return this.internal.meta.view;
  }

  /** The learned start θ, layer by layer: W (inSize×outSize, row-major), b; a norm's scale, shift; a context. Live. */
  get parameters(): Float32Array {
    return this.internal.theta.view;
  }

  /**
   * Bytes of linear memory by what for, all of it taken when the learner is built: nothing grows in training.
   *
   *     core            what the core itself needs
   *     metaParameters  θ and the algorithm's own
   *     metaGradient    their gradient, summed and of one task
   *     metaOptimizer   the optimizer's state, and room to take a step back
   *     path            parameters and gradients of the inner loop: grows with innerSteps (with their root: `checkpoint`); what an
   *                     optimizer inside keeps (see reptile)
   *     tapes           what the steps keep for their second derivatives: grows likewise
   *     blocks          the same for up to 80 rows of tasks side by side, where they go so (see maml)
   *     workspace       activations and gradients of one piece of a batch, 128 rows, or maxRows with batch norm
   */
  get memory(): Readonly<Partial<Record<MemoryPart, number>>> & { readonly total: number } {
    const { bytes, bytesByPart } = this.internal.network.memory;
    return { ...bytesByPart, total: bytes };
  }

  /** What the algorithm has to say of the last task besides its loss, such as `implicitMaml`'s residual. */
  get report(): Readonly<Record<string, number>> {
    return this.internal.algorithm.report?.() ?? {};
  }

  /**
   * The mean over tasks of d(query loss after adaptation)/d(metaParameters), and of that loss. Changes nothing.
   *
   * A task that diverges, with policy `throw` and no `maxTaskNorm`, leaves NaN in both; `metaStep` then throws.
   *
   * @throws {DivergedError} a task over `maxTaskNorm` with policy `throw`; with `skip` or `clip`, all tasks diverging
   * @throws {RangeError | TypeError} no task; a batch that does not fit, holds what is not finite, or targets out of range
   */
  metaGradient(tasks: readonly Task[]): MetaGradient {
    const { network, accumulator } = this.internal;
    const own = checkTasks("metaGradient", tasks, network);
    const mean = accumulator.accumulate("metaGradient", own, this.step);
    return { ...mean, gradient: accumulator.gradient.view.slice() };
  }

  /**
   * One step of the meta-optimizer along the meta-gradient of these tasks. Tasks are summed in the order given.
   *
   * @throws {DivergedError} loss or gradient not finite: then nothing has changed
   * @throws {RangeError | TypeError} as {@link metaGradient}
   */
  metaStep(tasks: readonly Task[]): Mean {
    const { network, accumulator, update } = this.internal;
    const own = checkTasks("metaStep", tasks, network);
    const mean = accumulator.accumulate("metaStep", own, this.step);
    update.make(mean, accumulator.gradient, this.step);
    this.step++;
    return mean;
  }

  /**
   * A model adapted to a task by `steps` ≥ 0 inner steps on its support set (default: as many as trained for; more are allowed). θ stays as
   * it is. Cost: a gradient a step, and a copy of θ. Far from the tasks it was trained on it may diverge: then outputs are NaN.
   *
   * @throws {RangeError | TypeError} `adapt: expected support.rows ≥ 1, got 0` …
   */
  adapt(support: Batch, options: { readonly steps?: number } = {}): Adapted {
    return this.adapter.adapt(support, options);
  }

  /**
   * A model that stays adapted to the last rows of a stream, by a window or a decay of their weights. θ stays as it is.
   *
   * @throws {RangeError | TypeError} neither window nor decay; with batch norm, more rows than `maxRows`, or the statistics of a support set
   */
  adaptOnline(options: OnlineOptions): OnlineModel {
    return new OnlineModel(options, this, this.adapter.room);
  }

  /**
   * Outputs of the start itself, θ, for rows of inputs: rows×outSize.
   *
   * @throws {RangeError} batch norm by the statistics of a support set, of which there is none: `adapt(support, { steps: 0 })` takes one
   */
  predict(inputs: ArrayLike<number>): Float32Array {
    return this.adapter.predict(inputs);
  }

  /**
   * The whole learner as a safetensors file: tensors by name, and in the metadata all that is needed to adapt or to train on to the
   * same bits.
   *
   * @param options.metadata words of your own, kept beside; default the learner's `metadata`
   * @param options.optimizerState false leaves out the optimizer's state, with `adam` two thirds of the file: what is loaded adapts to the
   * same bits, and trains on from `step` by an optimizer as a new one is (state 0, step 0, its schedule from the start); default true
   * @throws {RangeError | TypeError} `save: expected optimizerState true or false, got 0`; metadata that could not be read back;
   * a number that is not finite
   * @example
   * await writeFile("model.safetensors", learner.save({ optimizerState: false })); // to adapt with
   */
  save(
    options: {
      readonly metadata?: Readonly<Record<string, string>>;
      readonly optimizerState?: boolean;
    } = {},
  ): Bytes {
    checkOptions("save", options, ["metadata", "optimizerState"]);
    const { metadata = this.metadata, optimizerState = true } = options;
    return writeLearner("save", this, metadata, optimizerState);
  }

  /**
   * θ ← values, in θ's layout: as many as `parameters` has.
   *
   * @throws {RangeError | TypeError} `setParameters: expected parameters.length 25, got 1`; values that are not finite in f32
   */
  setParameters(values: ArrayLike<number>): void {
    this.parameters.set(checkParameters("setParameters", this.parameters.length, values));
  }

  /** Draws θ, each layer from a stream of its own, then the algorithm's tensors likewise. */
  private initialize(random: Random): void {
    placeLayers(this.model).forEach(({ layer, inShape, offset, length }, i) =>
      layer.initialize(inShape, this.parameters.subarray(offset, offset + length), random.fork(i)),
    );
    const { own, theta } = this.internal;
    offsetsOf(own).forEach(({ offset, length }, i) => {
      const start = theta.length + offset;
      const values = this.metaParameters.subarray(start, start + length);
      own[i].initialize(values, random.fork(this.model.layers.length + i), this.parameters);
    });
  }
}

/** As many finite numbers as θ has. */
export function checkParameters(where: string, count: number, values: ArrayLike<number>) {
  checkArray(where, "parameters", values, count);
  return checkFloats(where, "parameters", values);
}
