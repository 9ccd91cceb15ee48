import type { Network } from "../network.ts";
import type { Batch } from "../task.ts";
import type { Vector } from "../vector.ts";
import type { Context } from "./algorithm.ts";
import { parametricLayers } from "./layers.ts";

/** Where an inner loop runs: in the whole network, or in its upper part where the lower one stays as it is. */
export interface Inner {
  readonly network: Network;
  /** Its part of θ, and of θ's gradient. */
  readonly parameters: Vector;
  readonly gradient: Vector;
  /** The support set as the network takes it. Valid until the next call. */
  enter(support: Batch): Batch;
  /** All parameters of the whole network with those of the inner loop in their place. Valid until the next call. */
  whole(parameters: Vector): Vector;
  /** += d(v·∇L)/d inputs: what {@link Network.hvp} adds to, if anything. */
  readonly dInputs: Float32Array | undefined;
  /** Takes what `dInputs` has gathered on to θ's gradient. */
  leave(support: Batch): void;
}

/**
 * The inner loop's place when those layers adapt. What is below the first of them is computed once a task, not at every step, and its part
 * of the meta-gradient likewise: the products gather what they say of the features, and one pass back takes that through the body.
 */
export function innerOf(context: Context, layers: readonly number[] | undefined): Inner {
  const { network, parameters, gradient } = context;
  const first = layers?.[0] ?? 0;
  const body = layers && parametricLayers(network)[0] < first ? network.below(first) : undefined;
  return layers && body ? aboveBody(context, body, layers) : inPlace();

  function inPlace(): Inner {
    const same = <T>(value: T) => value;
    const inner = network.adapting(layers);
    return {
      network: inner,
      parameters,
      gradient,
      enter: same,
      whole: same,
      dInputs: undefined,
      leave() {},
    };
  }
}

function aboveBody(context: Context, body: Network, layers: readonly number[]): Inner {
  const { network, parameters, gradient } = context;
  const head = network.above(layers[0], layers);
  const below = body.parameterCount;
  const assembled = network.vector("path");
  const place = assembled.part(below, head.parameterCount);
  let features = new Float32Array(0);
  let dFeatures = new Float32Array(0);
  return {
    network: head,
    parameters: parameters.part(below, head.parameterCount),
    gradient: gradient.part(below, head.parameterCount),
    enter(support) {
      const length = support.rows * head.inSize;
      if (features.length !== length) {
        features = new Float32Array(length);
        dFeatures = new Float32Array(length);
      }
      dFeatures.fill(0);
      return { ...support, inputs: body.predict(parameters, support.inputs, features) };
    },
    whole(phi) {
      assembled.copy(parameters);
      place.copy(phi);
      return assembled;
    },
    get dInputs() {
      return dFeatures;
    },
    leave: (support) => body.vjp(parameters, support.inputs, dFeatures, gradient),
  };
}
