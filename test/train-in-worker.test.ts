import { describe, expect, test, vi } from "vitest";
import { DivergedError, metaTrain, sinusoids, type TrainReport } from "../src/index.ts";
import { type AnyWorker, createPool, trainInWorker } from "../src/pool/index.ts";
import type { FromWorker, TrainMessage, Trouble } from "../src/pool/messages.ts";
import { trainHere } from "../src/pool/train-here.ts";
import { learnerOf } from "./learners.ts";
import { bitsOf, meddledWorker, worker } from "./pools.ts";

/** A module as a URL. */
const module = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

const library = new URL("../dist/index.js", import.meta.url).href;

const tasks = module(`
  import { sinusoids } from ${JSON.stringify(library)};
  export default (options) => sinusoids(options);
`);

const base = { tasks, worker, steps: 7, metaBatchSize: 4 };

describe("trainInWorker", () => {
  test("trains to the bits of metaTrain, and reports on the way", async () => {
    const [alone, apart] = [await learnerOf(), await learnerOf()];
    const data = { shots: 3 };
    const wanted: TrainReport[] = [];
    const options = { steps: 7, metaBatchSize: 4 };
    for await (const report of metaTrain(alone, sinusoids(data), options)) wanted.push(report);
    const reports: TrainReport[] = [];
    const onProgress = (report: TrainReport) => reports.push(report);
    await trainInWorker(apart, { ...base, data, every: 3, onProgress });
    expect(bitsOf(apart)).toBe(bitsOf(alone));
    const likely = { tasksPerSecond: expect.any(Number) as number };
    expect(reports).toEqual([2, 5, 6].map((made) => ({ ...wanted[made], ...likely })));
  });

  test("tasks that the worker has itself", async () => {
    const [alone, apart] = [await learnerOf(), await learnerOf()];
    for await (const _ of metaTrain(alone, sinusoids(), { steps: 3 }));
    const serving = `import(${JSON.stringify(library)}).then(({ sinusoids }) => serve(() => sinusoids()))`;
    await trainInWorker(apart, { steps: 3, worker: () => meddledWorker("", serving) });
    expect(bitsOf(apart)).toBe(bitsOf(alone));
  });

  test("aborted before, on the way, and when it is too late", async () => {
    const learner = await learnerOf();
    const before = bitsOf(learner);
    const reason = new Error("enough");
    const early = trainInWorker(learner, { ...base, signal: AbortSignal.abort(reason) });
    await expect(early).rejects.toBe(reason);
    const stop = new AbortController();
    const made: ReturnType<typeof worker>[] = [];
    const run = trainInWorker(learner, {
      ...base,
      steps: 1_000_000,
      every: 1,
      worker: () => (made.push(worker()), made[0]),
      onProgress: () => stop.abort(reason),
      signal: stop.signal,
    });
    await expect(run).rejects.toBe(reason);
    expect(made[0].threadId).toBe(-1);
    expect(bitsOf(learner)).toBe(before);
    const late = new AbortController();
    await trainInWorker(learner, { ...base, signal: late.signal });
    late.abort();
    expect(learner.step).toBe(7);
  });

  test.each([
    [
      "tasks that fail",
      module(`export default () => { throw new RangeError("no data"); }`),
      "no data",
    ],
    [
      "no tasks",
      module(`export default 3`),
      "trainInWorker: expected tasks as the default export of",
    ],
    ["no module", module(`syntax error`), "Unexpected identifier"],
  ])("%s: the error, and the learner as it was", async (_, url, message) => {
    const learner = await learnerOf();
    const before = bitsOf(learner);
    await expect(trainInWorker(learner, { ...base, tasks: url })).rejects.toThrow(message);
    expect(bitsOf(learner)).toBe(before);
  });

  test.each([
    ["that is not there", "file:///no/such.js", "such.js"],
    ["that fails", module(`throw new Error("no table")`), "Error: no table"],
  ])("a module %s is named", async (_, tasks, cause) => {
    const heard: FromWorker[] = [];
    const order = { kind: "train", tasks, data: 0, steps: 1, every: 1 } as unknown as TrainMessage;
    await trainHere(order, undefined, (message) => heard.push(message));
    expect(heard).toMatchObject([{ kind: "failed", trouble: { name: "RangeError" } }]);
    const { trouble } = heard[0] as { readonly trouble: Trouble };
    const start = `trainInWorker: expected a module at ${tasks}, got `;
    expect(trouble.message.slice(0, start.length)).toBe(start);
    expect(trouble.message.slice(start.length)).toContain(cause);
  });

  test("a training that diverges: its own error", async () => {
    const [alone, apart] = [await learnerOf(), await learnerOf()];
    for (const learner of [alone, apart]) learner.metaParameters.fill(3e38);
    let wanted: unknown;
    try {
      for await (const _ of metaTrain(alone, sinusoids(), { steps: 7, metaBatchSize: 4 }));
    } catch (error) {
      wanted = error;
    }
    expect(wanted).toBeInstanceOf(DivergedError);
    await expect(trainInWorker(apart, base)).rejects.toEqual(wanted);
  });

  test("a function of the page's that throws ends it", async () => {
    const onProgress = () => {
      throw new Error("no such element");
    };
    const learner = await learnerOf();
    await expect(trainInWorker(learner, { ...base, onProgress })).rejects.toThrow(
      "no such element",
    );
    expect(learner.step).toBe(0);
  });

  test("data that cannot be sent ends it", async () => {
    const run = trainInWorker(await learnerOf(), { ...base, data: () => 1 });
    await expect(run).rejects.toThrow("could not be cloned");
  });

  test("a learner that cannot be saved starts no worker", async () => {
    const learner = await learnerOf();
    learner.metadata = { epochs: 3 } as never;
    let started = 0;
    const counted = () => (started++, worker());
    await expect(trainInWorker(learner, { ...base, worker: counted })).rejects.toThrow(
      "trainInWorker: expected string metadata.epochs, got 3",
    );
    expect(started).toBe(0);
  });

  test("a worker whose file never serves", async () => {
    vi.useFakeTimers();
    try {
      const ended = vi.fn();
      const silent = Object.assign(new EventTarget(), { postMessage() {}, terminate: ended });
      const start = () => silent as unknown as AnyWorker;
      const learner = await learnerOf();
      const trained = trainInWorker(learner, { worker: start, steps: 1 });
      const told = expect(trained).rejects.toThrow(
        "trainInWorker: expected a worker that lives, got one that is not ready after 30 s",
      );
      await vi.advanceTimersByTimeAsync(30_000);
      await told;
      expect(ended).toHaveBeenCalledOnce();
      const pool = createPool({ threads: 1, here: false, worker: start });
      const refused = expect(pool).rejects.toThrow("one that is not ready after 30 s");
      await vi.advanceTimersByTimeAsync(30_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  test("a worker that dies", async () => {
    const dying = () => meddledWorker(`parentPort.on("message", () => process.exit(3))`);
    const run = trainInWorker(await learnerOf(), { ...base, worker: dying });
    await expect(run).rejects.toThrow(
      "trainInWorker: expected a worker that lives, got exit code 3",
    );
  });

  test.each([
    [{ steps: -1 }, "trainInWorker: expected steps ≥ 0, got -1"],
    [{ steps: 1, every: 0 }, "trainInWorker: expected every ≥ 1, got 0"],
    [
      { steps: 1, tasks: 3, worker: undefined },
      "trainInWorker: expected the URL of a module as tasks",
    ],
    [{ tasks: "./tasks.js" }, 'trainInWorker: expected tasks an absolute URL, got "./tasks.js"'],
    [{ tasks: "tasks.js" }, 'trainInWorker: expected tasks an absolute URL, got "tasks.js"'],
    [{ steps: 1, step: 3 }, "trainInWorker: expected options tasks, worker, data, step"],
    [{ steps: 1, signal: 3 }, "trainInWorker: expected an AbortSignal as signal, got 3"],
  ])("refuses %j", async (options, message) => {
    const run = trainInWorker(await learnerOf(), { ...base, ...options } as never);
    await expect(run).rejects.toThrow(message);
  });
});
