import type { Network } from "../network.ts";
import type { Vector } from "../vector.ts";

/** Vector operations on one tensor of θ at a time, without a vector for each. */
export interface Parts {
  /** How many tensors there are. */
  readonly length: number;
  /** Elements of tensor t. */
  size(t: number): number;
  /** z ← αx + y. */
  combine(t: number, alpha: number, x: Vector, y: Vector, z: Vector): void;
  /** y ← αx. */
  multiple(t: number, alpha: number, x: Vector, y: Vector): void;
  /** y ← x + β. */
  offset(t: number, x: Vector, beta: number, y: Vector): void;
  dot(t: number, x: Vector, y: Vector): number;
  sum(t: number, x: Vector): number;
}

/** The tensors of a network's θ. */
export function partsOf(network: Network): Parts {
  const { core } = network.memory;
  const { tensors } = network;
  const [sizes, offsets] = [
    tensors.map(({ length }) => length),
    tensors.map(({ offset }) => 4 * offset),
  ];
  return {
    length: tensors.length,
    size: (t) => sizes[t],
    combine: (t, alpha, x, y, z) =>
      core.combine(
        sizes[t],
        alpha,
        x.pointer + offsets[t],
        y.pointer + offsets[t],
        z.pointer + offsets[t],
      ),
    multiple: (t, alpha, x, y) =>
      core.multiple(sizes[t], alpha, x.pointer + offsets[t], y.pointer + offsets[t]),
    offset: (t, x, beta, y) =>
      core.offset(sizes[t], x.pointer + offsets[t], beta, y.pointer + offsets[t]),
    dot: (t, x, y) => core.dot(sizes[t], x.pointer + offsets[t], y.pointer + offsets[t]),
    sum: (t, x) => core.sum(sizes[t], x.pointer + offsets[t]),
  };
}
