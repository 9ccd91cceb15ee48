/** Networks of which nothing, or nothing that is learned, stands below what adapts. */
import { describe, test } from "vitest";
import { activation, adam, createLearner, dense, sequential } from "../../src/index.ts";
import { core } from "../build.ts";
import { expectClose, GRADIENT_TOLERANCE, LOSS_TOLERANCE } from "../close.ts";
import { losses } from "../learners.ts";
import { taskOf, weighted } from "../objectives.ts";
import type { LossName, Sequential } from "../oracle/network.ts";
import { makers } from "./cases.ts";
import { type AlgorithmName, oracles } from "./oracles.ts";

const [IN, WAYS] = [4, 3];
const loss: LossName = "crossEntropy";
const inner = { innerLearningRate: 0.1, innerSteps: 2 };

const networks = [
  {
    name: "one layer",
    model: sequential([dense({ inSize: IN, outSize: WAYS })]),
    layers: [{ kind: "dense", outSize: WAYS }],
    algorithms: [
      ["maml", inner],
      ["prototypical", {}],
      ["protoMaml", inner],
      ["protoMaml", { ...inner, order: 1 }],
      ["multiTask", { ...inner, tasks: 2 }],
    ],
  },
  {
    name: "an activation ahead of it",
    model: sequential([activation("tanh"), dense({ inSize: IN, outSize: WAYS })]),
    layers: [
      { kind: "activation", name: "tanh" },
      { kind: "dense", outSize: WAYS },
    ],
    algorithms: [
      ["maml", { ...inner, layers: [1] }],
      ["prototypical", {}],
      ["protoMaml", inner],
    ],
  },
  {
    name: "an activation ahead of two",
    model: sequential([
      activation("tanh"),
      dense({ inSize: IN, outSize: 5 }),
      dense({ outSize: WAYS }),
    ]),
    layers: [
      { kind: "activation", name: "tanh" },
      { kind: "dense", outSize: 5 },
      { kind: "dense", outSize: WAYS },
    ],
    algorithms: [
      ["maml", { ...inner, layers: [1] }],
      ["maml", { ...inner, layers: [1, 2] }],
      ["anil", inner],
      ["boil", inner],
      ["prototypical", {}],
      ["protoMaml", inner],
    ],
  },
] as const;

describe.each(networks)("$name", ({ model, layers, algorithms }) => {
  const sizes = { model: { sizes: [IN, WAYS], activation: "tanh" as const }, loss };
  const tasks = [taskOf(sizes, 1), weighted(taskOf(sizes, 2, 40), 1)].map((task, index) => ({
    ...task,
    index,
  }));

  test.each(algorithms as readonly (readonly [AlgorithmName, object])[])(
    "%s %j: the oracle's gradient and φ",
    async (name, options) => {
      const algorithm = makers[name](options);
      const metaOptimizer = adam();
      const learner = await createLearner({
        model,
        loss: losses[loss](),
        algorithm,
        metaOptimizer,
        seed: 2,
        core,
      });
      const objective = { model: { inSize: IN, layers } as Sequential, loss };
      const { metaParameters: meta } = learner;
      const expected = oracles[name].gradient(objective, meta, tasks, options, 0);
      const given = learner.metaGradient(tasks);
      expectClose(given.loss, expected.loss, LOSS_TOLERANCE, "loss");
      expectClose(given.gradient, expected.gradient, GRADIENT_TOLERANCE, "meta-gradient");
      for (const { support } of tasks) {
        const phi = oracles[name].adapt(objective, meta, support, options);
        expectClose(learner.adapt(support).parameters, phi, LOSS_TOLERANCE, "φ");
      }
    },
  );
});
