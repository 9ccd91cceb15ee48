/** What the options of an inner loop mean, for every algorithm that has them. */
import { describe, expect, test } from "vitest";
import { expectClose, LOSS_TOLERANCE } from "../close.ts";
import * as oracle from "../oracle/meta.ts";
import { type Batch, tensorsOf } from "../oracle/network.ts";
import { algorithmOf, type Case, cases, freshLearnerOf, learnerOf, tasksOf } from "./cases.ts";
import { ROUNDING, TOLERANCE } from "./expect-gradient.ts";
import type { Options } from "./oracles.ts";

/** d L(θ; query)/dθ; a context's start is nobody's to learn. */
function plainGradient({ objective }: Case, theta: Float32Array, query: Batch) {
  const gradient = oracle.gradient(objective, theta, query);
  for (const { name, offset, cols } of tensorsOf(objective.model))
    if (name === "context") gradient.fill(0, offset, offset + cols);
  return gradient;
}

describe.each(cases.filter(({ ownWay }) => !ownWay))("$title", (each) => {
  const [task] = tasksOf(each);

  test.each([
    ["K = 0", { innerSteps: 0 }],
    ["α = 0", { innerLearningRate: 0 }],
  ] as [string, Options][])("%s gives the plain gradient of the query loss", async (_, changes) => {
    const { parameters: theta } = await learnerOf(each);
    const learner = await freshLearnerOf(each, changes);
    learner.setParameters(theta);
    const { loss, gradient } = learner.metaGradient([task]);
    expectClose(loss, oracle.loss(each.objective, theta, task.query), LOSS_TOLERANCE, "loss");
    const part = gradient.subarray(0, theta.length);
    expectClose(part, plainGradient(each, theta, task.query), TOLERANCE, "d loss/dθ");
    if (changes.innerSteps === 0)
      expect(gradient.subarray(theta.length).every((value) => value === 0)).toBe(true);
    expectClose(learner.adapt(task.support).parameters, theta, ROUNDING, "φ");
  });
});

test.each(cases)("$title: has orders, if it is unrolled", (each) => {
  expect("order" in algorithmOf(each).options).toBe(!each.notUnrolled);
});

/** On the first network that they are for: how the loop is walked does not depend on that. */
const orderly = cases.filter(({ first, notUnrolled }) => first && !notUnrolled);

describe.each(orderly)("$title", (each) => {
  // What a tape holds, and more rows than that.
  const tasks = tasksOf(each).filter((_, i) => i === 0 || i === 3);
  const ask = async (changes: object, step = 0) => {
    const learner = await learnerOf(each, { innerSteps: 3, ...changes });
    learner.step = step;
    return learner.metaGradient(tasks);
  };

  test("checkpoint: the same bits, whatever the number of steps", async () => {
    for (const innerSteps of [1, 2, 3, 4, 5, 7]) {
      const [kept, again] = await Promise.all(
        [false, true].map((checkpoint) => ask({ innerSteps, checkpoint })),
      );
      expect(again).toEqual(kept);
    }
  });

  test("firstOrderSteps: the bits of order 1, then those of the order", async () => {
    const [first, then] = await Promise.all([
      ask({ order: 1, firstOrderSteps: 0 }),
      ask({ order: [1, 2, 2], firstOrderSteps: 0 }),
    ]);
    expect(then.gradient).not.toEqual(first.gradient);
    const warming = { order: [1, 2, 2] as const, firstOrderSteps: 3 };
    expect(await ask(warming, 2)).toEqual(await ask({ order: 1, firstOrderSteps: 0 }, 2));
    expect(await ask(warming, 3)).toEqual(await ask({ order: [1, 2, 2], firstOrderSteps: 0 }, 3));
  });

  test("an order for each step is that order, and the last goes on", async () => {
    expect(await ask({ order: [2, 2, 2] })).toEqual(await ask({ order: 2 }));
    expect(await ask({ order: [1] })).toEqual(await ask({ order: 1 }));
    expect(await ask({ order: [1, 2] })).toEqual(await ask({ order: [1, 2, 2, 1] }));
  });
});
