import { LossKind } from "../assembly/abi.ts";
import { refuse } from "./check.ts";

/** How far outputs are from targets: a mean over rows (and outputs). An immutable value. */
export interface Loss {
  readonly kind: "meanSquaredError" | "crossEntropy" | "binaryCrossEntropy";
  /** The core's number for it. */
  readonly code: LossKind;
  /** Whether targets are class indices, one a row. */
  readonly classes: boolean;
}

/**
 * L = mean over rows and outputs of (o − t)².   o, t: rows×outSize.
 *
 * With row weights w: Σᵢ wᵢ lᵢ / Σᵢ wᵢ, lᵢ the mean over row i's outputs.
 */
export function meanSquaredError(): Loss {
  return { kind: "meanSquaredError", code: LossKind.MeanSquaredError, classes: false };
}

/**
 * L = mean over rows of log Σⱼ exp oᵢⱼ − oᵢ,tᵢ: softmax and negative log-likelihood (natural logarithm) in one, from logits o:
 * rows×outSize. Targets: one class index, 0 … outSize − 1, a row. Row weights as in {@link meanSquaredError}.
 */
export function crossEntropy(): Loss {
  return { kind: "crossEntropy", code: LossKind.CrossEntropy, classes: true };
}

/**
 * L = mean over rows and outputs of −t log σ(o) − (1 − t) log σ(−o), from logits o: rows×outSize; targets t in [0, 1], of the same
 * shape. Row weights as in {@link meanSquaredError}.
 */
export function binaryCrossEntropy(): Loss {
  return { kind: "binaryCrossEntropy", code: LossKind.BinaryCrossEntropy, classes: false };
}

/** Values a row of targets for a network of that many outputs. */
export function targetSize(loss: Loss, outSize: number): number {
  return loss.classes ? 1 : outSize;
}

/** Holds finite targets against what the loss takes. */
export function checkTargets(
  where: string,
  loss: Loss,
  outSize: number,
  targets: ArrayLike<number>,
): void {
  if (loss.kind === "meanSquaredError") return;
  const { classes } = loss;
  for (let i = 0; i < targets.length; i++) {
    const t = targets[i];
    if (classes ? Number.isInteger(t) && t >= 0 && t < outSize : t >= 0 && t <= 1) continue;
    const expected = classes ? `targets whole and from 0 to ${outSize - 1}` : "targets from 0 to 1";
    refuse(where, `${expected} (${loss.kind})`, t);
  }
}
