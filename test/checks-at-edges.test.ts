import { describe, expect, test } from "vitest";
import {
  activation,
  batchNorm,
  binaryCrossEntropy,
  crossEntropy,
  dense,
  episodes,
  evaluate,
  followTheMetaLeader,
  groups,
  layerNorm,
  meanSquaredError,
  metaGradCheck,
  metaTrain,
  mlp,
  pretrain,
  Random,
  reptile,
  rotated,
  rotatedClasses,
  sequential,
  sinusoids,
  splitClasses,
  standardization,
  tableFromRows,
} from "../src/index.ts";
import { checkLoss } from "../src/loss.ts";
import { checkModel } from "../src/model.ts";
import { learnerFor } from "./learners.ts";
import { columns, grouped, numbered } from "./sources.ts";

const learner = await learnerFor({
  model: { sizes: [1, 4, 1], activation: "tanh" },
  loss: "meanSquaredError",
});
const none = undefined as never;
const digits = numbered(4, 4);
const target = { name: "y", mean: 0, scale: 1 };
const inputs = [{ name: "x", mean: 0, scale: 1 }];
const wide = { inputs: [], target, unknown: "throw" } as const;
/** What is no learner, though it looks like one. */
const alike = { ...learner } as never;

describe("what is missing or of the wrong kind is named", () => {
  const cases: [() => unknown, string][] = [
    [() => metaTrain(none, none, none), "metaTrain: expected a learner, got undefined"],
    [() => pretrain({ innerSteps: 10_001 }), "pretrain: expected innerSteps ≤ 10000, got 10001"],
    [
      () => reptile({ innerLearningRate: 0.1, innerSteps: 1e9 }),
      "reptile: expected innerSteps ≤ 10000, got 1000000000",
    ],
    [
      () => learner.metaStep([{ ...sinusoids().sample(new Random(1)), index: -1 }]),
      "metaStep: expected 0 ≤ task.index < 16777215, got -1",
    ],
    [() => metaTrain(alike, sinusoids(), { steps: 1 }), "metaTrain: expected a learner, got {"],
    [
      () => metaTrain(learner, none, { steps: 1 }),
      "metaTrain: expected a distribution of tasks, got undefined",
    ],
    [
      () => metaTrain(learner, sinusoids(), none),
      "metaTrain: expected an object of options, got undefined",
    ],
    [
      () => metaTrain(learner, sinusoids(), { steps: 1, signal: 3 as never }),
      "metaTrain: expected an AbortSignal as signal, got 3",
    ],
    [
      () => followTheMetaLeader(none, none, none),
      "followTheMetaLeader: expected a learner, got undefined",
    ],
    [
      () => followTheMetaLeader(learner, [], { stepsPerTask: -1 }),
      "followTheMetaLeader: expected stepsPerTask ≥ 0, got -1",
    ],
    [() => evaluate(none, none), "evaluate: expected a learner, got undefined"],
    [
      () => evaluate(learner, none),
      "evaluate: expected a distribution of tasks or a list of them, got undefined",
    ],
    [() => metaGradCheck(none, none), "metaGradCheck: expected a learner, got undefined"],
    [() => metaGradCheck(learner, none), "metaGradCheck: expected a list of tasks, got undefined"],
    [() => episodes(none, none), "episodes: expected a dataset, got undefined"],
    [() => episodes({ labels: [0] } as never, none), "episodes: expected a dataset, got { labels"],
    [() => episodes(digits, none), "episodes: expected an object of options, got undefined"],
    [
      () => episodes({ ...digits, labels: none }, { ways: 2, shots: 1 }),
      "episodes: expected array labels, got undefined",
    ],
    [
      () => episodes({ ...digits, rows: 3 }, { ways: 2, shots: 1 }),
      "episodes: expected labels.length 3 (3 rows), got 16",
    ],
    [() => rotated(none), "rotated: expected a dataset, got undefined"],
    [() => rotatedClasses(none), "rotatedClasses: expected array classes, got undefined"],
    [() => rotatedClasses([1.5]), "rotatedClasses: expected integer classes element ≥ 0, got 1.5"],
    [() => splitClasses(none, none), "splitClasses: expected a dataset, got undefined"],
    [
      () => splitClasses(digits, none),
      "splitClasses: expected an object of options, got undefined",
    ],
    [() => groups(none, none), "groups: expected a table, got undefined"],
    [() => groups({ rows: 3 } as never, none), "groups: expected a table, got { rows }"],
    [() => groups(grouped(4), none), "groups: expected an object of options, got undefined"],
    [() => standardization(none), "standardization: expected an object, got undefined"],
    [() => standardization({} as never), "standardization: expected array inputs, got undefined"],
    [
      () => standardization({ ...wide, inputs: [none] }),
      "standardization: expected { name, mean, scale } or { name, categories } in inputs, got undefined",
    ],
    [
      () => standardization({ ...wide, inputs: [{ name: "x" } as never] }),
      "standardization: expected { name, mean, scale } or { name, categories } in inputs, got { name }",
    ],
    [
      () => standardization({ ...wide, inputs: [{ name: "x", categories: 3 as never }] }),
      "standardization: expected array categories, got 3",
    ],
    [
      () => standardization({ ...wide, inputs: [{ name: "x", categories: [3 as never] }] }),
      "standardization: expected text in categories, got 3",
    ],
    [
      () => standardization({ ...wide, target: none }),
      "standardization: expected { name, mean, scale } in target, got undefined",
    ],
    [
      () => standardization({ ...wide, target: { name: "y", categories: ["a"] } as never }),
      "standardization: expected { name, mean, scale } in target, got { name, categories }",
    ],
    [
      () => standardization({ ...wide, unknown: none }),
      'standardization: expected unknown "throw" or "zeros", got undefined',
    ],
    [
      () => standardization({ ...wide, inputs }).encode(none),
      "standardization: expected a table, got undefined",
    ],
    [
      () => standardization({ ...wide, inputs }).encodeTarget(none),
      "standardization: expected a table, got undefined",
    ],
    [() => tableFromRows(["a"], none), "tableFromRows: expected array rows, got undefined"],
    [() => tableFromRows(none, none), "tableFromRows: expected array header, got undefined"],
    [() => sequential([{ tensors() {} } as never]), "sequential: expected layers, got { tensors }"],
  ];

  test.each(cases.map(([call, message]) => ({ call, message })))(
    "$message",
    ({ call, message }) => {
      expect(call).toThrow(message);
    },
  );

  test("and a value out of range is a RangeError, or of the wrong kind a TypeError", () => {
    expect(() => evaluate(none, none)).toThrow(TypeError);
    expect(() => standardization({ ...wide, target: { ...target, scale: 0 } })).toThrow(RangeError);
    expect(() => metaGradCheck(learner, [])).toThrow(
      new RangeError("metaGradCheck: expected at least one task, got 0"),
    );
    expect(() => metaGradCheck(learner, [], { seed: -1 })).toThrow(
      new RangeError("metaGradCheck: expected seed ≥ 0, got -1"),
    );
  });
});

test("a seed that decides nothing is refused all the same", () => {
  const tasks = [sinusoids().sample(new Random(1))];
  for (const seed of [-5, 3])
    expect(() => evaluate(learner, tasks, { seed })).toThrow(
      new RangeError(`evaluate: expected no seed beside a list of tasks, got ${seed}`),
    );
  expect(() => splitClasses(digits, { test: [1], seed: -5 })).toThrow(
    "splitClasses: expected seed ≥ 0, got -5",
  );
  expect(() =>
    groups(grouped(4), { ...columns, shots: 2, split: { test: ["g1"] }, seed: -5 }),
  ).toThrow("groups: expected seed ≥ 0, got -5");
});

describe("checkModel", () => {
  const model = mlp({ sizes: [1, 4, 2] });

  test("takes what sequential and mlp make", () => {
    expect(checkModel("createLearner", model)).toBe(model);
  });

  const cases: [unknown, string][] = [
    [undefined, "a model, got undefined"],
    [3, "a model, got 3"],
    [{ layers: 3 }, "a model, got { layers }"],
    [{ ...model, layers: [] }, "a model of at least one layer, got []"],
    [{ ...model, layers: [null] }, "layers in model, got null"],
    [{ ...model, layers: [{ tensors() {} }] }, "layers in model, got { tensors }"],
    [{ ...model, inSize: 0 }, "1 ≤ model.inSize ≤ 2147483647, got 0"],
    [{ ...model, inSize: undefined }, "integer 1 ≤ model.inSize ≤ 2147483647, got undefined"],
    [{ ...model, outSize: 1.5 }, "integer 1 ≤ model.outSize ≤ 2147483647, got 1.5"],
    [{ ...model, outSize: 3 }, "model.outSize 2, as its layers give, got 3"],
  ];

  test.each(cases.map(([value, message]) => ({ value, message })))(
    "$message",
    ({ value, message }) => {
      expect(() => checkModel("createLearner", value as never)).toThrow(
        `createLearner: expected ${message}`,
      );
    },
  );
});

/** All objects in a value, itself first. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

test.each<[string, object]>([
  ["mlp", mlp({ sizes: [1, 4, 4, 1], norm: "batch" })],
  ["sequential", sequential([dense({ inSize: 1, outSize: 2 }), layerNorm(), activation("gelu")])],
  ["dense", dense({ outSize: 2 })],
  ["activation", activation("relu")],
  ["batchNorm", batchNorm()],
  ["layerNorm", layerNorm()],
  ["meanSquaredError", meanSquaredError()],
  ["crossEntropy", crossEntropy()],
  ["binaryCrossEntropy", binaryCrossEntropy()],
])("%s makes a value that nothing changes", (_, value) => {
  for (const each of objectsIn(value)) expect(Object.isFrozen(each)).toBe(true);
});

test("a list given to sequential stays the caller's own", () => {
  const layers = [dense({ inSize: 1, outSize: 2 })];
  const model = sequential(layers);
  layers.push(activation("relu"));
  expect(model.layers).toHaveLength(1);
});

describe("losses answer for themselves", () => {
  test("checkLoss takes them, and nothing else", () => {
    for (const loss of [meanSquaredError(), crossEntropy(), binaryCrossEntropy()])
      expect(checkLoss("createLearner", loss)).toBe(loss);
    for (const other of [undefined, null, "crossEntropy", { code: 0 }, crossEntropy])
      expect(() => checkLoss("createLearner", other as never)).toThrow(
        "createLearner: expected a loss, got",
      );
  });

  const outputs = Float32Array.of(3, 1, -1, 2);

  test("how many targets a row has", () => {
    expect(
      [meanSquaredError(), binaryCrossEntropy(), crossEntropy()].map((l) => l.targetSize(5)),
    ).toEqual([5, 5, 1]);
  });

  test("which outputs are right", () => {
    expect(meanSquaredError().accuracy).toBeUndefined();
    expect(crossEntropy().accuracy?.(outputs, [0, 0], 2)).toBe(0.5);
    expect(binaryCrossEntropy().accuracy?.(outputs, [1, 0, 0, 1], 2)).toBe(0.75);
    expect(crossEntropy().accuracy?.(Float32Array.of(NaN, NaN), [0], 2)).toBe(0);
    expect(binaryCrossEntropy().accuracy?.(Float32Array.of(NaN, NaN), [0, 1], 2)).toBe(0);
  });

  test("which targets they take", () => {
    const check = (loss: ReturnType<typeof crossEntropy>, target: number) => () =>
      loss.checkTargets("adapt", [target], 2);
    expect(check(meanSquaredError(), -7)).not.toThrow();
    expect(check(crossEntropy(), 1)).not.toThrow();
    expect(check(binaryCrossEntropy(), 0.5)).not.toThrow();
    expect(check(crossEntropy(), 2)).toThrow(
      "adapt: expected targets whole and from 0 to 1 (crossEntropy), got 2",
    );
    expect(check(binaryCrossEntropy(), 2)).toThrow(
      "adapt: expected targets from 0 to 1 (binaryCrossEntropy), got 2",
    );
  });
});
