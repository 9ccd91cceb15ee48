/**
 * Threads.
 *
 * @module rvml/pool
 */

export type { AnyWorker } from "./channel.ts";
export { createPool, type Pool, type PoolOptions } from "./pool.ts";
export { serve } from "./serve.ts";
export type { MakeTasks } from "./train-here.ts";
export { trainInWorker, type TrainInWorkerOptions } from "./train-in-worker.ts";
