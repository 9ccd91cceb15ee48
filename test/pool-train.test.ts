import { describe, expect, test } from "vitest";
import { metaTrain, sinusoids, type TaskDistribution, type TrainReport } from "../src/index.ts";
import type { Pool } from "../src/pool/index.ts";
import { learnerOf } from "./learners.ts";
import { bitsOf, poolFor, waves } from "./pools.ts";

describe("while a pool makes a meta-step", () => {
  test("the learner makes no other, but adapts", async () => {
    const pool = await poolFor({ threads: 2 });
    const [alone, pooled] = [await learnerOf(), await learnerOf()];
    const tasks = waves(5);
    const made = pool.metaStep(pooled, tasks);
    for (const name of ["metaStep", "metaGradient"] as const)
      expect(() => pooled[name](tasks)).toThrow(
        `${name}: expected to come after what a pool makes of this learner, got another`,
      );
    const adapted = pooled.adapt(tasks[0].support).parameters;
    expect(adapted).toEqual(alone.adapt(tasks[0].support).parameters);
    expect(await made).toEqual(alone.metaStep(tasks));
    expect(pooled.metaStep(tasks)).toEqual(alone.metaStep(tasks));
    expect(bitsOf(pooled)).toBe(bitsOf(alone));
  });
});

describe("metaTrain with a pool", () => {
  async function train(source: TaskDistribution, options: { pool?: Pool; signal?: AbortSignal }) {
    const learner = await learnerOf();
    const reports: Omit<TrainReport, "tasksPerSecond">[] = [];
    let failed: unknown;
    try {
      for await (const { tasksPerSecond, ...report } of metaTrain(learner, source, {
        steps: 6,
        metaBatchSize: 5,
        ...options,
      })) {
        expect(tasksPerSecond).toBeGreaterThan(0);
        reports.push(report);
      }
    } catch (error) {
      failed = error;
    }
    return { reports, failed, learner: bitsOf(learner) };
  }

  /** Fails at the n-th task. */
  function failing(n: number): TaskDistribution {
    const source = sinusoids();
    let drawn = 0;
    return {
      ...source,
      sample(random) {
        if (++drawn === n) throw new Error("no more of them");
        return source.sample(random);
      },
    };
  }

  test("goes the same way", async () => {
    const pool = await poolFor({ threads: 2 });
    expect(await train(sinusoids(), { pool })).toEqual(await train(sinusoids(), {}));
  });

  test.each([1, 2])("by %i threads: each task is drawn once", async (threads) => {
    const pool = await poolFor({ threads });
    let drawn = 0;
    const source = sinusoids();
    const counted: TaskDistribution = { ...source, sample: (r) => (drawn++, source.sample(r)) };
    expect((await train(counted, { pool })).reports).toHaveLength(6);
    expect(drawn).toBe(6 * 5);
  });

  test.each([1, 13])("tasks that fail, the %ith: after the same meta-steps", async (n) => {
    const pool = await poolFor({ threads: 2 });
    const wanted = await train(failing(n), {});
    expect(wanted.failed).toBeInstanceOf(Error);
    expect(await train(failing(n), { pool })).toEqual(wanted);
  });

  test("stops between two meta-steps once aborted", async () => {
    const pool = await poolFor({ threads: 2 });
    const [stop, reason] = [new AbortController(), new Error("enough")];
    const learner = await learnerOf();
    const run = (async () => {
      const options = { steps: 9, pool, signal: stop.signal };
      for await (const { step } of metaTrain(learner, sinusoids(), options))
        if (step === 3) stop.abort(reason);
    })();
    await expect(run).rejects.toBe(reason);
    expect(learner.step).toBe(3);
  });

  test("refuses what is no pool", async () => {
    const learner = await learnerOf();
    const options = { steps: 1, pool: 2 } as never;
    expect(() => metaTrain(learner, sinusoids(), options)).toThrow(
      "metaTrain: expected a pool, got 2",
    );
  });
});
