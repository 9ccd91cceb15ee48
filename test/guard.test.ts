/** What becomes of a meta-step when the inner loop of one of its tasks blows up. */
import { describe, expect, test } from "vitest";
import {
  adam,
  createLearner,
  DivergedError,
  type LearnerOptions,
  loadLearner,
  maml,
  meanSquaredError,
  metaTrain,
  mlp,
  Random,
  sinusoids,
  type Task,
} from "../src/index.ts";
import { core } from "./build.ts";
import { expectClose } from "./close.ts";

type Policy = Pick<LearnerOptions, "onDivergence" | "maxTaskNorm">;

const start = (policy: Policy = {}) =>
  createLearner({
    model: mlp({ sizes: [1, 12, 12, 1] }),
    loss: meanSquaredError(),
    algorithm: maml({ innerLearningRate: 0.1, innerSteps: 5 }),
    metaOptimizer: adam(),
    seed: 2,
    core,
    ...policy,
  });

const random = new Random(4);
const tasks = Array.from({ length: 4 }, (_, i) =>
  sinusoids({ amplitude: [1, 2], inputs: [-1, 1] }).sample(random.fork(i)),
);
const [a, b, c, d] = tasks;

/** The same task with inputs so large that an inner step overshoots, and the next one more. */
function wild({ support, query }: Task, by = 1e3): Task {
  const inputs = Float32Array.from(support.inputs, (x) => by * x);
  return { support: { ...support, inputs }, query };
}

const bad = wild(b);
/** As far as f32 tells: sums over 3 tasks, scaled by 1/4 and then by 4/3. */
const ROUNDING = 1e-6;

test("the wild task is one: its loss is not finite, those of the others are", async () => {
  const learner = await start();
  expect(learner.metaGradient([bad]).loss).not.toSatisfy(Number.isFinite);
  for (const task of tasks) expect(learner.metaGradient([task]).loss).toBeLessThan(10);
});

describe("throw, the default", () => {
  test.each([{}, { onDivergence: "throw" as const }])(
    "%o: the meta-step is refused",
    async (policy) => {
      const learner = await start(policy);
      const before = learner.save();
      expect(() => learner.metaStep([a, bad, c])).toThrow(DivergedError);
      expect(learner.save()).toEqual(before);
      expect(learner.metaStep([a, c]).diverged).toBe(0);
    },
  );

  test("a task's gradient over maxTaskNorm is refused, too", async () => {
    const norm = await normOf(b);
    const learner = await start({ maxTaskNorm: 0.99 * norm });
    const before = learner.save();
    expect(() => learner.metaStep([b])).toThrow(
      /^metaStep: expected a norm of each task's gradient ≤ [\d.]+, got [\d.]+ at meta-step 1$/,
    );
    expect(() => learner.metaGradient([b])).toThrow(/^metaGradient: expected a norm of each task/);
    expect(learner.save()).toEqual(before);
    expect((await start({ maxTaskNorm: 1.01 * norm })).metaStep([b]).diverged).toBe(0);
  });
});

describe("skip", () => {
  test("the meta-step is that of the other tasks", async () => {
    const [learner, other] = [await start({ onDivergence: "skip" }), await start()];
    const skipped = learner.metaGradient([a, bad, c, d]);
    const without = other.metaGradient([a, c, d]);
    expect(skipped.diverged).toBe(1);
    expectClose(skipped.loss, without.loss, ROUNDING, "loss");
    expectClose(skipped.gradient, without.gradient, ROUNDING, "meta-gradient");
    expect(learner.metaStep([a, bad, c, d]).diverged).toBe(1);
    expect(learner.step).toBe(1);
    other.metaStep([a, c, d]);
    expectClose(learner.metaParameters, other.metaParameters, ROUNDING, "metaParameters");
  });

  test("wherever it stands, and however many there are", async () => {
    const learner = await start({ onDivergence: "skip" });
    const without = (await start()).metaGradient([a, c]);
    for (const some of [
      [bad, a, c],
      [a, c, bad],
      [bad, a, bad, c, wild(d)],
    ]) {
      const { loss, gradient, diverged } = learner.metaGradient(some);
      expect(diverged).toBe(some.length - 2);
      expectClose(loss, without.loss, ROUNDING, "loss");
      expectClose(gradient, without.gradient, ROUNDING, "meta-gradient");
    }
  });

  test("without a wild task: the very bits of no policy", async () => {
    const [learner, other] = [await start({ onDivergence: "skip" }), await start()];
    for (let step = 0; step < 3; step++)
      expect(learner.metaStep(tasks)).toEqual(other.metaStep(tasks));
    expect(learner.metaParameters).toEqual(other.metaParameters);
  });

  test("of two learners with the same tasks, the same bits", async () => {
    const [learner, other] = [
      await start({ onDivergence: "skip" }),
      await start({ onDivergence: "skip" }),
    ];
    for (let step = 0; step < 3; step++)
      expect(learner.metaStep([a, bad, c])).toEqual(other.metaStep([a, bad, c]));
    expect(learner.save()).toEqual(other.save());
  });

  test("a finite gradient over maxTaskNorm is left out, too", async () => {
    const norms = await Promise.all(tasks.map(normOf));
    const largest = norms.indexOf(Math.max(...norms));
    const learner = await start({ onDivergence: "skip", maxTaskNorm: 0.99 * norms[largest] });
    const others = tasks.filter((_, i) => i !== largest);
    const { gradient, diverged } = learner.metaGradient(tasks);
    expect(diverged).toBe(1);
    const without = (await start()).metaGradient(others);
    expectClose(gradient, without.gradient, ROUNDING, "meta-gradient");
  });
});

describe("clip", () => {
  test("a task's part is scaled down to the bound, and counts as diverged", async () => {
    const plain = await start();
    const parts = tasks.map((task) => plain.metaGradient([task]));
    const norms = parts.map(({ gradient }) => Math.hypot(...gradient));
    const [, second, third] = norms.toSorted((x, y) => x - y);
    const bound = (second + third) / 2;
    const learner = await start({ onDivergence: "clip", maxTaskNorm: bound });
    const { loss, gradient, diverged } = learner.metaGradient(tasks);
    expect(diverged).toBe(2);
    const factors = norms.map((norm) => Math.min(1, bound / norm));
    const expected = gradient.map((_, i) =>
      parts.reduce((sum, part, t) => sum + (factors[t] * part.gradient[i]) / 4, 0),
    );
    expectClose(gradient, expected, ROUNDING, "meta-gradient");
    expectClose(loss, parts.reduce((sum, part) => sum + part.loss, 0) / 4, ROUNDING, "loss");
    for (const task of tasks)
      expect(Math.hypot(...learner.metaGradient([task]).gradient)).toBeLessThan(bound * 1.00001);
  });

  test("what is not finite is left out", async () => {
    const learner = await start({ onDivergence: "clip", maxTaskNorm: 1e6 });
    const { gradient, diverged } = learner.metaGradient([a, bad, c]);
    expect(diverged).toBe(1);
    const without = (await start()).metaGradient([a, c]);
    expectClose(gradient, without.gradient, ROUNDING, "meta-gradient");
  });

  test("a large but finite task is bounded", async () => {
    const learner = await start({ onDivergence: "clip", maxTaskNorm: 10 });
    const large = wild(b, 10);
    const alone = (await start()).metaGradient([large]);
    expect(Math.hypot(...alone.gradient)).toBeGreaterThan(100);
    const [{ gradient, diverged }, without] = [
      learner.metaGradient([a, large]),
      learner.metaGradient([a]),
    ];
    expect(diverged).toBe(1);
    const added = gradient.map((value, i) => 2 * value - without.gradient[i]);
    expect(Math.hypot(...added)).toBeCloseTo(10, 3);
  });
});

describe.each<Policy>([
  { onDivergence: "throw" },
  { onDivergence: "skip" },
  { onDivergence: "clip", maxTaskNorm: 10 },
])("%o", (policy) => {
  test("when all tasks diverge: DivergedError, and nothing has changed", async () => {
    const learner = await start(policy);
    learner.metaStep([a, c]);
    const before = learner.save();
    for (const all of [[bad], [bad, wild(c), wild(d)]])
      expect(() => learner.metaStep(all)).toThrow(DivergedError);
    expect(learner.save()).toEqual(before);
    expect(learner.step).toBe(1);
    const other = await start(policy);
    other.metaStep([a, c]);
    expect(learner.metaStep([a, d])).toEqual(other.metaStep([a, d]));
    expect(learner.metaParameters).toEqual(other.metaParameters);
  });

  test("a saved learner keeps it", async () => {
    const learner = await start(policy);
    const loaded = await loadLearner(learner.save(), { core });
    expect(loaded.guard).toEqual(learner.guard);
    expect(loaded.guard.policy).toBe(policy.onDivergence);
    expect(loaded.guard.maxTaskNorm).toBe(policy.maxTaskNorm);
    const outcome = (of: typeof learner) => {
      try {
        return of.metaStep([a, bad, c]);
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(outcome(loaded)).toEqual(outcome(learner));
    expect(loaded.metaParameters).toEqual(learner.metaParameters);
  });
});

test("metaTrain reports how many diverged, and goes on", async () => {
  const learner = await start({ onDivergence: "skip" });
  const source = sinusoids({ amplitude: [1, 2], inputs: [-1, 1] });
  let drawn = 0;
  const sample = (stream: Random) => {
    const task = source.sample(stream);
    return drawn++ % 4 === 1 ? wild(task) : task;
  };
  const counts = [];
  for await (const { loss, diverged } of metaTrain(
    learner,
    { ...source, sample },
    { steps: 10, metaBatchSize: 4 },
  )) {
    expect(loss).toBeLessThan(10);
    counts.push(diverged);
  }
  expect(counts).toEqual(Array.from({ length: 10 }, () => 1));
  expect(learner.step).toBe(10);
});

test.each([
  [
    { onDivergence: "ignore" },
    'createLearner: expected onDivergence "throw", "skip" or "clip", got "ignore"',
  ],
  [{ maxTaskNorm: 0 }, "createLearner: expected maxTaskNorm > 0, got 0"],
  [{ maxTaskNorm: Infinity }, "createLearner: expected finite maxTaskNorm > 0, got Infinity"],
  [{ onDivergence: "clip" }, "createLearner: expected number maxTaskNorm > 0, got undefined"],
])("%o is refused", async (policy, message) => {
  await expect(start(policy as never)).rejects.toThrow(message);
});

async function normOf(task: Task): Promise<number> {
  return Math.hypot(...(await start()).metaGradient([task]).gradient);
}
