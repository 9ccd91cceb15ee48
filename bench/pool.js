/**
 * Meta-steps by threads, each against the machine's own limit, in one run.
 *
 *     npm run build && node bench/pool.js [--short] [--json FILE]
 *
 * The limit: how much faster n processes, each with work of its own, get on than one alone. Cores that share caches, a clock or, as
 * hyperthreads, their multipliers give less than n; threads cannot give more. All takes turns, the least times count.
 */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { metaTrain, sinusoids } from "rvml";
import { createPool } from "rvml/pool";
import { machine, table } from "./harness.js";
import { omniglot, sinusoid } from "./learners.js";

/**
 * @import { Learner, MetaStepper, TaskDistribution } from "rvml"
 *
 * @typedef {object} Problem
 * @property {string} name
 * @property {Learner} learner
 * @property {TaskDistribution} distribution
 * @property {number} metaBatchSize
 * @property {number} goal speed-up wanted of 2 threads
 *
 * @typedef {{ name: string, steps(milliseconds: number): Promise<number> }} Entry gives milliseconds a meta-step
 */

const WAVES = 100;

/** The two problems: drawing the tasks is part of a meta-step, as it is of a training. */
async function problems() {
  const [images] = await omniglot();
  const { learner } = await sinusoid();
  const { tasks } = images;
  let drawn = 0;
  /** @type {TaskDistribution} the same tasks over and over: reading images is not what is measured */
  const pictures = { inSize: 784, targetSize: 1, sample: () => tasks[drawn++ % tasks.length] };
  return /** @type {Problem[]} */ ([
    {
      name: "Omniglot, 32 tasks",
      learner: images.learner,
      distribution: pictures,
      metaBatchSize: tasks.length,
      goal: 1.8,
    },
    {
      name: `sinusoids, ${WAVES} tasks`,
      learner,
      distribution: sinusoids(),
      metaBatchSize: WAVES,
      goal: 1.5,
    },
  ]);
}

/**
 * Milliseconds a meta-step, over at least that many milliseconds.
 *
 * @param {Problem} problem
 * @param {MetaStepper | undefined} pool
 * @param {number} milliseconds
 */
async function timed({ learner, distribution, metaBatchSize }, pool, milliseconds) {
  const start = performance.now();
  let steps = 0;
  for await (const _ of metaTrain(learner, distribution, { steps: 1e9, metaBatchSize, pool })) {
    steps++;
    if (performance.now() - start > milliseconds) break;
  }
  return (performance.now() - start) / steps;
}

/** A process of its own: meta-steps in place whenever it is asked for, for as long as it is asked for. */
async function independent() {
  const all = await problems();
  process.on(
    "message",
    async (/** @type {{ problem: number, milliseconds: number }} */ message) => {
      const { problem, milliseconds } = message;
      process.send?.(await timed(all[problem], undefined, milliseconds));
    },
  );
  process.send?.("ready");
}

/** That process, as a function that makes it work. */
async function startIndependent() {
  const child = fork(new URL(import.meta.url), ["--independent"]);
  const answer = () => new Promise((resolve) => void child.once("message", resolve));
  await answer();
  return {
    work(/** @type {number} */ problem, /** @type {number} */ milliseconds) {
      const result = /** @type {Promise<number>} */ (answer());
      child.send({ problem, milliseconds });
      return result;
    },
    end: () => void child.disconnect(),
  };
}

const median = (/** @type {number[]} */ values) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** @param {{ turns: number, milliseconds: number, threads: readonly number[] }} effort */
async function run({ turns, milliseconds, threads }) {
  const all = await problems();
  const most = Math.max(...threads);
  const processes = await Promise.all(Array.from({ length: most }, startIndependent));
  const pools = await Promise.all(threads.map((n) => createPool({ threads: n })));
  const rows = [];
  for (const [p, problem] of all.entries()) {
    const independently = async (/** @type {number} */ n) => {
      const each = processes.slice(0, n).map(({ work }) => work(p, milliseconds));
      // n of them at once make n meta-steps in the time of one.
      return (await Promise.all(each)).reduce((sum, time) => sum + time, 0) / n / n;
    };
    /** @type {Entry[]} */
    const entries = [
      { name: "in place", steps: (time) => timed(problem, undefined, time) },
      ...pools.map((pool, i) => ({
        name: `${threads[i]} threads`,
        steps: (/** @type {number} */ time) => timed(problem, pool, time),
      })),
      { name: "1 process", steps: () => independently(1) },
      ...threads
        .filter((n) => n > 1)
        .map((n) => ({ name: `${n} processes`, steps: () => independently(n) })),
    ];
    /** @type {number[][]} */
    const times = entries.map(() => []);
    for (let turn = 0; turn < turns; turn++)
      for (let i = 0; i < entries.length; i++) {
        const at = (turn + i) % entries.length;
        times[at].push(await entries[at].steps(milliseconds));
      }
    const least = times.map((samples) => Math.min(...samples));
    const of = (/** @type {string} */ name) => least[entries.findIndex((e) => e.name === name)];
    for (const [i, { name }] of entries.entries()) {
      const processes = name.endsWith("processes") || name === "1 process";
      const speedUp = of(processes ? "1 process" : "in place") / least[i];
      const limit = of("1 process") / (of(name.replace("threads", "processes")) ?? Infinity);
      rows.push({
        problem: problem.name,
        entry: name,
        "ms a meta-step": least[i],
        median: median(times[i]),
        "speed-up": speedUp,
        ...(name.endsWith("threads") && limit > 0 && { limit, "of limit": speedUp / limit }),
      });
    }
  }
  for (const { end } of processes) end();
  for (const pool of pools) await pool.close();
  return rows;
}

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "string" },
    independent: { type: "boolean", default: false },
  },
});

if (options.independent) await independent();
else {
  const effort = options.short ? { turns: 3, milliseconds: 150 } : { turns: 15, milliseconds: 400 };
  const rows = await run({ ...effort, threads: [1, 2] });
  console.log(table(rows));
  const results = { machine: machine(), short: options.short, rows };
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
}
