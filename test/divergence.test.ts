import { describe, expect, test } from "vitest";
import {
  adam,
  type Batch,
  createLearner,
  dense,
  DivergedError,
  maml,
  meanSquaredError,
  type Optimizer,
  reptile,
  sequential,
  sgd,
} from "../src/index.ts";
import { core } from "./build.ts";
import { noise } from "./noise.ts";

/** y = wx + b, w = 0.5 and b = 0. */
function line(metaOptimizer: Optimizer, algorithm = maml({ innerLearningRate: 0 })) {
  const model = sequential([dense({ inSize: 1, outSize: 1 })]);
  const loss = meanSquaredError();
  const parameters = [0.5, 0];
  return createLearner({ model, loss, algorithm, metaOptimizer, seed: 1, parameters, core });
}

/** Two points; with targets of 0.5 and 1 on the line already, and no gradient. */
function taskWith(...targets: [number, number]) {
  const batch: Batch = { inputs: [1, 2], targets, rows: 2 };
  return { support: batch, query: batch };
}

describe("a step that goes wrong is refused, and has changed nothing", () => {
  test.each([
    ["a gradient whose square overflows what Adam keeps", adam(), 1e19],
    ["a rate that throws the parameters out of f32", sgd({ learningRate: 1e38 }), 1e3],
  ])("%s", async (_, metaOptimizer, target) => {
    const learner = await line(metaOptimizer);
    learner.metaStep([taskWith(0.5, 1)]);
    const untouched = await line(metaOptimizer);
    untouched.metaStep([taskWith(0.5, 1)]);
    const before = learner.save();
    expect(() => learner.metaStep([taskWith(target, target)])).toThrow(DivergedError);
    expect(learner.save()).toEqual(before);
    expect(learner.metaStep([taskWith(0.5, 1)])).toEqual(untouched.metaStep([taskWith(0.5, 1)]));
    expect(learner.metaParameters).toEqual(untouched.metaParameters);
  });

  test("a schedule that gives no rate", async () => {
    const schedule = { kind: "broken", options: {}, at: () => NaN };
    const learner = await line(sgd({ learningRate: schedule }));
    const before = learner.save();
    expect(() => learner.metaStep([taskWith(1, 1)])).toThrow("broken: expected finite rate ≥ 0");
    expect(learner.save()).toEqual(before);
  });
});

/** φ − θ is small beside θ: contributions added to θ one row at a time would be rounded away. */
test.each([
  ["maml", maml({ innerLearningRate: 1e-4 })],
  ["reptile", reptile({ innerLearningRate: 1e-4, innerSteps: 1 })],
])("%s adapts on 65,536 rows as in f64", async (_, algorithm) => {
  const learner = await line(adam(), algorithm);
  const rows = 65_536;
  const [inputs, targets] = [noise(1, rows), noise(2, rows)];
  let [dw, db] = [0, 0];
  inputs.forEach((x, i) => {
    const error = (2 * (0.5 * x - targets[i])) / rows;
    dw += error * x;
    db += error;
  });
  const [w, b] = learner.adapt({ inputs, targets, rows }).parameters;
  // Half an ulp of w = 0.5 is 3e-8; the step in w is some 1e-5.
  expect(Math.abs(w - (0.5 - 1e-4 * dw))).toBeLessThan(4e-8);
  expect(Math.abs(b + 1e-4 * db)).toBeLessThan(1e-4 * Math.abs(1e-4 * db) + 1e-11);
});

test("a thousand inner steps take memory in a few growths", async () => {
  let growths = 0;
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = function (pages) {
    growths++;
    return grow.call(this, pages);
  };
  try {
    await line(adam(), maml({ innerLearningRate: 0.1, innerSteps: 1000 }));
  } finally {
    WebAssembly.Memory.prototype.grow = grow;
  }
  expect(growths).toBeGreaterThan(0);
  expect(growths).toBeLessThan(30);
});
