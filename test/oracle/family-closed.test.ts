/** Closed forms, and what an algorithm is when it is another. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../close.ts";
import { noise } from "../noise.ts";
import { batchFor } from "./differences.ts";
import { family } from "./family.ts";
import { adapt, gradient, hvp, jointGradient, loss, predict } from "./meta.ts";
import type { Objective } from "./meta.ts";
import { parameterCount } from "./network.ts";
import type { AnyModel } from "./network.ts";

const EXACT = 1e-12;
const inner = { innerLearningRate: 0.2, innerSteps: 2 };

const taskFor = (objective: Objective<AnyModel>, seed = 1) => ({
  support: batchFor(objective, 6, 10 * seed),
  query: batchFor(objective, 5, 10 * seed + 5),
});
const thetaOf = ({ model }: Objective<AnyModel>) =>
  Float64Array.from(noise(1, parameterCount(model)));

describe("context layer", () => {
  test("outputs are those of inputs with c behind each row", () => {
    const model = { sizes: [2, 3, 1], activation: "tanh", context: 2 } as const;
    const theta = thetaOf({ model, loss: "meanSquaredError" });
    const actual = predict(model, theta, [1, 2, 3, 4]);
    const wide = [1, 2, ...theta.slice(0, 2), 3, 4, ...theta.slice(0, 2)];
    const plain = { sizes: [4, 3, 1], activation: "tanh" } as const;
    expectClose(actual, predict(plain, theta.slice(2), wide), EXACT, "outputs");
  });

  test("cavia is maml on c, but for the meta-gradient of c", () => {
    const model = { sizes: [2, 3, 2], activation: "tanh", context: 2 } as const;
    const objective: Objective = { model, loss: "meanSquaredError" };
    const [theta, task] = [thetaOf(objective), taskFor(objective)];
    const cavia = family.cavia.gradient(objective, theta, [task], inner);
    const maml = family.maml.gradient(objective, theta, [task], { ...inner, layers: [0] });
    expect(cavia.loss).toBe(maml.loss);
    expectClose(cavia.gradient.slice(0, 2), [0, 0], 0, "c");
    expectClose(cavia.gradient.slice(2), maml.gradient.slice(2), EXACT, "meta-gradient");
  });
});

describe("prototypes", () => {
  const objective: Objective = {
    model: { sizes: [2, 3], activation: "linear" },
    loss: "crossEntropy",
  };
  const support = {
    rows: 4,
    inputs: [1, 2, 3, 4, -1, 0, 9, 9],
    targets: [0, 0, 2, 2],
    weights: [1, 3, 2, 0],
  };

  test("means by weight; a class without rows has zeros; θ does not matter", () => {
    const expected = [5, 0, -2, 7, 0, 0, -(2.5 ** 2 + 3.5 ** 2), 0, -1];
    for (const seed of [1, 2])
      expectClose(
        family.prototypical.adapt(objective, noise(seed, 9), support, {}),
        expected,
        EXACT,
        "φ",
      );
  });

  test("steps go on from there", () => {
    const options = { innerLearningRate: 0.1, innerSteps: 2 };
    const start = family.prototypical.adapt(objective, noise(1, 9), support, options);
    const phi = family.protoMaml.adapt(objective, noise(1, 9), support, options);
    expectClose(phi, adapt(objective, start, support, options), EXACT, "φ");
  });

  test("the last layer of θ gets nothing, in either order", () => {
    const deep: Objective = { ...objective, model: { sizes: [2, 4, 3], activation: "tanh" } };
    const [theta, task] = [thetaOf(deep), taskFor(deep)];
    for (const order of [1, 2] as const) {
      const actual = family.protoMaml.gradient(deep, theta, [task], { ...inner, order });
      expectClose(actual.gradient.slice(12), new Float64Array(15), 0, "last layer");
      expect(Math.hypot(...actual.gradient)).toBeGreaterThan(1e-3);
    }
  });
});

test("implicitMaml: (I + H/(λ + δ)) u = ∇L(φ; query)", () => {
  const model = { sizes: [2, 3, 2], activation: "tanh" } as const;
  const objective: Objective = { model, loss: "meanSquaredError" };
  const [theta, { support, query }] = [thetaOf(objective), taskFor(objective)];
  const phi = theta.slice();
  for (let k = 0; k < 10; k++) {
    const g = gradient(objective, phi, support);
    phi.forEach((value, i) => (phi[i] -= 0.1 * (g[i] + 0.7 * (value - theta[i]))));
  }
  const options = { innerLearningRate: 0.1, lambda: 0.7, damping: 0.5 };
  const adapted = family.implicitMaml.adapt(objective, theta, support, options);
  expectClose(adapted, phi, EXACT, "φ");
  const actual = family.implicitMaml.gradient(objective, theta, [{ support, query }], options);
  const product = hvp(objective, phi, support, actual.gradient);
  const left = actual.gradient.map((u, i) => u + product[i] / 1.2);
  expectClose(left, gradient(objective, phi, query), EXACT, "v");
  expectClose(actual.loss, loss(objective, phi, query), EXACT, "loss");
});

describe("multiTask", () => {
  const model = { sizes: [2, 3, 1], activation: "tanh" } as const;
  const objective: Objective = { model, loss: "meanSquaredError" };
  const [theta, heads] = [thetaOf(objective), noise(2, 12)];
  const meta = [...theta, ...heads];
  const options = { ...inner, tasks: 3 };
  const withHead = (head: ArrayLike<number>) => [...theta.slice(0, 9), ...Array.from(head)];

  test("the joint loss at the task's own head, for body and head", () => {
    const task = { ...taskFor(objective), index: 1 };
    const actual = family.multiTask.gradient(objective, meta, [task], options);
    const expected = jointGradient(objective, withHead(heads.slice(4, 8)), [task]);
    expectClose(actual.loss, expected.loss, EXACT, "loss");
    const [body, head] = [expected.gradient.slice(0, 9), expected.gradient.slice(9)];
    const none = [0, 0, 0, 0];
    const all = [...body, ...none, ...none, ...head, ...none];
    expectClose(actual.gradient, all, EXACT, "meta-gradient");
  });

  test("a new task: the mean head, then steps on it alone", () => {
    const { support } = taskFor(objective);
    const mean = [0, 1, 2, 3].map((i) => (heads[i] + heads[4 + i] + heads[8 + i]) / 3);
    const actual = family.multiTask.adapt(objective, meta, support, { ...options, steps: 3 });
    const expected = family.anil.adapt(objective, withHead(mean), support, { ...inner, steps: 3 });
    expectClose(actual, expected, EXACT, "φ");
  });

  test("a task that is none of them is refused", () => {
    const ask = (index?: number) =>
      family.multiTask.gradient(objective, meta, [{ ...taskFor(objective), index }], options);
    expect(() => ask()).toThrow("multiTask: expected index of a training task, got undefined");
    expect(() => ask(3)).toThrow("got 3");
    expect(() => family.maml.gradient(objective, meta, [taskFor(objective)], inner)).toThrow(
      "metaParameters: expected 13 + 0 numbers, got 25",
    );
  });
});
