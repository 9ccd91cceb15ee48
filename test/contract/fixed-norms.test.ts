/** Norms with `adapted: false`: no algorithm's inner loop changes their γ and β, and all learn them. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../close.ts";
import { type AnyModel, tensorsOf } from "../oracle/network.ts";
import { withLayers } from "../with-layers.ts";
import { all, freshLearnerOf, learnerOf, tasksOf, withModel } from "./cases.ts";
import { expectGradients, TOLERANCE } from "./expect-gradient.ts";
import { imageSizes } from "./image-network.ts";
import { oracles } from "./oracles.ts";

/** Those whose steps move a parameter with a gradient of zero, and those that follow no gradient of θ. */
const REFUSED = ["alfa", "implicitMaml", "learnedOptimizer", "reptile"];

/** The network of images, with norms that do not adapt. */
const fixed = all
  .filter(({ sizes }) => sizes === imageSizes)
  .map((each) => withModel(each, withFixedNorms));

function withFixedNorms(model: AnyModel): AnyModel {
  return withLayers(model, (layer) =>
    layer.kind === "batchNorm" || layer.kind === "groupNorm" ? { ...layer, adapted: false } : layer,
  );
}

describe.each(fixed.filter(({ name }) => !REFUSED.includes(name)))("$title", (each) => {
  const { name, objective, options } = each;
  const tasks = tasksOf(each).slice(0, 2);

  test("the meta-gradient is the oracle's", async () => {
    expectGradients(each, await learnerOf(each), tasks);
  });

  test("γ and β stay what they are in a task; φ is the oracle's", async () => {
    const learner = await learnerOf(each);
    const [{ support }] = tasks;
    const { parameters } = learner.adapt(support);
    const phi = oracles[name].adapt(objective, learner.metaParameters, support, options);
    expectClose(parameters, phi, each.amplifies ? 10 * TOLERANCE : TOLERANCE, "φ");
    if (options.layers) return;
    for (const { name: tensor, offset, cols } of tensorsOf(objective.model))
      if (tensor === "scale" || tensor === "shift")
        expect(parameters.subarray(offset, offset + cols), tensor).toEqual(
          learner.parameters.subarray(offset, offset + cols),
        );
  });
});

test.each(fixed.filter(({ name }) => REFUSED.includes(name)))("$name refuses them", (each) =>
  expect(freshLearnerOf(each)).rejects.toThrow(
    `${each.name}: expected layers that all adapt, got groupNorm that does not`,
  ),
);
