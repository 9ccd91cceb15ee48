import type { BoundAlgorithm } from "./algorithms/algorithm.ts";
import { checkRows, checkSupport, joined } from "./batch.ts";
import { checkArray, checkFloats, checkInteger, checkOptions, refuse } from "./check.ts";
import { isInductive } from "./inductive.ts";
import type { Model } from "./model.ts";
import type { Network } from "./network.ts";
import type { Batch } from "./task.ts";
import type { Vector } from "./vector.ts";

/** A model adapted to one task. It stays what it is, whatever becomes of what adapted it. */
export interface Adapted {
  /** φ, in θ's layout. Where norms take the support set's statistics, `predict` goes by that, too. */
  readonly parameters: Float32Array;
  /** Outputs for rows of inputs, rows×outSize (logits for the cross-entropies). */
  predict(inputs: ArrayLike<number>): Float32Array;
}

/** A learned start, and how it adapts to a task: what a learner is when it does not learn. Made by `loadAdapter` of `rvml/adapt`. */
export class Adapter {
  readonly model: Model;
  /** Words of the user's own, from the file. */
  metadata: Readonly<Record<string, string>> = {};
  /** @internal φ stands here for a pass through the network. */
  readonly room: Vector;
  private readonly network: Network;
  private readonly theta: Vector;
  private readonly algorithm: Pick<BoundAlgorithm, "adapt">;

  /** Use `loadAdapter`. */
  constructor(network: Network, theta: Vector, algorithm: Pick<BoundAlgorithm, "adapt">) {
    this.model = network.model;
    this.network = network;
    this.theta = theta;
    this.algorithm = algorithm;
    this.room = network.vector();
  }

  /**
   * A model adapted to a task by `steps` ≥ 0 inner steps on its support set (default: as many as trained for; more are allowed). θ stays as
   * it is. Cost: a gradient a step, and a copy of θ. Far from the tasks it was trained on it may diverge: then outputs are NaN.
   *
   * @throws {RangeError | TypeError} `adapt: expected support.rows ≥ 1, got 0` …
   */
  adapt(support: Batch, options: { readonly steps?: number } = {}): Adapted {
    const { network, algorithm } = this;
    checkSupport("adapt", "support", support, network);
    checkOptions("adapt", options, ["steps"]);
    if (options.steps !== undefined) checkInteger("adapt", "steps", options.steps, { min: 0 });
    const parameters = algorithm.adapt(support, options.steps).view.slice();
    const before = isInductive(network.model) ? Float32Array.from(support.inputs) : undefined;
    return {
      parameters,
      predict: (inputs) => {
        this.room.view.set(parameters);
        return this.outputs(this.room, inputs, before);
      },
    };
  }

  /**
   * Outputs of the start itself, θ, for rows of inputs: rows×outSize.
   *
   * @throws {RangeError} batch norm by the statistics of a support set, of which there is none: `adapt(support, { steps: 0 })` takes one
   */
  predict(inputs: ArrayLike<number>): Float32Array {
    if (isInductive(this.network.model))
      refuse("predict", "a support set to normalize by (see adapt)", undefined);
    return this.outputs(this.theta, inputs);
  }

  /** Normalized by the statistics of the rows `before`, if there are any. */
  private outputs(parameters: Vector, inputs: ArrayLike<number>, before?: Float32Array) {
    const { network } = this;
    const { inSize, outSize } = network;
    checkArray("predict", "inputs", inputs);
    checkFloats("predict", "inputs", inputs);
    if (inputs.length % inSize !== 0)
      refuse("predict", `inputs.length a multiple of ${inSize}`, inputs.length);
    const counted = before ? before.length / inSize : 0;
    const rows = inputs.length / inSize + counted;
    checkRows("predict", "inputs", rows, network.maxRows);
    const all = before ? joined(before, inputs) : inputs;
    const out = new Float32Array(rows * outSize);
    return network.predict(parameters, all, out, counted).subarray(counted * outSize);
  }
}
