import type { MemoryPart } from "./memory.ts";
import { lengthInAll, offsetsOf } from "./model.ts";
import type { Network } from "./network.ts";
import type { TensorSpec } from "./layers/layer.ts";
import { Vector } from "./vector.ts";

/** A vector in the layout of all that is learned: θ, then the algorithm's own tensors. */
export interface MetaVector {
  readonly whole: Vector;
  readonly parameters: Vector;
  readonly own: Vector;
}

/** A new one, of zeros. */
export function metaVector(
  network: Network,
  own: readonly TensorSpec[],
  part: MemoryPart,
): MetaVector {
  const { memory, parameterCount } = network;
  const rest = lengthInAll(offsetsOf(own));
  const whole = Vector.allocate(memory, parameterCount + rest, part);
  return {
    whole,
    parameters: whole.part(0, parameterCount),
    own: whole.part(parameterCount, rest),
  };
}
