import { describe, expect, test } from "vitest";
import { type Batch, maml, type OnlineOptions } from "../src/index.ts";
import { LOSS_TOLERANCE } from "./close.ts";
import { learnerFor } from "./learners.ts";
import { objectives, parametersOf, taskOf } from "./objectives.ts";
import * as oracle from "./oracle/meta.ts";
import { part } from "./rows.ts";

const algorithm = maml({ innerLearningRate: 0.1, innerSteps: 2 });

/** The same with weights: 1 for the last row, γ for the one before it … */
function aged(batch: Batch, decay: number | undefined): Batch {
  if (decay === undefined) return batch;
  const weights = [1];
  while (weights.length < batch.rows) weights.unshift(weights[0] * decay);
  return { ...batch, weights };
}

describe.each(objectives.map((each) => [each.name, each] as const))("%s", (_, objective) => {
  const parameters = parametersOf(objective);
  const stream = taskOf(objective, 1, 60).support;
  const start = () => learnerFor(objective, { parameters, algorithm });

  const settings: [string, OnlineOptions, number][] = [
    ["a window", { window: 13 }, 13],
    ["a window wider than the stream, other steps", { window: 99, steps: 5 }, 60],
    ["a decay", { decay: 0.8 }, 32], // 0.8³¹ = 1/1009, 0.8³² = 1/1262
    ["a decay within a window", { decay: 0.9, window: 20 }, 20],
  ];

  test.each(settings)(
    "%s: the model is what adapt makes of the last rows",
    async (_, options, most) => {
      const learner = await start();
      const model = learner.adaptOnline(options);
      let previous = {
        parameters,
        predict: (inputs: ArrayLike<number>) => learner.predict(inputs),
      };
      for (let from = 0, i = 0; from < 60; i++) {
        const to = Math.min(from + [1, 5, 3, 17][i % 4], 60);
        const rows = part(stream, from, to);
        const { loss, changed, rows: kept } = model.observe(rows);
        const exact = oracle.loss(objective, previous.parameters, rows);
        // One row may be learned nearly to the last digit.
        expect(Math.abs(loss - exact)).toBeLessThan(LOSS_TOLERANCE * Math.max(exact, 0.01));
        expect(changed).toBe(false);
        expect(kept).toBe(Math.min(to, most));
        previous = learner.adapt(aged(part(stream, to - kept, to), options.decay), {
          steps: options.steps ?? 2,
        });
        expect(model.parameters).toEqual(previous.parameters);
        expect(model.predict(rows.inputs)).toEqual(previous.predict(rows.inputs));
        from = to;
      }
      expect(learner.parameters).toEqual(parameters);
      expect(learner.step).toBe(0);
    },
  );

  test("targets that become others are a change; rows observed together are judged one by one", async () => {
    const inner = maml({ innerLearningRate: 0.1, innerSteps: 10 });
    const learner = await learnerFor(objective, { parameters, algorithm: inner });
    const model = learner.adaptOnline({ window: 50, detect: {} });
    const alarms: [number, number][] = [];
    for (let i = 0; i < 30; i++) {
      const { support } = taskOf(objective, i, 5);
      const targets = new Float32Array(support.targets.length).fill(i < 20 ? 0 : 1);
      const { changed, rows } = model.observe({ ...support, targets });
      if (changed) alarms.push([i, rows]);
    }
    expect(alarms).toHaveLength(1);
    const [[batch, kept]] = alarms;
    expect(batch).toBeLessThanOrEqual(21);
    // All rows from batch 20 on, and no other.
    expect(kept).toBe(5 * (batch - 19));
  });

  test("before the first row and after reset it is the start", async () => {
    const learner = await start();
    const model = learner.adaptOnline({ window: 5, detect: {} });
    const first = model.observe(part(stream, 0, 7));
    model.reset();
    expect(model.parameters).toEqual(parameters);
    expect(model.predict(stream.inputs)).toEqual(learner.predict(stream.inputs));
    expect(model.observe(part(stream, 0, 7))).toEqual(first);
  });
});

describe("what does not fit", () => {
  const [regression, batchNorm] = objectives;

  test.each([
    [{}, "adaptOnline: expected a window or a decay, got {}"],
    [{ window: 0 }, "adaptOnline: expected window ≥ 1, got 0"],
    [{ window: 2.5 }, "adaptOnline: expected integer window ≥ 1, got 2.5"],
    [{ decay: 1 }, "adaptOnline: expected 0 < decay < 1, got 1"],
    [{ decay: 0 }, "adaptOnline: expected 0 < decay < 1, got 0"],
    [{ window: 5, steps: -1 }, "adaptOnline: expected steps ≥ 0, got -1"],
    [{ window: 5, detect: { runLength: 1 } }, "adaptOnline: expected runLength > 1, got 1"],
    [{ window: 5, detect: true }, "adaptOnline: expected an object of options, got true"],
    [{ window: 5, detect: { alpha: 1 } }, 'adaptOnline: expected options runLength, got "alpha"'],
    [{ rows: 5 }, 'adaptOnline: expected options window, decay, steps or detect, got "rows"'],
  ])("options %o", async (options, message) => {
    const learner = await learnerFor(regression);
    expect(() => learner.adaptOnline(options as never)).toThrow(message);
  });

  test("more rows than batch norm has room for", async () => {
    const learner = await learnerFor(batchNorm, { maxRows: 16 });
    const refused = (options: OnlineOptions) => expect(() => learner.adaptOnline(options));
    const room = "(batch norm; see createLearner's maxRows)";
    refused({ window: 17 }).toThrow(
      `adaptOnline: expected at most 16 rows in window ${room}, got 17`,
    );
    refused({ decay: 0.9 }).toThrow(
      `adaptOnline: expected at most 16 rows in decay's window ${room}, got 66`,
    );
    learner.adaptOnline({ decay: 0.9, window: 16 });
  });

  test.each([
    [{ rows: 0 }, "observe: expected rows.rows ≥ 1, got 0"],
    [{ inputs: [1] }, "observe: expected rows.inputs.length 20 (10 rows of 2), got 1"],
    [{ targets: new Float32Array(10).fill(NaN) }, "observe: expected finite rows.targets, got NaN"],
    [{ weights: new Float32Array(10).fill(1) }, "observe: expected rows without weights"],
    [{ counted: 3 }, "observe: expected rows without counted"],
  ])("rows with %o: refused, and nothing has changed", async (wrong, message) => {
    const { support } = taskOf(regression, 1);
    const model = (await learnerFor(regression, { algorithm })).adaptOnline({ window: 5 });
    model.observe(support);
    const before = model.parameters;
    expect(() => model.observe({ ...support, ...wrong })).toThrow(message);
    expect(model.parameters).toEqual(before);
  });

  test("rows that it fails to adapt to are not kept", async () => {
    const { support } = taskOf(regression, 1);
    const learner = await learnerFor(regression, { algorithm });
    const model = learner.adaptOnline({ window: 99 });
    model.observe(support);
    learner.adapt = () => {
      throw new Error("this once");
    };
    expect(() => model.observe(support)).toThrow("this once");
    Reflect.deleteProperty(learner, "adapt");
    expect(model.observe(support).rows).toBe(2 * support.rows);
  });
});
