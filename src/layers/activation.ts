import { ActivationKind, Field, LayerKind } from "../../assembly/abi.ts";
import { checkOneOf } from "../check.ts";
import { type Layer, plain } from "./layer.ts";

/** By name, the core's numbers for them. */
export const activations = {
  linear: ActivationKind.Linear,
  relu: ActivationKind.Relu,
  leakyRelu: ActivationKind.LeakyRelu,
  tanh: ActivationKind.Tanh,
  sigmoid: ActivationKind.Sigmoid,
  softplus: ActivationKind.Softplus,
  gelu: ActivationKind.Gelu,
  silu: ActivationKind.Silu,
} as const;

/**
 *     relu max(z, 0)    leakyRelu max(z, z/100)    tanh    sigmoid 1/(1 + e⁻ᶻ)    softplus log(1 + eᶻ)    gelu zΦ(z)    silu z/(1 + e⁻ᶻ)    linear z
 *
 * `gelu` is the exact form. At the kinks of `relu` and `leakyRelu` the slope is the one below zero, the second derivative 0.
 */
export type ActivationName = keyof typeof activations;

/** a = σ(z), elementwise. */
export function activation(name: ActivationName): Layer {
  checkOneOf("activation", "name", name, Object.keys(activations));
  return Object.freeze({
    ...plain,
    spec: Object.freeze({ kind: "activation", name }),
    code: LayerKind.Activation,
    words: () => ({ [Field.Option]: activations[name] }),
  } satisfies Layer);
}
