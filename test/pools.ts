import { Worker } from "node:worker_threads";
import { afterEach, expect } from "vitest";
import { type Learner, Random, sinusoids, type Task } from "../src/index.ts";
import { createPool, type Pool, type PoolOptions } from "../src/pool/index.ts";

const dist = new URL("../dist/", import.meta.url);

/** The built worker: sources are TypeScript, which a worker of Node 20 does not read. */
export const worker = () => new Worker(new URL("worker.js", dist));

/** A worker that runs this before it serves, with `parentPort` and `serve` in reach. */
export const meddledWorker = (code: string, serving = "serve()") =>
  new Worker(
    `const { parentPort } = require("node:worker_threads");
     import(${JSON.stringify(new URL("pool.js", dist).href)}).then(({ serve }) => { ${code}; ${serving}; });`,
    { eval: true },
  );

export const poolOf = (options: PoolOptions): Promise<Pool> => createPool({ worker, ...options });

const open: Pool[] = [];
afterEach(() => Promise.all(open.splice(0).map((pool) => pool.close())));

/** Closed after the test. */
export async function poolFor(options: PoolOptions): Promise<Pool> {
  const pool = await poolOf(options);
  open.push(pool);
  return pool;
}

export function waves(count: number, seed = 1): Task[] {
  const [source, random] = [sinusoids(), new Random(seed)];
  return Array.from({ length: count }, (_, i) => source.sample(random.fork(i)));
}

/** What a learner is, to the bit. */
export const bitsOf = (learner: Learner) =>
  Buffer.from(learner.save({ metadata: {} })).toString("base64");

/** Makes the same meta-steps in place and with the pool: the same reports, the same learner. */
export async function expectSameBits(
  pool: Pool,
  make: () => Promise<Learner>,
  batches: readonly (readonly Task[])[],
): Promise<void> {
  const [alone, pooled] = [await make(), await make()];
  for (const tasks of batches) {
    const { gradient, ...mean } = await pool.metaGradient(pooled, tasks);
    const wanted = alone.metaGradient(tasks);
    expect({ ...mean, gradient: [...gradient] }).toEqual({
      ...wanted,
      gradient: [...wanted.gradient],
    });
    expect(await pool.metaStep(pooled, tasks)).toEqual(alone.metaStep(tasks));
  }
  expect(bitsOf(pooled)).toBe(bitsOf(alone));
}
