import type { CurvePoint } from "./report-data.ts";

/** The training curve in at most 100 windows of equal length. It is kept in the model file, so that --resume goes on with it. */
export interface CurveState {
  readonly window: number;
  readonly sums: number[];
}

export const newCurve = (steps: number): CurveState => ({
  window: Math.max(1, Math.ceil(steps / 100)),
  sums: [],
});

/** `step` counts from 1. */
export function addLoss({ window, sums }: CurveState, step: number, loss: number): void {
  const index = Math.floor((step - 1) / window);
  sums[index] = (sums[index] ?? 0) + loss;
}

/** The mean loss of every window, at its last step. */
export const curvePoints = ({ window, sums }: CurveState, step: number): CurvePoint[] =>
  sums.map((sum, i) => {
    const last = Math.min((i + 1) * window, step);
    return { step: last, loss: sum / (last - i * window) };
  });
