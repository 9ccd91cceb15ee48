/** Tasks side by side: what a call changes, and that nothing of it is left for the next. */
import { describe, expect, test } from "vitest";
import { BlockField, TapeField } from "../assembly/abi.ts";
import { instantiateCore } from "../src/core.ts";
import { DivergedError, loadLearner, metaGradCheck, metaTrain, type Random } from "../src/index.ts";
import { Memory } from "../src/memory.ts";
import { Network } from "../src/network.ts";
import { TaskBlock } from "../src/task-block.ts";
import type { Vector } from "../src/vector.ts";
import { core } from "./build.ts";
import { expectClose, LOSS_TOLERANCE } from "./close.ts";
import { ROUNDING, TOLERANCE } from "./contract/expect-gradient.ts";
import { losses } from "./learners.ts";
import { modelOf } from "./library-model.ts";
import {
  type Case,
  caseOf,
  expectedOf,
  observe,
  SIZES,
  stackOf,
  taskOf,
  tasksOf,
} from "./low-rank-cases.ts";
import { noise } from "./noise.ts";
import type { Layer } from "./oracle/network.ts";

const tanh: Layer = { kind: "activation", name: "tanh" };
const relu: Layer = { kind: "activation", name: "relu" };
const two = { innerSteps: 2 };

const cases: Case[] = [
  caseOf("tanh", stackOf(SIZES, [tanh]), "meanSquaredError", two),
  caseOf(
    "ReLU, batch norm",
    stackOf(SIZES, [{ kind: "batchNorm", adapted: false }, relu]),
    "crossEntropy",
    two,
  ),
  caseOf(
    "layer norm, orders 2 and 1",
    stackOf(SIZES, [{ kind: "layerNorm", adapted: false }, tanh], { bias: false }),
    "binaryCrossEntropy",
    { ...two, order: [2, 1] },
  ),
];

const many = (each: Case) => tasksOf(each, { support: 7, query: 8 }, 9);
const few = (each: Case) => [taskOf(each, { support: 3, query: 4, weighted: "both" }, 30)];

describe.each(cases)("$name", (each) => {
  test("is added to what stands there, scaled; each task's loss is given", async () => {
    const { learner, binding, together } = await observe(each, "lowRank");
    const tasks = many(each);
    const { gradient } = binding;
    const ask = (scale: number, start: (i: number) => number) => {
      gradient.view.set(gradient.view.map((_, i) => start(i)));
      const found = Float64Array.from(together!.metaGradient(tasks, scale, 0));
      return { found, sum: gradient.view.slice() };
    };
    const { found, sum } = ask(1, () => 0);
    const singles = tasks.map((task) => expectedOf(each, [task]).loss);
    expectClose(found, singles, LOSS_TOLERANCE, "losses");
    const whole = expectedOf(each, tasks).gradient.map((value) => tasks.length * value);
    expectClose(sum, whole, TOLERANCE, "sum over the tasks");
    // Powers of two pass through unrounded.
    const half = ask(0.5, () => 0);
    expect(half.found).toEqual(found);
    expect(half.sum).toEqual(sum.map((value) => value / 2));
    const from = noise(3, gradient.length);
    const added = ask(1, (i) => from[i]).sum;
    const expected = sum.map((value, i) => value + from[i]);
    expectClose(added, expected, 4 * ROUNDING, "added");
    expect(learner.parameters).toEqual(each.theta);
  });

  test("many rows, few rows, many rows: the first and the last are the same bits", async () => {
    const { learner, calls } = await observe(each, "lowRank");
    const [a, b] = [many(each), few(each)];
    const [first, other, again, otherAgain] = [a, b, a, b].map((tasks) =>
      learner.metaGradient(tasks),
    );
    expect(calls).toEqual([9, 1, 9, 1]);
    expect(again).toEqual(first);
    expect(otherAgain).toEqual(other);
    const fresh = await observe(each, "lowRank");
    expect(fresh.learner.metaGradient(b)).toEqual(other);
  });

  test("all else that a learner does in between leaves no trace", async () => {
    const { learner } = await observe(each, "lowRank");
    const tasks = many(each);
    const first = learner.metaGradient(tasks);
    learner.adapt(tasks[0].support, { steps: 5 }).predict(tasks[0].query.inputs);
    learner.metaGradient([taskOf(each, { support: 5, query: 90 })]);
    learner.predict(tasks[1].query.inputs);
    expect(learner.metaGradient(tasks)).toEqual(first);
    expect(learner.parameters).toEqual(each.theta);
  });

  test("the order of tasks hardly matters, weights of 1 not at all", async () => {
    const { learner } = await observe(each, "lowRank");
    const tasks = many(each);
    const forth = learner.metaGradient(tasks);
    const back = learner.metaGradient(tasks.toReversed());
    expectClose(back.gradient, forth.gradient, 4 * ROUNDING, "meta-gradient");
    const ones = tasks.map(({ support, query }, i) => ({
      support: i % 2 ? support : { ...support, weights: new Array<number>(7).fill(1) },
      query: i % 3 ? query : { ...query, weights: new Float64Array(8).fill(1) },
    }));
    expect(learner.metaGradient(ones)).toEqual(forth);
    const doubled = [tasks[0], tasks[0]];
    const one = learner.metaGradient([tasks[0]]);
    const both = learner.metaGradient(doubled);
    expect(both.loss).toBe(one.loss);
    expectClose(both.gradient, one.gradient, 4 * ROUNDING, "twice the same");
  });

  test("same seed, same bits; nothing grows; saved and loaded, it goes on", async () => {
    const [one, other] = await Promise.all([observe(each, "lowRank"), observe(each, "lowRank")]);
    const { memory } = one.learner;
    const { buffer } = one.learner.metaParameters;
    const pool = [...many(each).slice(0, 5), ...few(each)];
    const sample = (random: Random) => pool[random.integer(pool.length)];
    const source = { inSize: 13, targetSize: pool[0].support.targets.length / 7, sample };
    const train = async ({ learner }: typeof one, steps: number) => {
      const reports = [];
      for await (const { loss } of metaTrain(learner, source, { steps, metaBatchSize: 12 }))
        reports.push(loss);
      return reports;
    };
    expect(await train(other, 6)).toEqual(await train(one, 6));
    expect(other.learner.metaParameters).toEqual(one.learner.metaParameters);
    expect(one.learner.metaParameters).not.toEqual(each.theta);
    expect(Math.max(...one.calls)).toBeGreaterThan(1);
    const loaded = await loadLearner(one.learner.save(), { core });
    await train(one, 3);
    await train({ ...one, learner: loaded }, 3);
    expect(loaded.metaParameters).toEqual(one.learner.metaParameters);
    expect(one.learner.memory).toEqual(memory);
    expect(one.learner.metaParameters.buffer).toBe(buffer);
  });

  test("a task that diverges: DivergedError, and the learner is as before", async () => {
    const { learner, calls } = await observe(each, "lowRank");
    const tasks = many(each);
    const before = learner.metaGradient(tasks);
    const { support, query } = tasks[4];
    const huge = Array.from(support.inputs, (x, i) => (i % 2 ? 1e38 : -1e38) * Math.sign(x));
    const wild = tasks.with(4, { support: { ...support, inputs: huge }, query });
    expect(() => learner.metaStep(wild)).toThrow(DivergedError);
    expect(calls).toEqual([9, 9]);
    expect(learner.step).toBe(0);
    expect(learner.parameters).toEqual(each.theta);
    expect(learner.metaGradient(tasks)).toEqual(before);
  });
});

test("finite differences of the loss agree, not so for the first order", async () => {
  const normed = stackOf(SIZES, [{ kind: "batchNorm", adapted: false }, tanh]);
  for (const each of [cases[0], caseOf("tanh, batch norm", normed, "crossEntropy", two)]) {
    const tasks = many(each);
    const { learner, calls } = await observe(each, "lowRank");
    expect(metaGradCheck(learner, tasks).error, each.name).toBeLessThan(0.03);
    expect(new Set(calls)).toEqual(new Set([9]));
    const first = await observe({ ...each, inner: { ...each.inner, order: 1 } }, "lowRank");
    expect(metaGradCheck(first.learner, tasks).error, each.name).toBeGreaterThan(0.1);
  }
});

/** Floats kept free behind each run, besides what alignment leaves. */
const GUARD_FLOATS = 8;
const GUARD_WORD = 0x4b1d5afe;

/** A memory that knows its runs, and that no word outside of them is ever written. */
class WatchedMemory extends Memory {
  readonly runs: { readonly start: number; readonly words: number }[] = [];

  override allocate(floats: number): number {
    const start = super.allocate(floats + GUARD_FLOATS);
    this.runs.push({ start, words: floats });
    return start;
  }

  /** The words between the runs, and behind the last. */
  between(): Int32Array[] {
    const ends = this.runs.map(({ start, words }) => start + 4 * words);
    return ends.map((end, i) => {
      const next = this.runs[i + 1]?.start ?? this.buffer.byteLength;
      return new Int32Array(this.buffer, end, (next - end) / 4);
    });
  }
}

describe.each(cases)("$name, in the worst surroundings", (each) => {
  test.each([
    { rows: 80, count: 10, support: 7, query: 8 },
    { rows: 15, count: 3, support: 5, query: 4 },
    { rows: 9, count: 1, support: 3, query: 9 },
  ])("$count tasks of $support + $query rows in room for $rows", (sizes) => {
    const memory = new WatchedMemory(instantiateCore(core));
    const network = new Network(memory, modelOf(each.model), losses[each.loss](), { maxRows: 90 });
    const [theta, out]: Vector[] = network.vectors(2);
    const { innerLearningRate: rate } = each.inner;
    const adapts = (i: number) => network.model.layers[i].spec.kind === "dense";
    const block = new TaskBlock(network, { steps: 2, rate, rows: sizes.rows, adapts });
    const words = block["words"];
    const zeros = words[BlockField.Zeros];
    const rates = words[BlockField.Length + TapeField.Rates];
    const plans = block["tapes"].map(({ pointer }) => pointer);
    const plan = network["plan"].pointer;
    const lasting = new Set([theta.pointer, out.pointer, zeros, rates, plan, ...plans]);
    theta.view.set(each.theta);
    for (const words of memory.between()) words.fill(GUARD_WORD);
    const constants = [zeros, rates].map((pointer) => copyOf(memory, pointer));
    const tasks = tasksOf(each, sizes, sizes.count);
    const run = () => {
      for (const { start, words } of memory.runs)
        if (!lasting.has(start)) new Float32Array(memory.buffer, start, words).fill(NaN);
      out.fill(0);
      block.load(tasks, (k) => each.inner.order === undefined || k === 0);
      const found = Float64Array.from(block.metaGradient(theta, 1 / tasks.length, out));
      return { found, gradient: out.view.slice() };
    };
    const { found, gradient } = run();
    const expected = expectedOf(each, tasks);
    expectClose(gradient, expected.gradient, TOLERANCE, "meta-gradient");
    expectClose(
      found.reduce((a, b) => a + b) / found.length,
      expected.loss,
      LOSS_TOLERANCE,
      "loss",
    );
    expect(found).toHaveLength(tasks.length);
    for (const words of memory.between()) expect(words.every((w) => w === GUARD_WORD)).toBe(true);
    expect([zeros, rates].map((pointer) => copyOf(memory, pointer))).toEqual(constants);
    expect(theta.view).toEqual(each.theta);
    expect(run()).toEqual({ found, gradient });
  });
});

/** The run that starts there. */
function copyOf(memory: WatchedMemory, pointer: number): Float32Array {
  const { words } = memory.runs.find(({ start }) => start === pointer)!;
  return new Float32Array(memory.buffer, pointer, words).slice();
}
