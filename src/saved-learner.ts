import type { TensorSpec } from "./layers/layer.ts";

/** Which form of the file this is. */
export const FORMAT_VERSION = 1;

/** Where in the file's metadata the learner stands; the user's own words stand beside it. */
export const LEARNER_KEY = "rvml";

/** A value by the name of what made it and the options that it was made with. */
export interface Spec {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The learner without its tensors, as JSON. */
export interface SavedLearner {
  readonly version: number;
  readonly model: readonly Readonly<Record<string, unknown>>[];
  readonly loss: string;
  readonly algorithm: Spec;
  readonly metaOptimizer: Spec;
  readonly seed: number;
  readonly maxRows: number;
  readonly onDivergence: string;
  readonly maxTaskNorm?: number | undefined;
  readonly step: number;
  /** Updates that the optimizer has made; null where its state is not in the file. */
  readonly optimizerStep: number | null;
}

/** Whether an option is itself such a value. */
export function isSpec(value: unknown): value is Spec {
  const { kind, options } = (value ?? {}) as Partial<Spec>;
  return typeof kind === "string" && typeof options === "object" && options !== null;
}

/** Tensors under the names that they have in a file. */
export const named = <T extends TensorSpec>(part: string, tensors: readonly T[]): T[] =>
  tensors.map((tensor) => ({ ...tensor, name: `${part}.${tensor.name}` }));
