import { execFileSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { Bench } from "tinybench";

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {() => unknown} step
 * @property {string} [version]
 * @property {number} [flops] of one step
 *
 * @typedef {{ step: () => unknown, self: object, asynchronous: boolean, calls: number }} Runner
 *
 * @typedef {object} Figures times in µs a step
 * @property {string} name
 * @property {string} [version]
 * @property {number} min
 * @property {number} median
 * @property {number} p25
 * @property {number} p75
 * @property {number} mean
 * @property {number} count samples
 * @property {number} calls steps a sample
 * @property {number} [gflops] best
 */

/** A sample lasts at least this long, so that the clock's own cost does not show. */
const SAMPLE_MILLISECONDS = 0.02;

/** One entry runs this long before the next one's turn, so that all meet the same noise. */
const TURN_MILLISECONDS = 40;
const WARM_UP_MILLISECONDS = 200;

/**
 * Every result ends up here, so that no engine may leave the work out.
 *
 * @type {unknown}
 */
export let sink;

const isPromise = (/** @type {any} */ value) => typeof value?.then === "function";

/**
 * Runs step() `calls` times; the mean is the sample, the sum counts for the turn's length.
 *
 * @param {Runner} runner
 */
function sampler({ step, self, asynchronous, calls }) {
  const sample = (/** @type {number} */ start) => {
    const spent = performance.now() - start;
    return { overriddenDuration: spent / calls, overriddenIterationCost: spent };
  };
  if (asynchronous)
    return async () => {
      const start = performance.now();
      for (let call = 0; call < calls; call++) sink = await step.call(self);
      return sample(start);
    };
  return () => {
    const start = performance.now();
    for (let call = 0; call < calls; call++) sink = step.call(self);
    return sample(start);
  };
}

/**
 * One turn of one entry in tinybench: its samples, ms per call.
 *
 * @param {Runner} runner
 * @param {number} milliseconds
 * @returns {Promise<readonly number[]>}
 */
async function turn(runner, milliseconds) {
  const options = { time: milliseconds, iterations: 1, warmup: false, retainSamples: true };
  const bench = new Bench({ ...options, throws: true });
  bench.add("turn", sampler(runner), { async: runner.asynchronous });
  const [{ result }] = await bench.run();
  if (!("latency" in result))
    throw new Error(`bench: expected a finished turn, got ${result.state}`);
  return result.latency.samples ?? [];
}

/** Warm-up, which also tells how many calls a sample needs. @param {Entry} entry */
async function prepare(entry) {
  const first = entry.step();
  const asynchronous = isPromise(first);
  sink = await first;
  const runner = { step: entry.step, self: entry, asynchronous, calls: 1 };
  const samples = await turn(runner, WARM_UP_MILLISECONDS);
  const calls = Math.max(1, Math.ceil(SAMPLE_MILLISECONDS / quantile(samples, 0.5)));
  return { ...runner, calls, samples: /** @type {number[]} */ ([]) };
}

/**
 * The value at `part` (0…1) of ascending samples, interpolated.
 *
 * @param {readonly number[]} samples
 * @param {number} part
 */
function quantile(samples, part) {
  const at = part * (samples.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, samples.length - 1);
  return samples[below] + (at - below) * (samples[above] - samples[below]);
}

/**
 * Figures of one entry, times in µs a call.
 *
 * @param {Entry} entry
 * @param {{ samples: number[], calls: number }} runner
 * @returns {Figures}
 */
function summary({ name, version, flops }, { samples, calls }) {
  samples.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => 1e3 * quantile(samples, part);
  const mean = (1e3 * samples.reduce((a, b) => a + b, 0)) / samples.length;
  const figures = { min: at(0), median: at(0.5), p25: at(0.25), p75: at(0.75), mean };
  const speed = flops && { gflops: flops / at(0) / 1e3 };
  return { name, ...(version && { version }), ...figures, count: samples.length, calls, ...speed };
}

/**
 * Times entries against each other in one process: short turns, round after round, each round
 * starting with another entry. tinybench times the samples of a turn; they are merged here.
 *
 * @param {readonly (Entry | undefined | null)[]} entries flops of one step gives the best GFLOP/s
 *   as well. Absent entries are passed over.
 * @param {{ seconds?: number, minIterations?: number }} options `seconds` of measuring for each
 *   entry; at least `minIterations` samples of it.
 * @returns {Promise<Figures[]>} in µs; `count` samples, each the mean of `calls` calls (1 but for
 *   steps under 20 µs).
 */
export async function compare(entries, { seconds = 2, minIterations = 10 } = {}) {
  const present = entries.filter((entry) => entry !== undefined && entry !== null);
  /** @type {Awaited<ReturnType<typeof prepare>>[]} */
  const runners = [];
  for (const entry of present) runners.push(await prepare(entry));
  const rounds = Math.max(1, Math.round((1e3 * seconds) / TURN_MILLISECONDS));
  const lacking = () => runners.some(({ samples }) => samples.length < minIterations);
  for (let round = 0; round < rounds || lacking(); round++) {
    for (let i = 0; i < runners.length; i++) {
      const runner = runners[(round + i) % runners.length];
      if (round >= rounds && runner.samples.length >= minIterations) continue;
      for (const sample of await turn(runner, TURN_MILLISECONDS)) runner.samples.push(sample);
    }
  }
  return present.map((entry, i) => summary(entry, runners[i]));
}

/** A number with about four digits, none of them after the point once it is large. */
const shown = (/** @type {unknown} */ value) => {
  if (typeof value !== "number") return String(value ?? "");
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.max(0, Math.min(4, 3 - Math.floor(Math.log10(Math.abs(value))))));
};

/**
 * Rows (objects) as aligned text: one column a key, numbers to the right.
 *
 * @param {readonly Record<string, unknown>[]} rows
 */
export function table(rows) {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [keys, ...rows.map((row) => keys.map((key) => shown(row[key])))];
  const width = keys.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const numeric = keys.map((key) => rows.some((row) => typeof row[key] === "number"));
  const cell = (/** @type {string} */ text, /** @type {number} */ column) =>
    numeric[column] ? text.padStart(width[column]) : text.padEnd(width[column]);
  return cells.map((line) => line.map(cell).join("  ").trimEnd()).join("\n");
}

const git = (/** @type {string[]} */ ...args) =>
  execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();

/** The commit, with "+" behind it when the tree differs from it; undefined outside a repository. */
function commit() {
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") && "+");
  } catch {
    return undefined;
  }
}

/** Where a figure was measured. No date: the commit tells when. */
export function machine() {
  const [{ model }] = cpus();
  return {
    cpu: model.trim(),
    node: process.version,
    cores: availableParallelism(),
    commit: commit(),
  };
}
