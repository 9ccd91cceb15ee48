import { afterAll, describe, expect, test } from "vitest";
import {
  batchNorm,
  cavia,
  crossEntropy,
  DivergedError,
  type Learner,
  loadLearner,
  maml,
  mamlPlusPlus,
  metaSgd,
  mlp,
  multiTask,
  protoMaml,
  Random,
  sgd,
  type Task,
} from "../src/index.ts";
import type { Pool, PoolOptions } from "../src/pool/index.ts";
import { learnerOf } from "./learners.ts";
import { bitsOf, expectSameBits, poolFor, poolOf, waves } from "./pools.ts";

const classes = { loss: crossEntropy(), maxRows: 12 };

/** `ways` classes of points, `shots` each, in as many dimensions; some queries larger than others. */
function points(count: number, ways = 3, shots = 2): Task[] {
  const random = new Random(7);
  const batch = (rows: number) => ({
    inputs: Float32Array.from({ length: rows * 4 }, () => random.normal()),
    targets: Float32Array.from({ length: rows }, (_, row) => row % ways),
    rows,
  });
  return Array.from({ length: count }, () => ({
    support: batch(ways * shots),
    query: batch(ways * shots),
  }));
}

const weighted = waves(7).map(({ support, query }, i) => ({
  support: i % 2 ? support : { ...support, weights: [0.1, 1, 0, 2, 1, 1, 1, 1, 1, 0.7] },
  query: i % 3 ? query : { ...query, weights: Float32Array.from(query.targets, (_, row) => row) },
}));

/** One that diverges among others; the learner's guard says what becomes of it. */
const wild = waves(6);
wild[3] = {
  support: wild[3].support,
  query: { ...wild[3].query, targets: Float32Array.from(wild[3].query.targets, () => 3e38) },
};

const norm = (statistics?: "support") => batchNorm({ scale: false, adapted: false, statistics });

interface Case {
  readonly make: () => Promise<Learner>;
  readonly tasks: readonly Task[];
}

const cases: Record<string, Case> = {
  "a task at a time": { make: () => learnerOf(), tasks: waves(11) },
  "fewer tasks than threads": { make: () => learnerOf(), tasks: waves(1) },
  "lists of numbers": {
    make: () => learnerOf(),
    tasks: waves(5).map(({ support, query }) => ({
      support: { ...support, inputs: Array.from(support.inputs, (x) => x + 1e-9) },
      query: { ...query, targets: Array.from(query.targets, (y) => y / 3) },
    })),
  },
  "row weights": { make: () => learnerOf(), tasks: weighted },
  "blocks of low rank": {
    make: () =>
      learnerOf({
        ...classes,
        model: mlp({ sizes: [4, 9, 6, 3] }),
        algorithm: maml({ innerLearningRate: 0.1, fastWeights: "lowRank" }),
      }),
    tasks: points(31),
  },
  "batch norm": {
    make: () => learnerOf({ ...classes, model: mlp({ sizes: [4, 9, 3], norm: "batch" }) }),
    tasks: points(7),
  },
  "blocks, normed by the support set": {
    make: () =>
      learnerOf({
        ...classes,
        model: mlp({ sizes: [4, 9, 3], norm: norm("support") }),
        algorithm: maml({ innerLearningRate: 0.1, fastWeights: "lowRank" }),
      }),
    tasks: points(9),
  },
  "rows that count": {
    make: () => learnerOf({ ...classes, model: mlp({ sizes: [4, 9, 3], norm: norm() }) }),
    tasks: points(5).map(({ support, query }) => ({ support, query: { ...query, counted: 4 } })),
  },
  skip: { make: () => learnerOf({ onDivergence: "skip", maxTaskNorm: 1e4 }), tasks: wild },
  clip: { make: () => learnerOf({ onDivergence: "clip", maxTaskNorm: 0.5 }), tasks: wild },
  "rates of its own": {
    make: () => learnerOf({ algorithm: metaSgd({ innerLearningRate: 0.01 }) }),
    tasks: waves(5),
  },
  "what depends on the step": {
    make: () =>
      learnerOf({
        algorithm: mamlPlusPlus({ innerLearningRate: 0.01, innerSteps: 3, multiStepLoss: 3 }),
      }),
    tasks: waves(5),
  },
  "a head for each task": {
    make: () => learnerOf({ algorithm: multiTask({ innerLearningRate: 0.01, tasks: 4 }) }),
    tasks: waves(4).map((task, index) => ({ ...task, index })),
  },
  "a context": {
    make: () =>
      learnerOf({
        model: mlp({ sizes: [1, 8, 1], context: 3 }),
        algorithm: cavia({ innerLearningRate: 0.1 }),
      }),
    tasks: waves(3),
  },
  prototypes: {
    make: () =>
      learnerOf({
        ...classes,
        model: mlp({ sizes: [4, 9, 3] }),
        algorithm: protoMaml({ innerLearningRate: 0.1 }),
      }),
    tasks: points(5),
  },
};

const kinds: Record<string, PoolOptions> = {
  "1 thread": { threads: 1 },
  "2 threads, this one among them": { threads: 2 },
  "3 threads, this one among them": { threads: 3 },
  "1 worker, shared memory": { threads: 1, here: false },
  "5 workers, shared memory": { threads: 5, here: false },
  "1 worker, memory sent": { threads: 1, shared: false },
  "3 workers, memory sent": { threads: 3, shared: false },
};

describe.each(Object.entries(kinds))("%s", (_, options) => {
  let made: Promise<Pool> | undefined;
  const pool = () => (made ??= poolOf(options));
  afterAll(async () => (await made)?.close());

  test.each(Object.entries(cases))("%s: the bits of the learner alone", async (__, kind) => {
    await expectSameBits(await pool(), kind.make, [kind.tasks, kind.tasks]);
  });

  test("batches of all sizes, one after the other", async () => {
    const sizes = [3, 40, 1, 17, 2];
    const batches = sizes.map((size, seed) => waves(size, seed));
    await expectSameBits(await pool(), () => learnerOf(), batches);
  });

  test.each([
    ["a task over its bound", { maxTaskNorm: 1e-3 }, waves(4)],
    ["a task that is not finite", {}, wild],
    ["all of them left out", { onDivergence: "skip", maxTaskNorm: 1e-9 }, waves(4)],
  ] as const)("%s: the same error, and nothing has changed", async (__, guard, tasks) => {
    const learner = await learnerOf(guard);
    learner.metaParameters.set((await learnerOf({ seed: 5 })).metaParameters);
    learner.step = 4;
    const before = bitsOf(learner);
    const wanted = thrown(() => learner.metaStep(tasks));
    expect(wanted).toBeInstanceOf(DivergedError);
    await expect((await pool()).metaStep(learner, tasks)).rejects.toEqual(wanted);
    expect(bitsOf(learner)).toBe(before);
    const good = waves(3);
    const twin = await loadLearner(learner.save(), { core: learner.internal.core });
    if (!("onDivergence" in guard) && !("maxTaskNorm" in guard))
      expect(await (await pool()).metaStep(learner, good)).toEqual(twin.metaStep(good));
  });

  test("a task that an algorithm refuses: its own words", async () => {
    const algorithm = multiTask({ innerLearningRate: 0.01, tasks: 2 });
    const learner = await learnerOf({ algorithm });
    for (const index of [2, -1, 0.5, 2 ** 40]) {
      const tasks = waves(3).map((task, i) => ({ ...task, index: i === 1 ? index : i % 2 }));
      const wanted = thrown(() => learner.metaStep(tasks));
      expect(wanted).toBeInstanceOf(Error);
      await expect((await pool()).metaStep(learner, tasks)).rejects.toEqual(wanted);
    }
  });
});

test("more contributions than may wait at once", async () => {
  const pool = await poolFor({ threads: 2, here: false });
  // 64 MB are 16 of 10⁶ parameters each.
  const make = () =>
    learnerOf({
      model: mlp({ sizes: [1, 1000, 1000, 1] }),
      algorithm: maml({ innerLearningRate: 0.01, order: 1, fastWeights: "full" }),
      metaOptimizer: sgd({ learningRate: 0.001 }),
    });
  const [alone, pooled] = [await make(), await make()];
  const tasks = waves(19);
  expect(await pool.metaStep(pooled, tasks)).toEqual(alone.metaStep(tasks));
  expect(bitsOf(pooled) === bitsOf(alone)).toBe(true);
});

test("refuses what is no learner, or no tasks", async () => {
  const pool = await poolFor({ threads: 2 });
  const learner = await learnerOf();
  for (const where of ["metaStep", "metaGradient"] as const) {
    await expect(pool[where](3 as never, waves(1))).rejects.toThrow(
      `${where}: expected a learner, got 3`,
    );
    await expect(pool[where](learner, [])).rejects.toThrow(
      `${where}: expected at least one task, got 0`,
    );
  }
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
