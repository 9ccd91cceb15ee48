/** What every algorithm makes of a support set. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../close.ts";
import { predict } from "../oracle/meta.ts";
import { cases, largeTasksOf, learnerOf, tasksOf } from "./cases.ts";
import { TOLERANCE } from "./expect-gradient.ts";
import { oracles } from "./oracles.ts";

describe.each(cases)("$title", (each) => {
  const { name, objective, options, amplifies } = each;
  const tolerance = amplifies ? 10 * TOLERANCE : TOLERANCE;

  test("adapts as the oracle does: no step, those trained for, and more", async () => {
    const learner = await learnerOf(each);
    const { metaParameters: meta } = learner;
    for (const { support, query } of [tasksOf(each)[1], largeTasksOf(each)[1]])
      for (const steps of [0, undefined, 1, 7]) {
        const adapted = learner.adapt(support, steps === undefined ? {} : { steps });
        const phi = oracles[name].adapt(objective, meta, support, {
          ...options,
          ...(steps !== undefined && { steps }),
        });
        expectClose(adapted.parameters, phi, tolerance, `φ after ${steps} steps`);
        const outputs = predict(objective.model, phi, query.inputs);
        expectClose(adapted.predict(query.inputs), outputs, tolerance, "outputs");
      }
  });

  test("as many steps as trained for, said or not", async () => {
    const learner = await learnerOf(each);
    const [{ support }] = tasksOf(each);
    const { innerSteps } = learner.algorithm.options as { innerSteps?: number };
    if (innerSteps === undefined) return;
    const said = learner.adapt(support, { steps: innerSteps });
    expect(learner.adapt(support).parameters).toEqual(said.parameters);
  });

  test("an adapted model keeps its predictions while its learner trains on", async () => {
    const learner = await learnerOf(each);
    const [one, other] = tasksOf(each);
    const adapted = learner.adapt(one.support);
    const [phi, before] = [adapted.parameters.slice(), adapted.predict(one.query.inputs)];
    for (let step = 0; step < 3; step++) learner.metaStep([one, other]);
    learner.adapt(other.support).predict(other.query.inputs);
    learner.predict(one.query.inputs);
    expect(adapted.predict(one.query.inputs)).toEqual(before);
    expect(adapted.parameters).toEqual(phi);
  });
});
