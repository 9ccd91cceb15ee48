import type { Learner, Task } from "../index.ts";
import type { Axes } from "./axes.ts";
import { extent } from "./extent.ts";
import { type HeldOut, summary } from "./judge.ts";
import { taskError } from "./measure.ts";
import type { Panel, Pictures, Point } from "./report-data.ts";
import type { Words } from "./source.ts";

/** The first task of up to `count` held-out groups, spread evenly over all of them. */
export function panels(
  learner: Learner,
  heldOut: readonly HeldOut[],
  axes: Axes,
  {
    steps,
    words: { measure, group },
    count = 6,
  }: { steps: number; words: Pick<Words, "measure" | "group">; count?: number },
): Pictures {
  const shown = Math.min(count, heldOut.length);
  const picked = Array.from(
    { length: shown },
    (_, i) => heldOut[Math.floor((i * heldOut.length) / shown)],
  );
  const range = inputRange(picked);
  const error = (task: Task, by: number) => {
    const predictions = learner.adapt(task.support, { steps: by }).predict(task.query.inputs);
    const squared = taskError(measure, predictions, task) * axes.target.scale ** 2;
    return summary([squared], measure).error;
  };
  const all = picked.map(({ name, tasks: [task] }) => ({
    name: /^\d+$/.test(name) ? `${group} ${name}` : name,
    ...(axes.input
      ? curves(learner, task, axes, range, steps)
      : scatter(learner, task, axes, steps)),
    errorBefore: error(task, 0),
    errorAfter: error(task, steps),
  }));
  return { kind: "panels", panels: all };
}

function inputRange(heldOut: readonly HeldOut[]): readonly [number, number] {
  const values = heldOut.flatMap(({ tasks: [{ support, query }] }) =>
    [support, query].flatMap(({ inputs }) => Array.from(inputs)),
  );
  return extent(values);
}

type Drawing = Omit<Panel, "name" | "errorBefore" | "errorAfter">;

/** One numeric input: predictions as a line over its range. */
function curves(
  learner: Learner,
  { support, query }: Task,
  { input, target }: Axes,
  [from, to]: readonly [number, number],
  steps: number,
): Drawing {
  const grid = Float32Array.from({ length: 81 }, (_, i) => from + ((to - from) * i) / 80);
  const points = (x: ArrayLike<number>, y: ArrayLike<number>): Point[] =>
    Array.from(x, (value, i) => ({ x: input!.unscale(value), y: target.unscale(y[i]) }));
  const line = (count: number) =>
    points(grid, learner.adapt(support, { steps: count }).predict(grid));
  const ends = input!.unscale(to) - input!.unscale(from);
  return {
    kind: "curve",
    xTitle: input!.name,
    yTitle: target.name,
    xFormat: ends >= 10 ? "d" : "~g",
    support: points(support.inputs, support.targets),
    query: points(query.inputs, query.targets),
    before: line(0),
    after: line(steps),
  };
}

/** Several inputs: predicted over actual, for the query rows. */
function scatter(
  learner: Learner,
  { support, query }: Task,
  { target }: Axes,
  steps: number,
): Drawing {
  const points = (count: number): Point[] => {
    const predictions = learner.adapt(support, { steps: count }).predict(query.inputs);
    return Array.from(query.targets, (y, i) => ({
      x: target.unscale(y),
      y: target.unscale(predictions[i]),
    }));
  };
  const actual = ({ targets }: Task["support"]): Point[] =>
    Array.from(targets, (y) => ({ x: target.unscale(y), y: target.unscale(y) }));
  return {
    kind: "scatter",
    xTitle: `actual ${target.name}`,
    yTitle: `predicted ${target.name}`,
    xFormat: "~g",
    support: actual(support),
    query: actual(query),
    before: points(0),
    after: points(steps),
  };
}
