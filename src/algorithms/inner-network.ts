import { isStepNorm } from "../layers/layer.ts";
import type { Network } from "../network.ts";
import type { Batch } from "../task.ts";
import type { Vector } from "../vector.ts";
import type { Binding } from "./algorithm.ts";
import { adaptingOrAll, parametricLayers } from "./layers.ts";
import { rowBuffer } from "./row-buffer.ts";

/** Where an inner loop runs: in the whole network, or in its upper part where the lower one stays as it is. */
export interface InnerNetwork {
  readonly network: Network;
  /** Its part of θ, and of θ's gradient. */
  readonly parameters: Vector;
  readonly gradient: Vector;
  /** The support set as that network takes it. Valid until the next call. */
  features(support: Batch): Batch;
  /** All parameters of the whole network, with these of the inner loop in their place. Valid until the next call. */
  assemble(phi: Vector): Vector;
  /** What {@link Network.hvp} adds the features' part to, if they are not the inputs. */
  readonly dFeatures: Float32Array | undefined;
  /** Takes what `dFeatures` has gathered on to θ's gradient. */
  pullFeatures(support: Batch): void;
}

/**
 * The inner loop's place when those layers adapt. What is below the first of them is computed once a task, not at every step, and its part
 * of the meta-gradient likewise: the products gather what they say of the features, and one pass back takes that through the body.
 */
export function innerNetwork(
  binding: Binding,
  layers: readonly number[] | undefined,
): InnerNetwork {
  const { network, parameters, gradient } = binding;
  const first = layers?.[0] ?? 0;
  const below = network.model.layers.slice(0, first);
  // A norm that changes from step to step changes the features.
  const constant = !below.some(isStepNorm);
  const learned = layers && parametricLayers(network)[0] < first;
  const body = learned && constant ? network.below(first) : undefined;
  return layers && body ? aboveBody(binding, body, layers) : inPlace();

  function inPlace(): InnerNetwork {
    const same = <T>(value: T) => value;
    const inner = network.adapting(layers ?? adaptingOrAll(network));
    return {
      network: inner,
      parameters,
      gradient,
      features: same,
      assemble: same,
      dFeatures: undefined,
      pullFeatures() {},
    };
  }
}

function aboveBody(binding: Binding, body: Network, layers: readonly number[]): InnerNetwork {
  const { network, parameters, gradient } = binding;
  const head = network.above(layers[0], layers);
  const below = body.parameterCount;
  const assembled = network.vector("path");
  const place = assembled.part(below, head.parameterCount);
  const [buffer, dBuffer] = [rowBuffer(head.inSize), rowBuffer(head.inSize)];
  let dFeatures = dBuffer(0);
  return {
    network: head,
    parameters: parameters.part(below, head.parameterCount),
    gradient: gradient.part(below, head.parameterCount),
    features({ inputs, targets, rows, weights }) {
      dFeatures = dBuffer(rows).fill(0);
      const features = body.predict(parameters, inputs, buffer(rows));
      return { inputs: features, targets, rows, ...(weights && { weights }) };
    },
    assemble(phi) {
      assembled.copy(parameters);
      place.copy(phi);
      return assembled;
    },
    get dFeatures() {
      return dFeatures;
    },
    pullFeatures: (support) => body.vjp(parameters, support.inputs, dFeatures, gradient),
  };
}
