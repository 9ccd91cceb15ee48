import type { Task } from "../index.ts";
import { writer } from "./print.ts";

/** What the error of a method is: RMSE = √(mean over groups of the mean squared error); the same without the root; or the share of rows whose class is wrong, shown as accuracy. */
export type Measure = "RMSE" | "MSE" | "accuracy";

/** How numbers that stand together are written. */
export interface Figures {
  value(error: number): string;
  /** Half of an interval. */
  half(interval: number): string;
  /** In a table on the screen. */
  cell(error: number, interval: number): string;
}

/** Smaller errors are better for every measure; what is shown need not be the error itself. */
export interface MeasureRow {
  /** "Root-mean-square error" */
  readonly title: string;
  readonly better: "lower is better" | "higher is better";
  /** One row of a task: from a prediction and its target. */
  error(predicted: number, target: number): number;
  /** The mean over groups, and its half-width, as one figure. */
  whole(mean: number, half: number): { readonly error: number; readonly interval: number };
  /** What people read in place of an error: the error, or the accuracy in percent. */
  shown(error: number): number;
  figures(errors: readonly number[]): Figures;
  /** The same for machines, under its name. */
  told(errors: readonly number[]): object;
  /** What people read, in a word; and how one stands to another: "20 % below", "12.5 points above". */
  readonly noun: "error" | "accuracy";
  difference(error: number, other: number): string;
  /** Behind the name: the target's unit, or percent. */
  unit(ofTarget: string): string;
  /** Behind a figure that stands alone. */
  readonly suffix: "" | " %";
  /** The largest that can be shown, where there is one. */
  readonly most?: number;
}

const squared = {
  better: "lower is better",
  error: (predicted, target) => (predicted - target) ** 2,
  whole: (error, interval) => ({ error, interval }),
  shown: (error) => error,
  told: (errors) => ({ errors }),
  suffix: "",
  unit: (ofTarget) => ofTarget,
  noun: "error",
  difference(error, other) {
    const ratio = error / other;
    if (!(ratio < 10)) return "far above";
    const whole = Math.round(100 * Math.abs(1 - ratio));
    return whole === 0 ? "as large as" : `${whole} % ${ratio < 1 ? "below" : "above"}`;
  },
  figures(errors) {
    const figure = writer(errors);
    return { value: figure, half: figure, cell: figure };
  },
} satisfies Omit<MeasureRow, "title">;

const percent: Figures = {
  value: (error) => (100 * (1 - error)).toFixed(1),
  half: (interval) => (100 * interval).toFixed(1),
  cell: (error, interval) => `${percent.value(error)} ± ${percent.half(interval)}`,
};

export const measures: Record<Measure, MeasureRow> = {
  MSE: { ...squared, title: "Mean squared error" },
  RMSE: {
    ...squared,
    title: "Root-mean-square error",
    // By the delta method: h/(2√mean).
    whole(mean, half) {
      const root = Math.sqrt(mean);
      return { error: root, interval: root > 0 ? half / (2 * root) : 0 };
    },
  },
  accuracy: {
    ...squared,
    title: "Accuracy",
    better: "higher is better",
    error: (predicted, target) => (predicted === target ? 0 : 1),
    suffix: " %",
    most: 100,
    shown: (error) => 100 * (1 - error),
    told: (errors) => ({ accuracies: errors.map((error) => 1 - error) }),
    unit: () => "%",
    noun: "accuracy",
    difference(error, other) {
      const points = Math.round(1000 * (other - error)) / 10;
      if (points === 0) return "as high as";
      return `${Math.abs(points).toFixed(1)} points ${points > 0 ? "above" : "below"}`;
    },
    figures: () => percent,
  },
};

/** Mean error over the query rows of a task. */
export function taskError(measure: Measure, predictions: ArrayLike<number>, task: Task): number {
  const { targets } = task.query;
  const { error } = measures[measure];
  let sum = 0;
  for (let i = 0; i < targets.length; i++) sum += error(predictions[i], targets[i]);
  return sum / targets.length;
}

/** "Root-mean-square error (years)", "Accuracy (%)" */
export function measureTitle(measure: Measure, ofTarget: string): string {
  const { title, unit } = measures[measure];
  return unit(ofTarget) ? `${title} (${unit(ofTarget)})` : title;
}

/** "RMSE, years", for an axis */
export function measureAxis(measure: Measure, ofTarget: string): string {
  const unit = measures[measure].unit(ofTarget);
  return unit ? `${measure}, ${unit}` : measure;
}
