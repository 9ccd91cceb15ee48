import type { Algorithm, BoundAlgorithm } from "./algorithms/algorithm.ts";
import { checkBatch, checkRows, checkTask } from "./batch.ts";
import {
  checkArray,
  checkFloats,
  checkInteger,
  checkOptions,
  refuse,
  refuseKind,
} from "./check.ts";
import { instantiateCore, releaseCore } from "./core.ts";
import { checkLoss, type Loss } from "./loss.ts";
import { Memory } from "./memory.ts";
import { checkModel, type Model, tensorsOf } from "./model.ts";
import { Network } from "./network.ts";
import type { BoundOptimizer, Optimizer } from "./optimizers/optimizer.ts";
import { Random } from "./random.ts";
import { writeLearner } from "./saved.ts";
import { INITIALIZATION } from "./streams.ts";
import type { Batch, Task } from "./task.ts";
import { Vector } from "./vector.ts";

/** What {@link createLearner} takes. */
export interface LearnerOptions {
  readonly model: Model;
  readonly loss: Loss;
  readonly algorithm: Algorithm;
  readonly metaOptimizer: Optimizer;
  /** All randomness comes from it: initial parameters, tasks drawn by `metaTrain`. An integer, 0 ≤ seed < 2⁵³. */
  readonly seed: number;
  /** θ to start from, such as another learner's `parameters`; default: drawn as the model's layers say. */
  readonly parameters?: ArrayLike<number>;
  /** Rows of the largest batch, for a model with batch norm; other models take any. Default 1024. */
  readonly maxRows?: number;
  /** A compiled core; default the strict one. See `relaxedCore`. */
  readonly core?: WebAssembly.Module;
}

const OPTION_NAMES: readonly (keyof LearnerOptions)[] = [
  "model",
  "loss",
  "algorithm",
  "metaOptimizer",
  "seed",
  "parameters",
  "maxRows",
  "core",
];

/** Gradients from here on count as diverged: their squares, which Adam keeps, overflow f32. */
const MAX_NORM = 1.8e19;

/** A model adapted to one task. It stays what it is, whatever becomes of its learner. */
export interface Adapted {
  /** φ, in θ's layout. */
  readonly parameters: Float32Array;
  /** Outputs for rows of inputs, rows×outSize (logits for the cross-entropies). */
  predict(inputs: ArrayLike<number>): Float32Array;
}

/**
 * Builds a learner: a core of its own with all memory that it will ever need.
 *
 * Cost: about 0.1 ms besides memory and drawing the initial parameters.
 *
 * @throws {RangeError | TypeError} an option that is missing, unknown, of the wrong kind or size; a model too large for 4 GiB
 * @example
 * const learner = await createLearner({
 *   model: mlp({ sizes: [1, 40, 40, 1] }),
 *   loss: meanSquaredError(),
 *   algorithm: maml({ innerLearningRate: 0.01 }),
 *   metaOptimizer: adam({ learningRate: 0.001 }),
 *   seed: 1,
 * });
 */
export async function createLearner(options: LearnerOptions): Promise<Learner> {
  checkOptions("createLearner", options, OPTION_NAMES);
  const { model, loss, algorithm, metaOptimizer, seed, parameters, maxRows = 1024, core } = options;
  checkModel("createLearner", model);
  checkLoss("createLearner", loss);
  if (typeof algorithm?.bind !== "function") refuseKind("createLearner", "an algorithm", algorithm);
  if (typeof metaOptimizer?.allocate !== "function")
    refuseKind("createLearner", "an optimizer as metaOptimizer", metaOptimizer);
  checkInteger("createLearner", "seed", seed, { min: 0 });
  checkInteger("createLearner", "maxRows", maxRows, { min: 1, max: 0x1000000 });
  if (core !== undefined && !(core instanceof WebAssembly.Module))
    refuseKind("createLearner", "a compiled core", core);
  const learner = new Learner({ ...options, maxRows }, core ?? (await releaseCore()));
  if (parameters !== undefined)
    learner.parameters.set(checkParameters("createLearner", learner, parameters));
  return learner;
}

/** What learns to learn, and the only thing here that changes. Made by {@link createLearner} or `loadLearner`. */
export class Learner {
  readonly model: Model;
  readonly loss: Loss;
  readonly algorithm: Algorithm;
  readonly metaOptimizer: Optimizer;
  readonly seed: number;
  readonly maxRows: number;
  /** Meta-steps made so far. */
  step = 0;
  /** Words of the user's own that `save` keeps and `loadLearner` brings back. */
  metadata: Readonly<Record<string, string>> = {};
  /** What the rest of the library builds on; no part of the public interface. */
  readonly internal: {
    readonly network: Network;
    readonly algorithm: BoundAlgorithm;
    readonly optimizer: BoundOptimizer;
    readonly theta: Vector;
  };
  private readonly gradient: Vector;
  private readonly adapted: Vector;
  /** What an update changes, and room for what it was before. */
  private readonly undo: readonly { readonly live: Vector; readonly before: Vector }[];

  /** Use {@link createLearner}. */
  constructor(options: LearnerOptions & { maxRows: number }, core: WebAssembly.Module) {
    const { model, loss, algorithm, metaOptimizer, seed, maxRows } = options;
    this.model = model;
    this.loss = loss;
    this.algorithm = algorithm;
    this.metaOptimizer = metaOptimizer;
    this.seed = seed;
    this.maxRows = maxRows;
    const memory = new Memory(instantiateCore(core));
    const network = new Network(memory, model, loss, maxRows);
    const theta = network.vector();
    this.gradient = network.vector();
    this.adapted = network.vector();
    this.internal = {
      network,
      algorithm: algorithm.bind(network),
      optimizer: metaOptimizer.allocate(memory, theta.length),
      theta,
    };
    this.undo = [theta, ...Object.values(this.internal.optimizer.state)].map((live) => ({
      live,
      before: new Vector(memory, live.length),
    }));
    memory.seal();
    this.initialize(new Random(seed).fork(INITIALIZATION));
  }

  /** All that the outer loop learns: θ, then the algorithm's own. Live: it changes with every meta-step. */
  get metaParameters(): Float32Array {
    return this.internal.theta.view;
  }

  /** The learned start θ, layer by layer: W (inSize×outSize, row-major), b; a norm's scale, shift. Live. */
  get parameters(): Float32Array {
    return this.internal.theta.view;
  }

  /** Bytes of linear memory in use. */
  get bytes(): number {
    return this.internal.network.memory.bytes;
  }

  /**
   * The mean over tasks of d(query loss after adaptation)/d(metaParameters), and of that loss. Changes nothing.
   *
   * @throws {RangeError | TypeError} no task; a batch that does not fit, holds what is not finite, or targets out of range
   */
  metaGradient(tasks: readonly Task[]): { loss: number; gradient: Float32Array } {
    this.checkTasks("metaGradient", tasks);
    const loss = this.accumulate(tasks);
    return { loss, gradient: this.gradient.view.slice() };
  }

  /**
   * One step of the meta-optimizer along the meta-gradient of these tasks. Tasks are summed in the order given.
   *
   * @throws {DivergedError} loss or gradient not finite: then nothing has changed
   * @throws {RangeError | TypeError} as {@link metaGradient}
   */
  metaStep(tasks: readonly Task[]): { loss: number } {
    this.checkTasks("metaStep", tasks);
    const loss = this.accumulate(tasks);
    if (!Number.isFinite(loss)) throw new DivergedError(this.step, `loss ${loss}`);
    const norm = Math.sqrt(this.gradient.dot(this.gradient));
    if (!(norm < MAX_NORM)) throw new DivergedError(this.step, `a gradient of norm ${norm}`);
    this.update();
    this.step++;
    return { loss };
  }

  /** The meta-optimizer's step, taken back if it leaves θ not finite. */
  private update(): void {
    const { optimizer, theta } = this.internal;
    const { step } = optimizer;
    for (const { live, before } of this.undo) before.copy(live);
    optimizer.update(theta, this.gradient);
    if (Number.isFinite(theta.dot(theta))) return;
    for (const { live, before } of this.undo) live.copy(before);
    optimizer.step = step;
    throw new DivergedError(this.step, "parameters that are not");
  }

  /**
   * A model adapted to a task by `steps` inner steps on its support set (default: as many as trained for). θ stays as it is.
   *
   * @throws {RangeError | TypeError} `adapt: expected support.rows ≥ 1, got 0` …
   */
  adapt(support: Batch, options: { readonly steps?: number } = {}): Adapted {
    const { network, algorithm, theta } = this.internal;
    checkBatch("adapt", "support", support, network);
    checkOptions("adapt", options, ["steps"]);
    if (options.steps !== undefined) checkInteger("adapt", "steps", options.steps, { min: 0 });
    const parameters = algorithm.adapt(theta, support, options.steps).view.slice();
    return {
      parameters,
      predict: (inputs) => {
        this.adapted.view.set(parameters);
        return this.outputs(this.adapted, inputs);
      },
    };
  }

  /** Outputs of the start itself, θ, for rows of inputs: rows×outSize. */
  predict(inputs: ArrayLike<number>): Float32Array {
    return this.outputs(this.internal.theta, inputs);
  }

  /**
   * The whole learner as a safetensors file: tensors by name, and in the metadata all that is needed to adapt or to train on to the
   * same bits.
   *
   * @param options.metadata words of your own, kept beside; default the learner's `metadata`
   */
  save(options: { readonly metadata?: Readonly<Record<string, string>> } = {}): Uint8Array {
    checkOptions("save", options, ["metadata"]);
    return writeLearner(this, options.metadata ?? this.metadata);
  }

  /** θ ← values. */
  setParameters(values: ArrayLike<number>): void {
    this.parameters.set(checkParameters("setParameters", this, values));
  }

  private checkTasks(where: string, tasks: readonly Task[]): void {
    if (!Array.isArray(tasks)) refuseKind(where, "a list of tasks", tasks);
    if (tasks.length === 0) refuse(where, "at least one task", 0);
    for (const task of tasks) checkTask(where, "task", task, this.internal.network);
  }

  /** Leaves the mean meta-gradient in `gradient`; returns the mean loss. */
  private accumulate(tasks: readonly Task[]): number {
    const { algorithm, theta } = this.internal;
    this.gradient.fill(0);
    let loss = 0;
    for (const task of tasks)
      loss += algorithm.metaGradient(theta, task, this.gradient, 1 / tasks.length);
    return loss / tasks.length;
  }

  private outputs(parameters: Vector, inputs: ArrayLike<number>): Float32Array {
    const { network } = this.internal;
    checkArray("predict", "inputs", inputs);
    checkFloats("predict", "inputs", inputs);
    const rows = inputs.length / network.inSize;
    if (!Number.isInteger(rows))
      refuse("predict", `inputs.length a multiple of ${network.inSize}`, inputs.length);
    checkRows("predict", "inputs", rows, network.maxRows);
    return network.predict(parameters, inputs, new Float32Array(rows * network.outSize));
  }

  /** Draws θ, each layer from a stream of its own. */
  private initialize(random: Random): void {
    let [size, offset] = [this.model.inSize, 0];
    this.model.layers.forEach((layer, i) => {
      const count = tensorsOf(layer, size).reduce((sum, { length }) => sum + length, 0);
      layer.initialize(size, this.parameters.subarray(offset, offset + count), random.fork(i));
      offset += count;
      size = layer.outSize(size);
    });
  }
}

/** As many finite numbers as θ has. */
function checkParameters(where: string, { parameters }: Learner, values: ArrayLike<number>) {
  checkArray(where, "parameters", values, parameters.length);
  return checkFloats(where, "parameters", values);
}

/** Training went wrong at a meta-step: its loss or gradient was not finite. The learner is as it was before that step. */
export class DivergedError extends Error {
  /** Meta-steps that went well before it. */
  readonly step: number;

  constructor(step: number, what: string) {
    super(`metaStep: expected finite loss and gradient, got ${what} at meta-step ${step + 1}`);
    this.name = "DivergedError";
    this.step = step;
  }
}
