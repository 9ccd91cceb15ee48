import type { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { checkTask } from "../src/batch.ts";
import { DivergedError, maml } from "../src/index.ts";
import type { AnyWorker } from "../src/pool/index.ts";
import { learnerOf } from "./learners.ts";
import { bitsOf, expectSameBits, meddledWorker, poolFor, waves, worker } from "./pools.ts";

/** Workers as `make` makes them, the n-th by itself; all that were made. */
function watched(make: (n: number) => Worker) {
  const workers: Worker[] = [];
  return {
    workers,
    worker() {
      workers.push(make(workers.length));
      return workers.at(-1)!;
    },
  };
}

const ways = { shared: { shared: true }, sent: { shared: false } } as const;

/** In a worker: the end of it once it has done so many units. */
const dieAfter = (units: number) =>
  `const store = Atomics.store; let done = 0;
   Atomics.store = (words, ...rest) => {
     const value = store(words, ...rest);
     if (rest[1] === 1 && ++done === ${units}) process.exit(3);
     return value;
   }`;

describe.each(Object.entries(ways))("memory %s", (_, way) => {
  test.each([
    [
      "at the first job",
      `parentPort.on("message", (m) => { if (m.kind === "job") process.exit(3); })`,
    ],
    ["with two units done", dieAfter(2)],
    [
      "of an error that it does not catch",
      `parentPort.on("message", (m) => { if (m.kind === "job") throw new Error("lost"); })`,
    ],
  ])("a worker that dies %s is replaced, to the same bits", async (__, code) => {
    const team = watched((n) => (n === 1 ? meddledWorker(code) : worker()));
    const pool = await poolFor({ threads: 2, here: false, worker: team.worker, ...way });
    await expectSameBits(pool, () => learnerOf(), [waves(9), waves(5)]);
    expect(team.workers).toHaveLength(3);
  });

  test("what fails between the first job and the last is thrown, and the workers go on", async () => {
    let jobs = 0;
    const refusing = () => {
      const made = worker();
      const post = made.postMessage.bind(made);
      made.postMessage = (message: { readonly kind: string }, ...rest: never[]) => {
        if (message.kind === "job" && ++jobs === 2) throw new Error("not sent");
        post(message, ...rest);
      };
      return made;
    };
    const pool = await poolFor({ threads: 2, here: false, worker: refusing, ...way });
    const learner = await learnerOf();
    const before = bitsOf(learner);
    await expect(pool.metaStep(learner, waves(5))).rejects.toThrow("not sent");
    expect(bitsOf(learner)).toBe(before);
    await expectSameBits(pool, () => learnerOf(), [waves(5)]);
  });

  test("tasks that cannot be written down are thrown, and the workers go on", async () => {
    const pool = await poolFor({ threads: 2, worker, ...way });
    const learner = await learnerOf();
    const [task] = waves(1);
    let [reads, most] = [0, Infinity];
    const inputs = new Proxy(Array.from(task.support.inputs), {
      get(array, name) {
        if (name === "0" && ++reads > most) throw new Error("not read");
        return Reflect.get(array, name) as unknown;
      },
    });
    const odd = { ...task, support: { ...task.support, inputs } };
    checkTask("pool", "task", odd, learner.internal.network);
    // What comes after it has been checked is that it is written down.
    [reads, most] = [0, reads];
    // So many that they are worth a worker.
    await pool.metaStep(learner, waves(40));
    const before = bitsOf(learner);
    await expect(pool.metaStep(learner, [...waves(40), odd])).rejects.toThrow("not read");
    expect(bitsOf(learner)).toBe(before);
    await expectSameBits(pool, () => learnerOf(), [waves(5)]);
  });

  test("a worker ended from outside, idle or at work", async () => {
    const team = watched(worker);
    const pool = await poolFor({ threads: 2, here: false, worker: team.worker, ...way });
    const [alone, pooled] = [await learnerOf(), await learnerOf()];
    for (let step = 0; step < 4; step++) {
      const tasks = waves(7, step);
      const made = pool.metaStep(pooled, tasks);
      if (step % 2 === 0) void team.workers.at(-1)!.terminate();
      expect(await made).toEqual(alone.metaStep(tasks));
      if (step === 1) await team.workers[0].terminate();
    }
    expect(bitsOf(pooled)).toBe(bitsOf(alone));
    expect(team.workers.length).toBeGreaterThan(3);
  });

  test("workers that die again and again: an error, and nothing has changed", async () => {
    const team = watched(() => meddledWorker(dieAfter(1)));
    const pool = await poolFor({ threads: 1, here: false, worker: team.worker, ...way });
    const learner = await learnerOf();
    const before = bitsOf(learner);
    await expect(pool.metaStep(learner, waves(9))).rejects.toThrow(
      "metaStep: expected workers that live, got 3 replacements in one meta-batch, and again exit code 3",
    );
    expect(bitsOf(learner)).toBe(before);
    expect(team.workers).toHaveLength(4);
    await expect(pool.metaGradient(learner, waves(9))).rejects.toThrow(
      "metaGradient: expected workers that live",
    );
    learner.metaStep(waves(1));
  });

  test("a learner with a number that is none: the same errors as in place", async () => {
    for (const onDivergence of ["throw", "skip"] as const) {
      const learner = await learnerOf({ onDivergence });
      learner.metaParameters[3] = NaN;
      const pool = await poolFor({ threads: 2, ...way });
      let wanted: unknown;
      try {
        learner.metaStep(waves(5));
      } catch (error) {
        wanted = error;
      }
      expect(wanted).toBeInstanceOf(DivergedError);
      await expect(pool.metaStep(learner, waves(5))).rejects.toEqual(wanted);
    }
  });

  test("what fails in workers alone is done here", async () => {
    const failing = `Float64Array.prototype.set = () => { throw new Error("here alone"); }`;
    const pool = await poolFor({
      threads: 2,
      here: false,
      worker: () => meddledWorker(failing),
      ...way,
    });
    await expectSameBits(pool, () => learnerOf(), [waves(5)]);
  });

  test("several learners, at the same time", async () => {
    const pool = await poolFor({ threads: 2, here: false, ...way });
    const sizes = [1, 3, 1];
    const other = () =>
      learnerOf({ seed: 9, algorithm: maml({ innerLearningRate: 0.1, order: 1 }) });
    const pairs = [
      [await learnerOf(), await learnerOf()],
      [await other(), await other()],
    ];
    for (const step of sizes) {
      const tasks = waves(6, step);
      const made = pairs.map(([, pooled]) => pool.metaStep(pooled, tasks));
      expect(await Promise.all(made)).toEqual(pairs.map(([alone]) => alone.metaStep(tasks)));
    }
    for (const [alone, pooled] of pairs) expect(bitsOf(pooled)).toBe(bitsOf(alone));
  });

  test("closing ends what is under way, and all that is asked for later", async () => {
    const team = watched(worker);
    const pool = await poolFor({ threads: 2, here: false, worker: team.worker, ...way });
    const learner = await learnerOf();
    const before = bitsOf(learner);
    const made = pool.metaStep(learner, waves(4));
    const refused = "metaStep: expected an open pool, got a closed one";
    const all = Promise.all([
      expect(made).rejects.toThrow(refused),
      expect(pool.metaStep(learner, waves(4))).rejects.toThrow(refused),
    ]);
    await pool.close();
    await all;
    await expect(pool.metaGradient(learner, waves(4))).rejects.toThrow("an open pool");
    expect(bitsOf(learner)).toBe(before);
    for (const { threadId } of team.workers) expect(threadId).toBe(-1);
    await pool.close();
  });
});

/** A worker of Node behind the face of one of the web, which says less: no exit is told, an error is told by an event. */
class WebWorker extends EventTarget {
  private readonly inner: Worker;

  constructor(inner: Worker) {
    super();
    this.inner = inner;
    const tell = (type: string, what: object) =>
      this.dispatchEvent(Object.assign(new Event(type), what));
    inner.on("message", (data: unknown) => tell("message", { data }));
    inner.on("error", ({ message }: Error) => tell("error", { message }));
  }

  postMessage(message: unknown, transfer: ArrayBuffer[]): void {
    this.inner.postMessage(message, transfer);
  }

  terminate(): void {
    void this.inner.terminate();
  }
}

test.each(Object.entries(ways))("workers of the web, memory %s", async (_, way) => {
  const failing = `parentPort.on("message", (m) => { if (m.kind === "job") throw new Error("lost"); })`;
  const team = watched((n) => (n === 0 ? meddledWorker(failing) : worker()));
  const web = () => new WebWorker(team.worker()) as unknown as AnyWorker;
  const pool = await poolFor({ threads: 2, here: false, worker: web, ...way });
  await expectSameBits(pool, () => learnerOf(), [waves(9), waves(5)]);
  expect(team.workers).toHaveLength(3);
});

test("a worker of the web that counts as dead, and still writes where it was given to", async () => {
  const haunting = `let bytes;
    parentPort.on("message", (m) => {
      if (m.kind === "job") { bytes = new Uint8Array(m.buffer); parentPort.postMessage({ kind: "lost" }); }
      if (m.kind === "haunt") setInterval(() => bytes.fill(255)), parentPort.postMessage({ kind: "haunts" });
    });
    parentPort.postMessage({ kind: "ready" });`;
  const team = watched((n) => (n === 0 ? meddledWorker(haunting, "") : worker()));
  const web = () => {
    const [inner, face] = [team.worker(), new WebWorker(team.workers.at(-1)!)];
    if (team.workers.length > 1) return face as unknown as AnyWorker;
    face.terminate = () => {};
    inner.on("message", ({ kind }: { readonly kind: string }) => {
      if (kind === "lost") face.dispatchEvent(Object.assign(new Event("error"), { message: kind }));
    });
    return face as unknown as AnyWorker;
  };
  const pool = await poolFor({ threads: 2, here: false, shared: true, worker: web });
  const [alone, pooled] = [await learnerOf(), await learnerOf()];
  const ghost = team.workers[0];
  for (let step = 0; step < 9; step++) {
    const tasks = waves(9, step);
    expect(await pool.metaStep(pooled, tasks)).toEqual(alone.metaStep(tasks));
    const haunts = new Promise((resolve) => ghost.once("message", resolve));
    ghost.postMessage({ kind: "haunt" }, []);
    await haunts;
  }
  expect(bitsOf(pooled)).toBe(bitsOf(alone));
  await ghost.terminate();
});
