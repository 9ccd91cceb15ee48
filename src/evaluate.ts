import { checkTask } from "./batch.ts";
import { checkInteger, checkOptions, refuse, refuseKind } from "./check.ts";
import { median } from "./data/median.ts";
import { checkJudged, isInductive, withSupport } from "./inductive.ts";
import { Learner } from "./learner.ts";
import { couplesRows } from "./model.ts";
import { Random } from "./random.ts";
import { EVALUATION } from "./streams.ts";
import type { Batch, Task, TaskDistribution } from "./task.ts";
import type { Vector } from "./vector.ts";

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** How many tasks to draw; default 100. Not with a list of tasks. */
  readonly tasks?: number;
  /** Numbers of adaptation steps to try; more than trained for are allowed. Default [0, 1, 5]. */
  readonly steps?: readonly number[];
  /**
   * Which tasks are drawn; default the learner's seed. The stream is another than training's; of finite many tasks, as `groups` has, the same
   * may be drawn all the same: evaluate on those held out. Not with a list of tasks.
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
  /** Of models with batch norm, the query rows normalized by their own statistics: each helps to judge the others. */
  readonly transductive?: Judgement;
  /**
   * Of models with batch norm, the query rows normalized by the support set's statistics: each is judged by itself. Absent where `maxRows` has
   * no room for a task's support and query rows together.
   */
  readonly inductive?: Judgement;
}

/** The figures of an {@link Evaluation} by one protocol. */
export type Judgement = Pick<
  Evaluation,
  "loss" | "interval" | "median" | "losses" | "accuracy" | "accuracyInterval"
>;

/**
 * Adapts to tasks and judges the results on their query sets, for each number of steps. The learner stays as it is.
 *
 * Of a model with batch norm, both protocols are reported, the transductive one of Finn et al. 2017's code and the inductive one; the figures at
 * the top are those of the one that it was trained by (see `batchNorm`'s statistics).
 *
 * Cost: Σ steps gradients a task, each number of steps from the start, and a forward pass or two each. Nothing else runs meanwhile.
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
  const { network } = learner.internal;
  const scores: Scores[][] = steps.map(() => []);
  for (const task of tasksOf(tasks, options, learner.seed)) {
    checkTask("evaluate", "task", task, network);
    checkJudged("evaluate", network, task);
    steps.forEach((count, i) => scores[i].push(scoresOf(learner, task, count)));
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

/** How an adapted model does on a query set, by each protocol that there is. */
type Scores = { readonly own: Score } & { readonly [P in Protocol]?: Score };
type Protocol = "transductive" | "inductive";

function scoresOf(learner: Learner, { support, query }: Task, steps: number): Scores {
  const { network, algorithm } = learner.internal;
  const adapted = algorithm.adapt(support, steps);
  if (!couplesRows(learner.model)) return { own: score(learner, adapted, query) };
  const transductive = score(learner, adapted, query);
  const rows = support.rows + query.rows;
  // A learner with room for the batches of its own protocol alone is judged by that.
  if (rows > network.maxRows || query.counted) return { own: transductive, transductive };
  const inductive = score(learner, adapted, query, withSupport(support, query));
  return { own: isInductive(learner.model) ? inductive : transductive, transductive, inductive };
}

/** A query set's loss and accuracy; `batch` may hold other rows in front of it, for their statistics alone. */
function score(
  { internal, loss: kind }: Learner,
  adapted: Vector,
  query: Batch,
  batch = query,
): Score {
  const { network } = internal;
  const loss = network.lossOf(adapted, batch);
  if (!kind.accuracy) return { loss, accuracy: undefined };
  const outputs = new Float32Array(batch.rows * network.outSize);
  network.predict(adapted, batch.inputs, outputs, batch.counted);
  const judged = outputs.subarray((batch.rows - query.rows) * network.outSize);
  return { loss, accuracy: kind.accuracy(judged, query.targets, network.outSize) };
}

function summarize(steps: number, scores: readonly Scores[]): Evaluation {
  const by = (protocol: Protocol) =>
    scores.every((each) => each[protocol]) && {
      [protocol]: judge(scores.map((each) => each[protocol]!)),
    };
  const own = judge(scores.map((each) => each.own));
  return { steps, ...own, ...by("transductive"), ...by("inductive") };
}

function judge(scores: readonly Score[]): Judgement {
  const losses = scores.map(({ loss }) => loss);
  const { mean: loss, interval } = meanAndInterval(losses);
  const summary = { loss, interval, median: median(losses), losses };
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
