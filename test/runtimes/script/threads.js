// Meta-training by the threads of a pool.
import { implicitMaml, Random } from "rvml";
import { createPool } from "rvml/pool";
import { ofSinusoids } from "./problems.js";
import { learnerOf, train } from "./train.js";

/**
 * What a pool of two threads makes of the sinusoids, with memory shared where the runtime may, and sent; how many threads it has, and whether
 * its workers are who computes.
 *
 * @param {import("./proof.js").Ways} ways
 * @returns {Promise<{ threads: number, byWorkers: boolean, hash: string }>}
 */
export async function trainByPool({ core, worker }) {
  const { options, source, metaBatchSize } = ofSinusoids();
  const twenty = { steps: 20, metaBatchSize };
  const two = { threads: 2, ...(worker && { worker }) };
  const alone = await train(await learnerOf(options, core), source, twenty);
  const trained = async (/** @type {import("rvml/pool").Pool} */ pool) => {
    const hash = await train(await learnerOf(options, core), source, { ...twenty, pool });
    if (hash !== alone) throw new Error(`pool: expected ${alone} as in place, got ${hash}`);
    return { threads: pool.threads, byWorkers: await leavesToWorkers(pool, core), hash };
  };
  const { threads, hash } = await withPool(two, trained);
  const sent = await withPool({ ...two, shared: false }, trained);
  // Where memory is shared, this thread computes, too, unless it is told not to; a page's may not.
  const shared = await withPool({ ...two, here: false }, trained);
  if (shared.byWorkers !== sent.byWorkers)
    throw new Error(`pool: expected the same who compute, memory shared or not`);
  return { threads, byWorkers: sent.byWorkers, hash };
}

/**
 * What `use` makes of a pool.
 *
 * @template T
 * @param {import("rvml/pool").PoolOptions} options
 * @param {(pool: import("rvml/pool").Pool) => Promise<T>} use
 */
async function withPool(options, use) {
  const pool = await createPool(options);
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

/**
 * Whether nothing is computed in this thread: `learner.report` is of the last task that was.
 *
 * @param {import("rvml/pool").Pool} pool
 * @param {WebAssembly.Module} [core]
 */
async function leavesToWorkers(pool, core) {
  const { options, source } = ofSinusoids();
  const learner = await learnerOf(
    { ...options, algorithm: implicitMaml({ innerLearningRate: 0.01 }) },
    core,
  );
  const tasks = Array.from({ length: 4 }, (_, i) => source.sample(new Random(i)));
  await pool.metaGradient(learner, tasks);
  const left = learner.report.cgSteps === 0;
  learner.metaGradient(tasks);
  if (!(learner.report.cgSteps > 0)) throw new Error("report: expected that of a task, got none");
  return left;
}
