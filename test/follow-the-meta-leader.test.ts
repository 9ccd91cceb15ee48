import { describe, expect, test } from "vitest";
import {
  adam,
  createLearner,
  DivergedError,
  evaluate,
  followTheMetaLeader,
  type FollowOptions,
  type Learner,
  maml,
  meanSquaredError,
  mlp,
  type Optimizer,
  Random,
  sgd,
  sinusoids,
  type Task,
} from "../src/index.ts";
import { core } from "./build.ts";

const start = (metaOptimizer: Optimizer = adam({ learningRate: 0.003 })) =>
  createLearner({
    model: mlp({ sizes: [1, 24, 24, 1] }),
    loss: meanSquaredError(),
    algorithm: maml({ innerLearningRate: 0.02, innerSteps: 2 }),
    metaOptimizer,
    seed: 5,
    core,
  });

/** Sinusoids in order of arrival. */
function arrivals(count: number, seed = 1): Task[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => sinusoids().sample(random.fork(i)));
}

type Arrivals = Parameters<typeof followTheMetaLeader>[1];

async function follow(learner: Learner, tasks: Arrivals, options: FollowOptions) {
  const reports = [];
  for await (const report of followTheMetaLeader(learner, tasks, options)) reports.push(report);
  return reports;
}

const options = { stepsPerTask: 3, metaBatchSize: 4 };
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

describe("followTheMetaLeader", () => {
  test("the regret falls from task to task, and is a fraction of that without meta-training", async () => {
    const tasks = arrivals(100);
    const learner = await start();
    const trained = await follow(learner, tasks, { stepsPerTask: 20, metaBatchSize: 10 });
    const fixed = await follow(await start(), tasks, { stepsPerTask: 0 });
    // The best learner in hindsight, or nearly: the last one, which has trained with all tasks.
    const [{ losses }] = evaluate(learner, tasks, { steps: [2] });
    const regret = (reports: typeof trained, from: number) =>
      mean(reports.slice(from, from + 25).map(({ loss }) => loss)) -
      mean(losses.slice(from, from + 25));
    // Measured: 1.46, 0.97, 0.82, 0.31 over 25 tasks each; without meta-training 2.5 to 4.5.
    const regrets = [0, 25, 50, 75].map((from) => regret(trained, from));
    expect(regrets.toSorted((a, b) => b - a)).toEqual(regrets);
    expect(regrets[3]).toBeLessThan(regrets[0] / 3);
    expect(regrets[3]).toBeLessThan(regret(fixed, 75) / 5);
    expect(trained[99].meanLoss).toBeLessThan(fixed[99].meanLoss / 2);
  });

  test("judges a task before it trains with it, then trains with tasks drawn from (seed, step, i)", async () => {
    const [learner, other] = [await start(), await start()];
    const tasks = arrivals(5);
    const random = new Random(5).fork(1);
    let [index, sum] = [0, 0];
    for await (const report of followTheMetaLeader(learner, tasks, options)) {
      const { support, query } = tasks[index];
      const outputs = other.adapt(support).predict(query.inputs);
      const loss = outputs.reduce((total, o, i) => total + (o - query.targets[i]) ** 2, 0) / 10;
      sum += report.loss;
      expect(report.loss).toBeCloseTo(loss, 5);
      expect(report).toEqual({
        index,
        loss: report.loss,
        meanLoss: sum / (index + 1),
        step: 3 * index,
      });
      expect(learner.metaParameters).toEqual(other.metaParameters);
      index++;
      for (let step = other.step; step < 3 * index; step++)
        other.metaStep([0, 1, 2, 3].map((i) => tasks[random.fork(step, i).integer(index)]));
    }
    expect(learner.step).toBe(15);
    expect(learner.metaParameters).toEqual(other.metaParameters);
  });

  test("same tasks, same bits, whether they are at hand or come in time", async () => {
    async function* later() {
      for (const task of arrivals(6)) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield task;
      }
    }
    const [a, b] = [await start(), await start()];
    expect(await follow(a, later(), options)).toEqual(await follow(b, arrivals(6), options));
    expect(a.metaParameters).toEqual(b.metaParameters);
  });

  test("no tasks: no reports", async () => {
    expect(await follow(await start(), [], options)).toEqual([]);
  });

  test("left by a break: the source is closed, the last task not trained with", async () => {
    const learner = await start();
    let closed = false;
    function* source() {
      try {
        yield* arrivals(9);
      } finally {
        closed = true;
      }
    }
    for await (const { index } of followTheMetaLeader(learner, source(), options))
      if (index === 2) break;
    expect(closed).toBe(true);
    expect(learner.step).toBe(6);
  });

  test("aborted between two meta-steps, the event loop running on", async () => {
    const learner = await start();
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 5);
    const long = { stepsPerTask: 1e6, signal: controller.signal };
    await expect(follow(learner, arrivals(2), long)).rejects.toThrow("enough");
    expect(learner.step).toBeGreaterThan(0);
    await expect(follow(learner, arrivals(2), long)).rejects.toThrow("enough");
  });

  test("training that diverges stops it", async () => {
    const learner = await start(sgd({ learningRate: 1e6 }));
    await expect(follow(learner, arrivals(30), options)).rejects.toThrow(DivergedError);
  });
});

describe("what does not fit", () => {
  test.each([
    [{}, "followTheMetaLeader: expected integer stepsPerTask ≥ 0, got undefined"],
    [{ stepsPerTask: -1 }, "followTheMetaLeader: expected stepsPerTask ≥ 0, got -1"],
    [{ ...options, metaBatchSize: 0 }, "followTheMetaLeader: expected metaBatchSize ≥ 1, got 0"],
    [{ ...options, signal: 3 }, "followTheMetaLeader: expected an AbortSignal as signal, got 3"],
    [{ steps: 3 }, "followTheMetaLeader: expected options stepsPerTask, metaBatchSize or signal"],
  ])("options %o: at the call", async (wrong, message) => {
    const learner = await start();
    expect(() => followTheMetaLeader(learner, [], wrong as never)).toThrow(message);
  });

  test.each([
    ["a distribution", sinusoids()],
    ["nothing", undefined],
    ["text", "tasks"],
  ])("%s for tasks: at the call", async (_, wrong) => {
    const learner = await start();
    expect(() => followTheMetaLeader(learner, wrong as never, options)).toThrow(
      "followTheMetaLeader: expected tasks in order of arrival, got ",
    );
    expect(() => followTheMetaLeader({} as never, [], options)).toThrow(
      "expected a learner, got {}",
    );
  });

  test("a task: as it arrives, the ones before it trained with", async () => {
    const learner = await start();
    const [good, other] = arrivals(2);
    const bad = { ...other, query: { ...other.query, rows: 3 } };
    await expect(follow(learner, [good, bad], options)).rejects.toThrow(
      "followTheMetaLeader: expected task 1.query.inputs.length 3 (3 rows of 1), got 10",
    );
    expect(learner.step).toBe(3);
  });
});
