import { execFile } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import {
  activation,
  adam,
  cosine,
  dense,
  type Layer,
  maml,
  sequential,
  sgd,
} from "../src/index.ts";
import { createPool, trainInWorker } from "../src/pool/index.ts";
import { learnerOf } from "./learners.ts";
import { expectSameBits, meddledWorker, poolFor, waves } from "./pools.ts";

describe("createPool", () => {
  test.each([
    [{ threads: 0 }, "createPool: expected threads ≥ 1, got 0"],
    [{ threads: "2" }, 'createPool: expected integer threads ≥ 1, got "2"'],
    [{ workers: 2 }, 'createPool: expected options threads, shared, here or worker, got "workers"'],
    [{ shared: 1 }, 'createPool: expected shared "auto", true or false, got 1'],
    [{ here: true, shared: false }, "createPool: expected here only with shared memory"],
    [{ worker: 3 }, "createPool: expected a function as worker, got 3"],
  ])("refuses %j", async (options, message) => {
    await expect(createPool(options as never)).rejects.toThrow(message);
  });

  test("threads counts this one where it computes", async () => {
    expect((await poolFor({ threads: 3 })).threads).toBe(3);
    expect((await poolFor({ threads: 3, here: false })).threads).toBe(3);
    expect((await poolFor({ threads: 1 })).threads).toBe(1);
    expect((await poolFor({})).threads).toBeGreaterThan(0);
  });

  test("runs in place where there are no workers", async () => {
    // It looks for Node before it first waits; vitest itself cannot do without for longer.
    vi.stubGlobal("process", {});
    const made = createPool({ threads: 4 });
    vi.unstubAllGlobals();
    const pool = await made;
    expect(pool.threads).toBe(1);
    await expectSameBits(pool, () => learnerOf(), [waves(4)]);
    await pool.close();
    await expect(pool.metaStep(await learnerOf(), waves(1))).rejects.toThrow("an open pool");
  });

  test("a worker that does not start is an error", async () => {
    const lost = () => meddledWorker(`throw new Error("no such file")`);
    await expect(createPool({ threads: 2, worker: lost })).rejects.toThrow(
      "createPool: expected a worker that starts (see the option worker), got Error: no such file",
    );
  });

  test.each([
    ["of a function without return", undefined, "undefined"],
    ["that cannot be ended", { postMessage() {}, on() {} }, "{ postMessage, on }"],
    ["that cannot be heard", { postMessage() {}, terminate() {} }, "{ postMessage, terminate }"],
  ])("a worker %s is refused", async (_, made, got) => {
    const none = () => made as never;
    const words = `a worker of the option worker, got ${got}`;
    await expect(createPool({ threads: 2, worker: none })).rejects.toThrow(
      `createPool: expected ${words}`,
    );
    const trained = trainInWorker(await learnerOf(), { steps: 1, worker: none });
    await expect(trained).rejects.toThrow(`trainInWorker: expected ${words}`);
  });

  test("a learner whose parts say more of themselves is as good", async () => {
    const model = sequential([dense({ inSize: 1, outSize: 4 }), dense({ outSize: 1 })]);
    const named = () =>
      learnerOf({
        model: { name: "mine", ...model } as never,
        algorithm: { ...maml({ innerLearningRate: 0.1 }), label: "fast" } as never,
        metaOptimizer: { note: 1, ...adam() } as never,
      });
    await expectSameBits(await poolFor({ threads: 2 }), named, [waves(4)]);
  });

  test("a closed pool says what was asked of it", async () => {
    const pool = await poolFor({ threads: 2 });
    await pool.close();
    const gradient = pool.metaGradient(await learnerOf(), waves(3));
    await expect(gradient).rejects.toThrow("metaGradient: expected an open pool");
  });

  test.each([
    [
      "a layer of the user's own",
      () => {
        const own: Layer = { ...activation("relu"), spec: { kind: "mine" } };
        return {
          model: sequential([dense({ inSize: 1, outSize: 4 }), own, dense({ outSize: 1 })]),
        };
      },
      'loadLearner: expected dense, activation, batchNorm, frozenNorm, groupNorm, layerNorm, context, conv2d, flatten, maxPool, averagePool or globalAveragePool, got "mine"',
    ],
    [
      "an algorithm of the user's own",
      () => ({ algorithm: { ...maml({ innerLearningRate: 0.1 }), kind: "mine" } }),
      'got "mine"',
    ],
    [
      "an option that is a function",
      () => ({ metaOptimizer: { ...adam(), options: { learningRate: () => 0.1 } } as never }),
      "a function as learningRate",
    ],
    [
      "an update of the user's own under a known name",
      () => ({ metaOptimizer: { ...adam(), allocate: sgd({ learningRate: 0.1 }).allocate } }),
      "metaOptimizer with options or functions of its own",
    ],
    [
      "a schedule of the user's own under a known name",
      () => {
        const learningRate = { ...cosine({ from: 0.1, steps: 10 }), at: () => 0.01 };
        return { metaOptimizer: adam({ learningRate }) };
      },
      "metaOptimizer with options or functions of its own",
    ],
    [
      "tensors of the user's own under a known name",
      () => {
        const own = () => [{ name: "mine", shape: [1], initialize() {} }];
        return { algorithm: { ...maml({ innerLearningRate: 0.1 }), own } };
      },
      "algorithm with options or functions of its own",
    ],
  ])("a learner with %s is refused before anything starts", async (_, parts, message) => {
    const pool = await poolFor({ threads: 2 });
    const learner = await learnerOf(parts());
    const refused = pool.metaStep(learner, waves(3));
    await expect(refused).rejects.toThrow(RangeError);
    await expect(refused).rejects.toThrow(
      "metaStep: expected a learner that can be saved and loaded, got ",
    );
    await expect(refused).rejects.toThrow(message);
  });

  test("an idle pool keeps no process alive, one at work does", async () => {
    const url = (path: string) => JSON.stringify(new URL(`../dist/${path}`, import.meta.url).href);
    const script = `
      import { createPool } from ${url("pool.js")};
      import * as rvml from ${url("index.js")};
      const { adam, createLearner, maml, meanSquaredError, metaTrain, mlp, sinusoids } = rvml;
      const learner = await createLearner({ model: mlp({ sizes: [1, 8, 1] }), loss: meanSquaredError(),
        algorithm: maml({ innerLearningRate: 0.01 }), metaOptimizer: adam(), seed: 3 });
      for (const options of [{ threads: 2 }, { threads: 2, here: false }, { threads: 2, shared: false }]) {
        const pool = await createPool(options);
        for await (const { step } of metaTrain(learner, sinusoids(), { steps: 3, pool })) console.log(step);
      }`;
    expect(await output("--input-type=module", "-e", script)).toBe("1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  });

  test.each(["--max-old-space-size=512", "--expose-gc", "--title=x"])(
    "has its threads under Node's flag %s, which no thread can be given",
    async (flag) => {
      const url = JSON.stringify(new URL("../dist/pool.js", import.meta.url).href);
      const script = `import { createPool } from ${url};
        const pool = await createPool({ threads: 2, here: false });
        console.log(pool.threads);
        await pool.close();`;
      expect(await output(flag, "--input-type=module", "-e", script)).toBe("2\n");
    },
  );
});

/** What Node prints with these words. */
function output(...words: string[]): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(process.execPath, words, { timeout: 50_000 }, (error, text) =>
      error ? reject(error) : resolve(text),
    ),
  );
}
