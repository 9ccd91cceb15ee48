import type { Standardization } from "../index.ts";

/** From what the network sees to the data's units, for drawings of predicted numbers. */
export interface Axes {
  /** Set where there is one numeric input, so that a task can be drawn as a curve. */
  readonly input?: { readonly name: string; unscale(value: number): number };
  readonly target: {
    readonly name: string;
    readonly scale: number;
    unscale(value: number): number;
  };
}

export function axesOf({ inputs, target, unscale }: Standardization): Axes {
  const [first] = inputs;
  const one = inputs.length === 1 && "scale" in first ? first : undefined;
  return {
    input: one && { name: one.name, unscale: (value) => one.mean + one.scale * value },
    target: { name: target.name, scale: target.scale, unscale },
  };
}
