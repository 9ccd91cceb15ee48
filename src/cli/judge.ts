import type { Task } from "../index.ts";

/** A group kept away from training: its task, with other support rows each time, standardized as the network sees it. */
export interface HeldOut {
  readonly name: string;
  readonly tasks: readonly Task[];
}

/** One way to predict a task's query rows from its support rows. */
export interface Contender {
  readonly name: string;
  /** What it is, in a sentence for someone who meets it the first time. */
  readonly note: string;
  /** Whether more adaptation steps change what it predicts. */
  readonly adapts: boolean;
  /** Predictions for the task's query rows. */
  predict(task: Task, steps: number): ArrayLike<number>;
}

/** How the error is counted: RMSE = √(mean over groups of the mean squared error), or without the root. */
export type Measure = "RMSE" | "MSE";

export interface Scored {
  readonly name: string;
  readonly note: string;
  readonly adapts: boolean;
  /** One for each number of steps, in the target's own units. */
  readonly errors: readonly number[];
  /** 95 % half-widths of `errors`. */
  readonly intervals: readonly number[];
  /** perGroup[s][g]: the mean squared error after steps[s] on the tasks of group g. */
  readonly perGroup: readonly (readonly number[])[];
}

export interface Outcome {
  readonly measure: Measure;
  readonly steps: readonly number[];
  /** The number of steps that was trained for: the column to look at. */
  readonly innerSteps: number;
  readonly groups: readonly string[];
  readonly methods: readonly Scored[];
}

export interface JudgeOptions {
  readonly steps: readonly number[];
  readonly innerSteps: number;
  readonly measure: Measure;
  /** Standard deviation of the target: from standardized to its own units. */
  readonly unit: number;
}

/** Every contender on the same rows of the same tasks. */
export function judge(
  contenders: readonly Contender[],
  heldOut: readonly HeldOut[],
  { steps, innerSteps, measure, unit }: JudgeOptions,
): Outcome {
  const methods = contenders.map((contender) => {
    const perGroup = steps.map((count) =>
      heldOut.map(({ tasks }) => unit ** 2 * meanError(contender, tasks, count)),
    );
    const { name, note, adapts } = contender;
    const summaries = perGroup.map((errors) => summary(errors, measure));
    return {
      name,
      note,
      adapts,
      perGroup,
      errors: summaries.map(({ error }) => error),
      intervals: summaries.map(({ interval }) => interval),
    };
  });
  return { measure, steps, innerSteps, groups: heldOut.map(({ name }) => name), methods };
}

function meanError(contender: Contender, tasks: readonly Task[], steps: number): number {
  let sum = 0;
  for (const task of tasks) sum += squaredError(contender.predict(task, steps), task);
  return sum / tasks.length;
}

/** Mean over the query rows of (prediction − target)². */
export function squaredError(predictions: ArrayLike<number>, { query }: Task): number {
  let sum = 0;
  for (let i = 0; i < query.targets.length; i++) sum += (predictions[i] - query.targets[i]) ** 2;
  return sum / query.targets.length;
}

/** The mean over groups with its 95 % half-width 1.96 s/√n; through the root by the delta method, h/(2√mean). */
export function summary(
  squared: readonly number[],
  measure: Measure,
): { error: number; interval: number } {
  const n = squared.length;
  const mean = squared.reduce((sum, value) => sum + value, 0) / n;
  const variance =
    squared.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(n - 1, 1);
  const half = 1.96 * Math.sqrt(variance / n);
  if (measure === "MSE") return { error: mean, interval: half };
  const root = Math.sqrt(mean);
  return { error: root, interval: root > 0 ? half / (2 * root) : 0 };
}
