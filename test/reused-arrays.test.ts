/** Whoever fills the same arrays again and again gets what new ones would give. */
import { expect, test } from "vitest";
import {
  followTheMetaLeader,
  loadLearner,
  metaTrain,
  Random,
  sinusoids,
  type Task,
  type TaskDistribution,
} from "../src/index.ts";
import { loadAdapter } from "../src/adapt.ts";
import type { Pool } from "../src/pool/index.ts";
import { learnerOf } from "./learners.ts";
import { bitsOf, meddledWorker, poolFor, waves, worker } from "./pools.ts";

const TASKS = 40;

/** Waves in arrays of which there are as many as a meta-batch takes. */
function ring(): TaskDistribution {
  const source = sinusoids();
  const places = waves(TASKS);
  let next = 0;
  return {
    ...source,
    sample(random) {
      const place = places[next++ % TASKS];
      fill(place, source.sample(random));
      return place;
    },
  };
}

function fill(to: Task, from: Task): void {
  for (const set of ["support", "query"] as const) {
    (to[set].inputs as Float32Array).set(from[set].inputs);
    (to[set].targets as Float32Array).set(from[set].targets);
  }
}

async function trained(source: TaskDistribution, pool?: Pool): Promise<string> {
  const learner = await learnerOf();
  for await (const _ of metaTrain(learner, source, { steps: 6, metaBatchSize: TASKS, pool }));
  return bitsOf(learner);
}

/** At the job of the third meta-step. */
const mortal = `parentPort.on("message", (m) => { if (m.kind === "job" && m.step === 2) process.exit(3); })`;

test.each([
  ["shared, the caller at work, too", { shared: true }],
  ["shared", { shared: true, here: false }],
  ["sent", { shared: false }],
])("tasks, memory %s", async (_, way) => {
  const wanted = await trained(sinusoids());
  expect(await trained(ring())).toBe(wanted);
  const pool = await poolFor({ threads: 2, ...way });
  expect(await trained(ring(), pool)).toBe(wanted);
  // One waits while the other's are computed.
  expect(await Promise.all([trained(ring(), pool), trained(ring(), pool)])).toEqual([
    wanted,
    wanted,
  ]);
  let made = 0;
  const dying = await poolFor({
    threads: 3,
    worker: () => (made++ === 0 ? meddledWorker(mortal) : worker()),
    ...way,
  });
  expect(await trained(ring(), dying)).toBe(wanted);
  // Where the caller computes, too, it goes by the clock who else does.
  const byClock = way.shared && !("here" in way);
  if (!byClock) expect(made).toBeGreaterThan(3);
});

test("tasks of a meta-step, once it has been asked for", async () => {
  const pool = await poolFor({ threads: 2 });
  const [alone, pooled] = [await learnerOf(), await learnerOf()];
  for (let step = 0; step < 3; step++) {
    const [tasks, others] = [waves(TASKS, step), waves(TASKS, 99)];
    const wanted = alone.metaStep(tasks);
    const made = pool.metaStep(pooled, tasks);
    tasks.forEach((task, i) => fill(task, others[i]));
    expect(await made).toEqual(wanted);
  }
  expect(bitsOf(pooled)).toBe(bitsOf(alone));
});

test("parameters to start from, another learner's live ones", async () => {
  const learner = await learnerOf();
  const wanted = learner.parameters.slice();
  const made = learnerOf({ parameters: learner.parameters, seed: 9 });
  learner.parameters.fill(42);
  expect((await made).parameters).toEqual(wanted);
});

test("the bytes of a file", async () => {
  const learner = await learnerOf();
  const bytes = learner.save();
  for (const load of [loadLearner, loadAdapter]) {
    const taken = bytes.slice();
    const loaded = load(taken);
    taken.fill(0);
    expect((await loaded).predict([0.5])).toEqual(learner.predict([0.5]));
  }
});

test("ranges of sinusoids", () => {
  const range: [number, number] = [1, 1];
  const source = sinusoids({ amplitude: range });
  range.fill(7);
  expect(source.sample(new Random(1)).amplitude).toBe(1);
});

test("tasks that a learner follows", async () => {
  async function* stream(reused: boolean) {
    const [place] = waves(1);
    for (const task of waves(5)) {
      if (reused) fill(place, task);
      yield reused ? place : task;
    }
  }
  const reports = async (reused: boolean) => {
    const learner = await learnerOf();
    const all = [];
    for await (const report of followTheMetaLeader(learner, stream(reused), { stepsPerTask: 3 }))
      all.push(report);
    return { all, learner: bitsOf(learner) };
  };
  expect(await reports(true)).toEqual(await reports(false));
});
