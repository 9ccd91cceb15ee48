/** What changes a learner, and what leaves no trace: the same for every algorithm. */
import { describe, expect, test } from "vitest";
import { evaluate, loadLearner } from "../../src/index.ts";
import { core } from "../build.ts";
import { algorithmOf, cases, freshLearnerOf, learnerOf, tasksOf } from "./cases.ts";

describe.each(cases)("$title", (each) => {
  const tasks = tasksOf(each).slice(0, 3);

  test("nothing but metaStep touches metaParameters", async () => {
    const learner = await learnerOf(each);
    const before = learner.metaParameters.slice();
    learner.adapt(tasks[0].support).predict(tasks[0].query.inputs);
    learner.metaGradient(tasks);
    learner.predict(tasks[0].query.inputs);
    evaluate(learner, tasks, { steps: [0, 2] });
    learner.save();
    expect(learner.metaParameters).toEqual(before);
    expect(learner.step).toBe(0);
    const { gradient } = learner.metaGradient(tasks);
    learner.metaStep(tasks);
    expect(learner.step).toBe(1);
    const moved = Array.from(learner.metaParameters, (value, i) => value !== before[i]);
    expect(moved).toContain(true);
    expect(moved.some((moves, i) => moves && gradient[i] === 0)).toBe(false);
  });

  test("same seed, same bits; what was before leaves no trace", async () => {
    const [one, other] = await Promise.all([freshLearnerOf(each), freshLearnerOf(each)]);
    expect(other.metaParameters).toEqual(one.metaParameters);
    other.metaGradient(tasks.toReversed());
    other.adapt(tasks[1].support, { steps: 5 });
    for (let step = 0; step < 4; step++) {
      const [a, b] = [one.metaStep(tasks), other.metaStep(tasks)];
      expect(b).toEqual(a);
      expect(other.report).toEqual(one.report);
      evaluate(other, tasks, { steps: [1] });
    }
    expect(other.metaParameters).toEqual(one.metaParameters);
    const [a, b] = [one, other].map((learner) => learner.adapt(tasks[2].support).parameters);
    expect(b).toEqual(a);
  });

  test("saved and loaded, it goes on to the same bits", async () => {
    const learner = await learnerOf(each);
    for (let step = 0; step < 2; step++) learner.metaStep(tasks);
    const loaded = await loadLearner(learner.save(), { core });
    expect(loaded.algorithm.kind).toBe(each.name);
    const plain = ({ algorithm }: typeof learner) => JSON.stringify(algorithm.options);
    expect(plain(loaded)).toBe(plain(learner));
    expect(loaded.metaParameters).toEqual(learner.metaParameters);
    expect(loaded.adapt(tasks[1].support).parameters).toEqual(
      learner.adapt(tasks[1].support).parameters,
    );
    for (let step = 0; step < 3; step++) {
      const [a, b] = [learner.metaStep(tasks), loaded.metaStep(tasks)];
      expect(b).toEqual(a);
    }
    expect(loaded.metaParameters).toEqual(learner.metaParameters);
    expect(loaded.save()).toEqual(learner.save());
  });

  test("keeps the options that it is given, and fills in the others", async () => {
    const { options, kind } = algorithmOf(each);
    expect(kind).toBe(each.name);
    for (const [name, value] of Object.entries(each.options))
      if (name in options) expect(options[name], name).toEqual(value);
  });
});
