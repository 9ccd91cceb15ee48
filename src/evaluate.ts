import { checkTask } from "./batch.ts";
import { checkInteger, checkOptions, refuse, refuseKind } from "./check.ts";
import { median } from "./data/median.ts";
import { Learner } from "./learner.ts";
import { Random } from "./random.ts";
import { EVALUATION } from "./streams.ts";
import type { Task, TaskDistribution } from "./task.ts";

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** How many tasks to draw; default 100. Not with a list of tasks. */
  readonly tasks?: number;
  /** Numbers of adaptation steps to try; more than trained for are allowed. Default [0, 1, 5]. */
  readonly steps?: readonly number[];
  /**
   * Which tasks are drawn; default the learner's seed. Evaluation never draws a task of the training. Not with a list of tasks.
   */
  readonly seed?: number;
}

/** How well tasks are solved after a number of adaptation steps. */
export interface Evaluation {
  readonly steps: number;
  /** Mean over tasks of the query loss. */
  readonly loss: number;
  /** ± half of the 95 % interval of that mean: 1.96 standard errors. NaN for a single task. */
  readonly interval: number;
  /** Median over tasks of the query loss: what a typical task gets, where a few diverging ones rule the mean. */
  readonly median: number;
  /** The query loss of each task, in the order they were drawn. */
  readonly losses: readonly number[];
  /** Mean over tasks of the share of right query predictions; for the cross-entropies. */
  readonly accuracy?: number;
  /** As `interval`, of the accuracy. */
  readonly accuracyInterval?: number;
}

/**
 * Adapts to tasks and judges the results on their query sets, for each number of steps. The learner stays as it is.
 *
 * With batch norm the query rows are normalized together: that is the transductive protocol, as in the code of Finn et al. 2017.
 *
 * @param tasks a distribution to draw from, or the tasks themselves
 * @throws {RangeError | TypeError} `evaluate: expected tasks ≥ 1, got 0`; a task that does not fit
 * @example
 * for (const { steps, loss, interval } of evaluate(learner, sinusoids(), { tasks: 600, steps: [0, 1, 5] }))
 *   console.log(`${steps} steps: ${loss} ± ${interval}`);
 */
export function evaluate(
  learner: Learner,
  tasks: TaskDistribution | readonly Task[],
  options: EvaluateOptions = {},
): Evaluation[] {
  if (!(learner instanceof Learner)) refuseKind("evaluate", "a learner", learner);
  checkOptions("evaluate", options, ["tasks", "steps", "seed"]);
  const { steps = [0, 1, 5] } = options;
  if (!Array.isArray(steps) || steps.length === 0) refuseKind("evaluate", "a list of steps", steps);
  for (const count of steps) checkInteger("evaluate", "steps", count, { min: 0 });
  const scores: Score[][] = steps.map(() => []);
  for (const task of tasksOf(tasks, options, learner.seed)) {
    checkTask("evaluate", "task", task, learner.internal.network);
    steps.forEach((count, i) => scores[i].push(score(learner, task, count)));
  }
  return steps.map((count, i) => summarize(count, scores[i]));
}

function* tasksOf(
  source: TaskDistribution | readonly Task[],
  options: EvaluateOptions,
  learnerSeed: number,
): Generator<Task> {
  if (Array.isArray(source)) {
    if (source.length === 0) refuse("evaluate", "at least one task", 0);
    if (options.tasks !== undefined)
      refuse("evaluate", "no count beside a list of tasks", options.tasks);
    if (options.seed !== undefined)
      refuse("evaluate", "no seed beside a list of tasks", options.seed);
    yield* source;
    return;
  }
  const distribution = source as TaskDistribution;
  if (typeof distribution?.sample !== "function")
    refuseKind("evaluate", "a distribution of tasks or a list of them", source);
  const { tasks = 100, seed = learnerSeed } = options;
  checkInteger("evaluate", "tasks", tasks, { min: 1 });
  checkInteger("evaluate", "seed", seed, { min: 0 });
  const random = new Random(seed).fork(EVALUATION);
  for (let i = 0; i < tasks; i++) yield distribution.sample(random.fork(i));
}

interface Score {
  readonly loss: number;
  readonly accuracy: number | undefined;
}

function score(learner: Learner, { support, query }: Task, steps: number): Score {
  const { network, algorithm } = learner.internal;
  const adapted = algorithm.adapt(support, steps);
  const loss = network.lossOf(adapted, query);
  if (!learner.loss.accuracy) return { loss, accuracy: undefined };
  const outputs = new Float32Array(query.rows * network.outSize);
  network.predict(adapted, query.inputs, outputs);
  return { loss, accuracy: learner.loss.accuracy(outputs, query.targets, network.outSize) };
}

function summarize(steps: number, scores: readonly Score[]): Evaluation {
  const losses = scores.map(({ loss }) => loss);
  const { mean: loss, interval } = meanAndInterval(losses);
  const summary = { steps, loss, interval, median: median(losses), losses };
  if (scores[0].accuracy === undefined) return summary;
  const { mean: accuracy, interval: accuracyInterval } = meanAndInterval(
    scores.map((each) => each.accuracy ?? 0),
  );
  return { ...summary, accuracy, accuracyInterval };
}

function meanAndInterval(values: readonly number[]): { mean: number; interval: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean, interval: n > 1 ? 1.96 * Math.sqrt(squares / (n - 1) / n) : NaN };
}
