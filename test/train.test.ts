import { describe, expect, test } from "vitest";
import {
  adam,
  createLearner,
  evaluate,
  type Learner,
  maml,
  meanSquaredError,
  metaTrain,
  mlp,
  Random,
  sinusoids,
  type TaskDistribution,
} from "../src/index.ts";
import { build, core } from "./build.ts";

const start = (sizes = [1, 8, 1]) =>
  createLearner({
    model: mlp({ sizes, initialization: "uniform" }),
    loss: meanSquaredError(),
    algorithm: maml({ innerLearningRate: 0.01 }),
    metaOptimizer: adam(),
    seed: 3,
    core,
  });

async function train(learner: Learner, steps: number, source: TaskDistribution = sinusoids()) {
  const reports = [];
  for await (const report of metaTrain(learner, source, { steps, metaBatchSize: 4 }))
    reports.push(report);
  return reports;
}

/** A distribution that keeps all the inputs it gave out. */
function watched(seen: string[]): TaskDistribution {
  const source = sinusoids();
  return {
    ...source,
    sample(random) {
      const task = source.sample(random);
      for (const { inputs } of [task.support, task.query])
        for (let i = 0; i < inputs.length; i++) seen.push(String(inputs[i]));
      return task;
    },
  };
}

describe("metaTrain", () => {
  test("reports every step: the number of it, its loss, its speed", async () => {
    const learner = await start();
    const reports = [...(await train(learner, 5)), ...(await train(learner, 3))];
    expect(reports.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const { loss, tasksPerSecond } of reports) {
      expect(loss).toBeGreaterThan(0);
      expect(tasksPerSecond).toBeGreaterThan(0);
      expect(tasksPerSecond).toBeLessThan(Infinity);
    }
    expect(await train(learner, 0)).toEqual([]);
    expect(learner.step).toBe(8);
  });

  test("draws task i of step t from (seed, t, i)", async () => {
    const [learner, other] = [await start(), await start()];
    const losses = (await train(learner, 3)).map(({ loss }) => loss);
    const random = new Random(3).fork(1);
    for (let t = 0; t < 3; t++) {
      const tasks = [0, 1, 2, 3].map((i) => sinusoids().sample(random.fork(t, i)));
      expect(other.metaStep(tasks).loss).toBe(losses[t]);
    }
    expect(other.parameters).toEqual(learner.parameters);
  });

  test("goes on where it stopped, however it was cut", async () => {
    const [whole, parts] = [await start(), await start()];
    await train(whole, 30);
    for (const steps of [1, 9, 20]) await train(parts, steps);
    expect(parts.parameters).toEqual(whole.parameters);
  });

  test("stops at a break, and the learner goes on", async () => {
    const learner = await start();
    for await (const { step } of metaTrain(learner, sinusoids(), { steps: 100 }))
      if (step === 7) break;
    expect(learner.step).toBe(7);
    expect(await train(learner, 1)).toHaveLength(1);
  });

  test.each([
    ["a reason of its own", new Error("enough")],
    ["the default reason", undefined],
  ])("aborts with %s, between two steps; the learner stays usable", async (_, reason) => {
    const [learner, other] = [await start(), await start()];
    const stop = new AbortController();
    const run = async () => {
      const options = { steps: 100, metaBatchSize: 4, signal: stop.signal };
      for await (const { step } of metaTrain(learner, sinusoids(), options))
        if (step === 5) stop.abort(reason);
    };
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toBe(stop.signal.reason);
    if (reason) expect(error).toBe(reason);
    else expect((error as Error).name).toBe("AbortError");
    expect(learner.step).toBe(5);
    await train(learner, 5);
    await train(other, 10);
    expect(learner.parameters).toEqual(other.parameters);
  });

  test("a signal aborted before the start stops it at once", async () => {
    const learner = await start();
    const signal = AbortSignal.abort();
    const iterator = metaTrain(learner, sinusoids(), { steps: 9, signal });
    await expect(iterator.next()).rejects.toThrow("aborted");
    expect(learner.step).toBe(0);
  });

  test("the event loop breathes: timers fire while it trains", async () => {
    const learner = await start();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    for await (const _ of metaTrain(learner, sinusoids(), { steps: 20_000 })) if (ticks >= 4) break;
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(4);
  });

  test.each([
    [{}, "metaTrain: expected integer steps ≥ 0, got undefined"],
    [{ steps: -1 }, "metaTrain: expected steps ≥ 0, got -1"],
    [{ steps: 1, metaBatchSize: 0 }, "metaTrain: expected metaBatchSize ≥ 1, got 0"],
    [
      { steps: 1, batch: 3 },
      'metaTrain: expected options steps, metaBatchSize, signal or pool, got "batch"',
    ],
  ])("refuses %j at the call", async (options, message) => {
    const learner = await start();
    expect(() => metaTrain(learner, sinusoids(), options as never)).toThrow(message);
  });

  test("refuses what is no distribution, or does not fit", async () => {
    const learner = await start([2, 4, 1]);
    await expect(train(learner, 1, [] as never)).rejects.toThrow(
      "metaTrain: expected a distribution of tasks, got []",
    );
    await expect(train(learner, 1)).rejects.toThrow(
      "metaStep: expected task.support.inputs.length 20 (10 rows of 2), got 10",
    );
    expect(learner.step).toBe(0);
  });

  test("evaluate draws tasks that no training draws", async () => {
    const learner = await start();
    const [trained, judged]: string[][] = [[], []];
    await train(learner, 200, watched(trained));
    evaluate(learner, watched(judged), { tasks: 200 });
    expect(judged).toHaveLength(200 * 20);
    const known = new Set(trained);
    // Inputs are 2³² f32 values of one interval: a few of the 4,000 turn up twice by chance, and a task of 20 never.
    const shared = judged.map((value) => known.has(value));
    for (let i = 0; i < judged.length; i += 20)
      expect(shared.slice(i, i + 20).filter(Boolean).length).toBeLessThan(3);
  });
});

/**
 * MAML on sinusoids as in the first target of the papers' notes: 1-40-40-1, α 0.01, 10 shots, Adam 0.001, 25 tasks a step. Bounds
 * about a quarter above what 5,000 iterations give. The debug core is 20 times slower and gets the short form.
 */
const long = build !== "debug";
test(`MAML learns sinusoids (${long ? "5,000" : "300"} iterations)`, async () => {
  const learner = await start([1, 40, 40, 1]);
  const before = evaluate(learner, sinusoids(), { tasks: 200, steps: [1, 5] });
  for await (const _ of metaTrain(learner, sinusoids(), { steps: long ? 5000 : 300 }));
  const after = evaluate(learner, sinusoids(), { tasks: 600, steps: [0, 1, 5] });
  const [pooled, one, five] = after.map(({ loss }) => loss);
  expect(before[0].loss).toBeGreaterThan(2.5);
  expect(one).toBeLessThan(long ? 0.75 : 3.5);
  expect(five).toBeLessThan(long ? 0.35 : 3);
  expect(pooled).toBeGreaterThan(one);
});
