import type { Task } from "../index.ts";
import { type Measure, measures, taskError } from "./measure.ts";

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
  /** Predictions for the task's query rows: numbers, or classes. */
  predict(task: Task, steps: number): ArrayLike<number>;
}

export interface Scored {
  readonly name: string;
  readonly note: string;
  readonly adapts: boolean;
  /** One for each number of steps, in the target's own units; of classes, the share that is wrong. */
  readonly errors: readonly number[];
  /** 95 % half-widths of `errors`. */
  readonly intervals: readonly number[];
  /** perGroup[s][g]: the mean error of a row after steps[s] on the tasks of group g, squared where the measure is. */
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
  /** Standard deviation of the target: from standardized to its own units; 1 for classes. */
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
      heldOut.map(({ tasks }) => unit ** 2 * meanError(contender, tasks, count, measure)),
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

function meanError(
  contender: Contender,
  tasks: readonly Task[],
  steps: number,
  measure: Measure,
): number {
  let sum = 0;
  for (const task of tasks) sum += taskError(measure, contender.predict(task, steps), task);
  return sum / tasks.length;
}

/** The mean over groups with its 95 % half-width 1.96 s/√n. */
export function summary(
  perGroup: readonly number[],
  measure: Measure,
): { error: number; interval: number } {
  const n = perGroup.length;
  const mean = perGroup.reduce((sum, value) => sum + value, 0) / n;
  const variance =
    perGroup.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(n - 1, 1);
  return measures[measure].whole(mean, 1.96 * Math.sqrt(variance / n));
}
