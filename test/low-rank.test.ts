/** Tasks side by side on fast weights of low rank: the meta-gradient that each one's own weights give. */
import { describe, expect, test } from "vitest";
import type { Task } from "../src/index.ts";
import { expectClose, LOSS_TOLERANCE, relativeError } from "./close.ts";
import { TOLERANCE } from "./contract/expect-gradient.ts";
import {
  type Case,
  caseOf,
  expectedOf,
  observe,
  type Rows,
  SIZES,
  stackOf,
  taskOf,
  tasksOf,
} from "./low-rank-cases.ts";
import type { Layer } from "./oracle/network.ts";

const tanh: Layer = { kind: "activation", name: "tanh" };
const relu: Layer = { kind: "activation", name: "relu" };
const gelu: Layer = { kind: "activation", name: "gelu" };
const norm = (kind: "batchNorm" | "layerNorm", options: object = {}): Layer => ({
  kind,
  adapted: false,
  ...options,
});
const groupNorm: Layer = { kind: "groupNorm", groups: 2, adapted: false };
const two = { innerSteps: 2 };
const three = { innerSteps: 3 };

const cases: Case[] = [
  caseOf("tanh, one step", stackOf(SIZES, [tanh]), "meanSquaredError"),
  caseOf("ReLU, two steps", stackOf(SIZES, [relu]), "crossEntropy", two),
  caseOf("GELU, three steps", stackOf(SIZES, [gelu]), "binaryCrossEntropy", three),
  caseOf("batch norm", stackOf(SIZES, [norm("batchNorm"), relu]), "crossEntropy"),
  caseOf(
    "batch norm without scale, two steps",
    stackOf(SIZES, [norm("batchNorm", { scale: false }), tanh]),
    "meanSquaredError",
    two,
  ),
  caseOf(
    "batch norm without shift, three steps",
    stackOf(SIZES, [norm("batchNorm", { shift: false, epsilon: 1e-3 }), gelu]),
    "binaryCrossEntropy",
    three,
  ),
  caseOf(
    "batch norm without parameters, and one ahead of all",
    {
      inSize: 13,
      layers: [
        { kind: "batchNorm", scale: false, shift: false },
        ...stackOf(SIZES, [{ kind: "batchNorm", scale: false, shift: false }, relu]).layers,
      ],
    },
    "crossEntropy",
    two,
  ),
  caseOf(
    "layer norm, two steps",
    stackOf(SIZES, [norm("layerNorm"), gelu]),
    "meanSquaredError",
    two,
  ),
  caseOf("group norm, two steps", stackOf([13, 14, 10, 5], [groupNorm, relu]), "crossEntropy", two),
  caseOf("no bias", stackOf(SIZES, [tanh], { bias: false }), "crossEntropy", two),
  caseOf(
    "a bias in the second layer alone",
    {
      inSize: 13,
      layers: [
        { kind: "dense", outSize: 11, bias: false },
        tanh,
        { kind: "dense", outSize: 9 },
        tanh,
        { kind: "dense", outSize: 5, bias: false },
      ],
    },
    "meanSquaredError",
    two,
  ),
  caseOf("a single layer, three steps", stackOf([7, 3], []), "binaryCrossEntropy", three),
  caseOf(
    "an activation ahead of all, one behind all",
    { inSize: 13, layers: [tanh, ...stackOf(SIZES, [gelu]).layers, tanh] },
    "meanSquaredError",
    two,
  ),
  caseOf("first order", stackOf(SIZES, [norm("batchNorm"), tanh]), "crossEntropy", {
    ...three,
    order: 1,
  }),
  caseOf("order 1, 2", stackOf(SIZES, [relu]), "crossEntropy", { ...two, order: [1, 2] }),
  caseOf("order 2, 1", stackOf(SIZES, [norm("layerNorm"), tanh]), "crossEntropy", {
    ...two,
    order: [2, 1],
  }),
  caseOf("order 1, 2, 1", stackOf(SIZES, [norm("batchNorm"), tanh]), "meanSquaredError", {
    ...three,
    order: [1, 2, 1],
  }),
];

/** The 3rd group is told from the 1st by its query rows alone; the 4th has more rows than a block. */
const MIXED: Rows[] = [
  { support: 7, query: 5 },
  { support: 7, query: 5, weighted: "support" },
  { support: 7, query: 5, weighted: "query" },
  { support: 6, query: 8, weighted: "both" },
  { support: 6, query: 8 },
  { support: 6, query: 7 },
  { support: 6, query: 81 },
  { support: 6, query: 7 },
];
const MIXED_CALLS = [3, 2, 1, 0, 1];

describe.each(cases)("$name", (each) => {
  const tasks = MIXED.map((rows, i) => taskOf(each, rows, i + 1));

  test("the meta-gradient is the f64 oracle's, of each task and of all", async () => {
    const { learner, calls } = await observe(each, "lowRank");
    const check = (some: readonly Task[]) => {
      const { loss, gradient } = learner.metaGradient(some);
      const expected = expectedOf(each, some);
      expectClose(loss, expected.loss, LOSS_TOLERANCE, "loss");
      expectClose(gradient, expected.gradient, TOLERANCE, "meta-gradient");
    };
    check(tasks);
    expect(calls).toEqual(MIXED_CALLS);
    for (const task of tasks) check([task]);
    expect(calls.slice(MIXED_CALLS.length)).toEqual([1, 1, 1, 1, 1, 1, 0, 1]);
  });

  test("the steps' second derivatives are a part of it", () => {
    const [first, expected] = [expectedOf(each, tasks, { order: 1 }), expectedOf(each, tasks)];
    const error = relativeError(first.gradient, expected.gradient);
    if (each.inner.order === 1) expect(error).toBe(0);
    else expect(error).toBeGreaterThan(1e-2);
  });

  test("full fast weights give the same, to rounding", async () => {
    const [low, full] = await Promise.all([observe(each, "lowRank"), observe(each, "full")]);
    const [a, b] = [low, full].map(({ learner }) => learner.metaGradient(tasks));
    expect(full.calls).toEqual(tasks.map(() => 0));
    expect(full.together).toBeUndefined();
    expectClose(a.loss, b.loss, LOSS_TOLERANCE, "loss");
    expectClose(a.gradient, b.gradient, TOLERANCE, "meta-gradient");
    expect(a.diverged).toBe(0);
  });
});

describe("more tasks than a block has room for", () => {
  // 80 rows: 16 tasks of 5, and 4 that are left; 10 of 8, whichever set has them.
  test.each([
    [{ support: 5, query: 4 }, 20, [16, 4]],
    [{ support: 3, query: 8 }, 11, [10, 1]],
    [{ support: 80, query: 80 }, 2, [1, 1]],
    [{ support: 41, query: 1 }, 2, [1, 1]],
  ])("%o, %i tasks", async (rows, count, blocks) => {
    for (const each of [cases[1], cases[7]]) {
      const tasks = tasksOf(each, rows, count);
      const { learner, calls } = await observe(each, "lowRank");
      const { loss, gradient } = learner.metaGradient(tasks);
      expect(calls).toEqual(blocks);
      const expected = expectedOf(each, tasks);
      expectClose(loss, expected.loss, LOSS_TOLERANCE, "loss");
      expectClose(gradient, expected.gradient, TOLERANCE, "meta-gradient");
    }
  });
});

test("a wide network, where they go side by side unasked", async () => {
  const each = caseOf("wide", stackOf([300, 220, 4], [relu]), "crossEntropy", two);
  const rows = { support: 5, query: 6 };
  const tasks = tasksOf(each, rows, 3);
  const { learner, calls } = await observe(each, undefined);
  const { loss, gradient } = learner.metaGradient(tasks);
  expect(calls).toEqual([3]);
  const expected = expectedOf(each, tasks);
  expectClose(loss, expected.loss, LOSS_TOLERANCE, "loss");
  expectClose(gradient, expected.gradient, TOLERANCE, "meta-gradient");
});

test("the first meta-steps are of order 1, if asked for", async () => {
  const each = caseOf("first order at first", stackOf(SIZES, [tanh]), "crossEntropy", {
    ...two,
    firstOrderSteps: 2,
  });
  const tasks = tasksOf(each, { support: 5, query: 5 }, 3);
  const { learner } = await observe(each, "lowRank");
  const gradients = [0, 1, 2, 3, 1].map((metaStep) => {
    learner.step = metaStep;
    const { gradient } = learner.metaGradient(tasks);
    expectClose(gradient, expectedOf(each, tasks, { metaStep }).gradient, TOLERANCE, `${metaStep}`);
    return gradient;
  });
  expect(gradients[1]).toEqual(gradients[0]);
  expect(gradients[3]).toEqual(gradients[2]);
  expect(gradients[4]).toEqual(gradients[0]);
  expect(relativeError(gradients[0], gradients[2])).toBeGreaterThan(1e-2);
});

test("without a rate the query gradient is left", async () => {
  const each = caseOf("no rate", stackOf(SIZES, [norm("batchNorm"), tanh]), "crossEntropy", {
    ...two,
    innerLearningRate: 0,
  });
  const tasks = tasksOf(each, { support: 6, query: 5 }, 3);
  const { learner } = await observe(each, "lowRank");
  const none = { ...each, inner: { innerLearningRate: 0, innerSteps: 0 } };
  const { gradient } = learner.metaGradient(tasks);
  expectClose(gradient, expectedOf(none, tasks).gradient, TOLERANCE, "meta-gradient");
});
