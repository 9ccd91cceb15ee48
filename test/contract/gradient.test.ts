/** The meta-gradient of every algorithm is the f64 oracle's, at random own meta-parameters too. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../close.ts";
import type { Batch } from "../oracle/network.ts";
import { cases, learnerOf, tasksOf } from "./cases.ts";
import { expectGradients, ROUNDING } from "./expect-gradient.ts";
import { oracles } from "./oracles.ts";
import { rows } from "./rows.ts";

test("every algorithm has a row", () => {
  const named = new Set<string>(rows.map(({ name }) => name));
  expect([...named].sort()).toEqual(Object.keys(oracles).sort());
});

describe.each(cases)("$title", (each) => {
  const tasks = tasksOf(each);

  test("the meta-gradient is the oracle's, and its mean over tasks", async () => {
    const learner = await learnerOf(each);
    const own = learner.metaParameters.length - learner.parameters.length;
    expect(own).toBe(oracles[each.name].ownCount(each.objective, each.options));
    expectGradients(each, learner, tasks);
  });

  test("two equal tasks give what one gives, and their order hardly matters", async () => {
    const learner = await learnerOf(each);
    const one = learner.metaGradient([tasks[0]]);
    const two = learner.metaGradient([tasks[0], tasks[0]]);
    expect(two.loss).toBe(one.loss);
    expectClose(two.gradient, one.gradient, ROUNDING, "meta-gradient");
    const forth = learner.metaGradient(tasks);
    const back = learner.metaGradient(tasks.toReversed());
    expectClose(back.gradient, forth.gradient, ROUNDING, "meta-gradient");
  });

  test("the order of fields and the kind of array do not matter", async () => {
    const learner = await learnerOf(each);
    const { support, query, index } = tasks[1];
    const turned = ({ inputs, targets, rows, weights }: Batch) => ({
      rows,
      weights: Array.from(weights ?? []),
      targets: Array.from(targets),
      inputs: Float64Array.from(inputs),
    });
    const task = { query: turned(query), index, support: turned(support) };
    expect(learner.metaGradient([task])).toEqual(learner.metaGradient([tasks[1]]));
  });
});
