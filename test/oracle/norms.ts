/** Norms: what they are given, and what they do. */
import { div, reshape, sqrt, sub, tensor } from "./autograd.ts";
import type { Tensor } from "./autograd.ts";
import { batchNormalized, groupNormalized, imageOf, scaledAndShifted } from "./image.ts";
import type { Shape } from "./image.ts";

export type Norm = Options &
  (
    | { readonly kind: "batchNorm"; readonly perStep?: number }
    | { readonly kind: "layerNorm" }
    | { readonly kind: "groupNorm"; readonly groups: number }
    | {
        readonly kind: "frozenNorm";
        readonly mean: readonly number[];
        readonly variance: readonly number[];
      }
  );

interface Options {
  /** Whether there is a γ, a β; both where absent. */
  readonly scale?: boolean;
  readonly shift?: boolean;
  /** false: no step of an inner loop changes them. */
  readonly adapted?: boolean;
  readonly epsilon?: number;
}

export type NormTensor = "scale" | "shift";

const EPSILON = 1e-5;

export function isNorm(layer: { readonly kind: string }): layer is Norm {
  return ["batchNorm", "layerNorm", "groupNorm", "frozenNorm"].includes(layer.kind);
}

/** Of a norm with a scale and shift for each step, as `scale.1` …, the last step that has some. */
export function lastStepOf(layer: { readonly kind: string }): number | undefined {
  return "perStep" in layer ? (layer as { perStep?: number }).perStep : undefined;
}

/** What it has one of for each channel, in θ's order. */
export function normTensors(norm: Norm): (NormTensor | `${NormTensor}.${number}`)[] {
  const names = (["scale", "shift"] as const).filter((name) => norm[name] !== false);
  const later = Array.from({ length: lastStepOf(norm) ?? 0 }, (_, k) => k + 1);
  return [...names, ...later.flatMap((k) => names.map((name) => `${name}.${k}` as const))];
}

/** Outputs for rows of that shape. */
export function normed(
  norm: Norm,
  x: Tensor,
  shape: Shape,
  own: { readonly scale?: Tensor; readonly shift?: Tensor },
  counted?: number,
): Tensor {
  return scaledAndShifted(normalized(norm, x, shape, counted), shape, own.scale, own.shift);
}

function normalized(norm: Norm, x: Tensor, shape: Shape, counted?: number): Tensor {
  const { epsilon = EPSILON } = norm;
  if (norm.kind === "batchNorm") return batchNormalized(x, shape, epsilon, counted);
  if (norm.kind !== "frozenNorm")
    return groupNormalized(x, shape, epsilon, norm.kind === "groupNorm" ? norm.groups : 1);
  const channels = imageOf(shape)[2];
  const pixels = reshape(x, (x.rows * x.cols) / channels, channels);
  const deviation = sqrt(
    tensor(
      1,
      channels,
      norm.variance.map((each) => each + epsilon),
    ),
  );
  return reshape(div(sub(pixels, tensor(1, channels, norm.mean)), deviation), x.rows, x.cols);
}
