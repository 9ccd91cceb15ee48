import { LossKind } from "../assembly/abi.ts";
import { refuse, refuseKind } from "./check.ts";

/** How far outputs are from targets: a mean over rows (and outputs). An immutable value. */
export interface Loss {
  readonly kind: "meanSquaredError" | "crossEntropy" | "binaryCrossEntropy";
  /** The core's number for it. */
  readonly code: LossKind;
  /** Whether targets are class indices, one a row. */
  readonly classes: boolean;
  /** Values a row of targets for a network of that many outputs. */
  targetSize(outSize: number): number;
  /**
   * Refuses finite targets that the loss does not take.
   *
   * @throws {RangeError} `adapt: expected targets from 0 to 1 (binaryCrossEntropy), got 2`
   */
  checkTargets(where: string, targets: ArrayLike<number>, outSize: number): void;
  /** Share of right predictions, all rows alike; absent where there is no right and wrong. */
  accuracy?(outputs: Float32Array, targets: ArrayLike<number>, outSize: number): number;
}

const meanSquared: Loss = /* @__PURE__ */ Object.freeze({
  kind: "meanSquaredError",
  code: LossKind.MeanSquaredError,
  classes: false,
  targetSize: (outSize) => outSize,
  checkTargets() {},
} satisfies Loss);

const cross: Loss = /* @__PURE__ */ Object.freeze({
  kind: "crossEntropy",
  code: LossKind.CrossEntropy,
  classes: true,
  targetSize: () => 1,
  checkTargets(where, targets, outSize) {
    for (let i = 0; i < targets.length; i++) {
      const t = targets[i];
      if (!(Number.isInteger(t) && t >= 0 && t < outSize))
        refuse(where, `targets whole and from 0 to ${outSize - 1} (crossEntropy)`, t);
    }
  },
  accuracy: largestIsTarget,
} satisfies Loss);

const binaryCross: Loss = /* @__PURE__ */ Object.freeze({
  kind: "binaryCrossEntropy",
  code: LossKind.BinaryCrossEntropy,
  classes: false,
  targetSize: (outSize) => outSize,
  checkTargets(where, targets) {
    for (let i = 0; i < targets.length; i++) {
      const t = targets[i];
      if (!(t >= 0 && t <= 1)) refuse(where, "targets from 0 to 1 (binaryCrossEntropy)", t);
    }
  },
  accuracy: onTargetsSide,
} satisfies Loss);

/**
 * L = mean over rows and outputs of (o − t)².   o, t: rows×outSize.
 *
 * With row weights w: Σᵢ wᵢ lᵢ / Σᵢ wᵢ, lᵢ the mean over row i's outputs.
 */
export function meanSquaredError(): Loss {
  return meanSquared;
}

/**
 * L = mean over rows of log Σⱼ exp oᵢⱼ − oᵢ,tᵢ: softmax and negative log-likelihood (natural logarithm) in one, from logits o:
 * rows×outSize. Targets: one class index, 0 … outSize − 1, a row. Row weights as in {@link meanSquaredError}.
 */
export function crossEntropy(): Loss {
  return cross;
}

/**
 * L = mean over rows and outputs of −t log σ(o) − (1 − t) log σ(−o), from logits o: rows×outSize; targets t in [0, 1], of the same
 * shape. Row weights as in {@link meanSquaredError}. For the accuracy an output is right on the target's side of 0: above it for t > ½.
 */
export function binaryCrossEntropy(): Loss {
  return binaryCross;
}

/**
 * A loss; returns it.
 *
 * @throws {TypeError} `createLearner: expected a loss, got undefined`
 */
export function checkLoss(where: string, loss: Loss): Loss {
  const answers = [loss?.targetSize, loss?.checkTargets];
  if (typeof loss?.code !== "number" || !answers.every((each) => typeof each === "function"))
    refuseKind(where, "a loss", loss);
  return loss;
}

/** Share of rows whose largest output is the target's; NaN is never right. */
function largestIsTarget(
  outputs: Float32Array,
  targets: ArrayLike<number>,
  outSize: number,
): number {
  let right = 0;
  for (let i = 0; i < targets.length; i++) {
    const row = outputs.subarray(i * outSize, (i + 1) * outSize);
    let best = 0;
    for (let j = 1; j < outSize; j++) if (row[j] > row[best]) best = j;
    if (best === targets[i] && !Number.isNaN(row[best])) right++;
  }
  return right / targets.length;
}

/** Share of outputs on the target's side of zero; NaN is never right. */
function onTargetsSide(outputs: Float32Array, targets: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < outputs.length; i++)
    if (targets[i] > 0.5 ? outputs[i] > 0 : outputs[i] <= 0) right++;
  return right / outputs.length;
}
