/** How well a model that adapts online keeps up with streams: made-up ones whose task jumps, and patients, one after the other. */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import {
  adam,
  type Batch,
  createLearner,
  groups,
  type Learner,
  maml,
  meanSquaredError,
  metaTrain,
  mlp,
  type OnlineModel,
  type OnlineOptions,
  Random,
  sinusoids,
  tableFromRows,
} from "../src/index.ts";
import { sin } from "../src/math.ts";
import { core } from "./build.ts";
import { joined, part } from "./rows.ts";

const common = { loss: meanSquaredError(), metaOptimizer: adam({ learningRate: 0.003 }), seed: 1 };

/** Observes rows one by one; their mean loss, and at which ones a change was detected. */
function follow(model: OnlineModel, rows: readonly Batch[]) {
  const seen = rows.map((row) => model.observe(row));
  const alarms = seen.flatMap(({ changed }, i) => (changed ? [i + 1] : []));
  return { loss: seen.reduce((sum, { loss }) => sum + loss, 0) / rows.length, alarms };
}

describe("sinusoids, a row at a time", () => {
  let learner: Learner;
  beforeAll(async () => {
    const algorithm = maml({ innerLearningRate: 0.02, innerSteps: 5 });
    learner = await createLearner({
      ...common,
      model: mlp({ sizes: [1, 40, 40, 1] }),
      algorithm,
      core,
    });
    const options = { steps: 600, metaBatchSize: 10 };
    for await (const _ of metaTrain(learner, sinusoids({ shots: 20 }), options));
  });

  /** Rows of A sin(x − φ). */
  function rowsOf(count: number, random: Random, amplitude: number, phase: number): Batch[] {
    return Array.from({ length: count }, () => {
      const x = random.uniform(-5, 5);
      return { inputs: [x], targets: [amplitude * sin(x - phase)], rows: 1 };
    });
  }

  test("the phase jumps: found within 12 rows; 40 rows later the new one is known", () => {
    let [sum, blind] = [0, 0];
    for (let seed = 0; seed < 12; seed++) {
      const random = new Random(seed);
      const amplitude = random.uniform(1, 5);
      const before = rowsOf(100, random, amplitude, 0.4);
      const jump = rowsOf(40, random, amplitude, 2.4);
      const after = rowsOf(40, random, amplitude, 2.4);
      const run = (options: OnlineOptions) => {
        const model = learner.adaptOnline({ window: 50, ...options });
        return [before, jump, after].map((rows) => follow(model, rows));
      };
      const [calm, jumped, known] = run({ detect: {} });
      expect([calm.alarms, known.alarms]).toEqual([[], []]);
      expect(jumped.alarms, `seed ${seed}`).toHaveLength(1);
      // Measured: 5 rows in half of the streams, 10 at most.
      expect(jumped.alarms[0], `seed ${seed}`).toBeLessThanOrEqual(12);
      // The sinusoid's own variance is A²/2. Measured: 0.005 to 0.04 A².
      expect(known.loss, `seed ${seed}`).toBeLessThan(0.05 * amplitude ** 2);
      sum += jumped.loss + known.loss;
      const [, jumpedBlind, knownBlind] = run({});
      blind += jumpedBlind.loss + knownBlind.loss;
    }
    // Without the test the window holds the old sinusoid for 50 rows more. Measured: a third.
    expect(sum).toBeLessThan(blind / 2);
  });

  test("nothing changes: no alarm in 8 streams of 500 rows", () => {
    for (let seed = 0; seed < 8; seed++) {
      const random = new Random(seed);
      const [amplitude, phase] = [random.uniform(0.1, 5), random.uniform(0, Math.PI)];
      const model = learner.adaptOnline({ window: 50, detect: { runLength: 1e5 } });
      const { alarms } = follow(model, rowsOf(500, random, amplitude, phase));
      expect(alarms, `seed ${seed}`).toEqual([]);
    }
  });

  test("same rows, same bits; after an alarm the model is that of the rows since the change", () => {
    const random = new Random(7);
    const rows = [1, 3].flatMap((phase) => rowsOf(50, random, 2, phase));
    const run = () => {
      const model = learner.adaptOnline({ window: 60, detect: { runLength: 1000 } });
      return rows.map((row, i) => {
        const { loss, changed, rows: kept } = model.observe(row);
        const { parameters } = learner.adapt(joined(rows.slice(i + 1 - kept, i + 1)));
        const same = model.parameters.every((value, j) => value === parameters[j]);
        return { loss, changed, kept, same };
      });
    };
    const seen = run();
    expect(seen).toEqual(run());
    expect(seen.every(({ same }) => same)).toBe(true);
    const alarm = seen.findIndex(({ changed }) => changed);
    expect(seen.filter(({ changed }) => changed)).toHaveLength(1);
    expect(alarm + 1 - seen[alarm].kept).toBe(50);
    expect(seen[99].kept).toBe(50);
  });

  test("rows observed together: one alarm, and all of them since the change are kept", () => {
    const random = new Random(5);
    const [first, second] = [rowsOf(60, random, 3, 0.4), rowsOf(30, random, 3, 2.4)];
    const model = learner.adaptOnline({ window: 60, detect: {} });
    for (let i = 0; i < 60; i += 10) model.observe(joined(first.slice(i, i + 10)));
    const { changed, rows } = model.observe(joined(second));
    expect({ changed, rows }).toEqual({ changed: true, rows: 30 });
    expect(model.parameters).toEqual(learner.adapt(joined(second)).parameters);
  });
});

const PARKINSONS = "../shared/data/parkinsons-updrs/parkinsons_updrs.csv.gz";
const parkinsons = new URL(`../${PARKINSONS}`, import.meta.url);

describe.skipIf(!existsSync(parkinsons))(`patients (needs ${PARKINSONS})`, () => {
  let held: Awaited<ReturnType<typeof patients>>;
  beforeAll(async () => {
    held = await patients();
  });

  test("in time order: staying adapted beats adapting once, to a patient's first 20 rows", () => {
    const { learner, inTime } = held;
    const model = learner.adaptOnline({ decay: 0.97 });
    let [online, once, never] = [0, 0, 0];
    for (const rows of inTime) {
      const [early, late] = [rows.slice(0, 20), rows.slice(20)];
      const first = learner.adapt(joined(early));
      follow(model, early);
      online += follow(model, late).loss;
      const all = joined(late);
      once += squaredError(first.predict(all.inputs), all.targets);
      never += squaredError(learner.predict(all.inputs), all.targets);
    }
    // Measured, in the target's variances: 0.025, 0.35 and 0.49.
    expect(online).toBeLessThan(once / 5);
    expect(once).toBeLessThan(never);
    expect(online / inTime.length).toBeLessThan(0.04);
  });

  test("in random order: each new patient is noticed within 15 rows; one alarm too many", () => {
    const { learner, shuffled } = held;
    const [watching, blind] = [{ window: 100, detect: {} }, { window: 100 }]
      .map((options) => learner.adaptOnline(options))
      .map((model) => shuffled.map((rows) => follow(model, rows)));
    const [first, ...others] = watching.map(({ alarms }) => alarms);
    expect(first).toEqual([]);
    // Measured: 5 to 12 rows.
    for (const alarms of others) expect(alarms[0]).toBeLessThanOrEqual(15);
    expect(others.flat().length).toBeLessThanOrEqual(10);
    // Measured: 0.041 against 0.145.
    const mean = (seen: typeof watching) => seen.reduce((sum, { loss }) => sum + loss, 0) / 10;
    expect(mean(watching)).toBeLessThan(mean(blind) / 2);
  });
});

/** A learner of 32 patients' motor scores, and the rows of 10 others, each patient's in two orders. */
async function patients() {
  const text = gunzipSync(readFileSync(parkinsons)).toString();
  const [header, ...cells] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const table = tableFromRows(header, cells);
  const {
    train,
    test: held,
    standardization,
  } = groups(table, {
    group: "subject",
    inputs: ["test_time", "HNR"],
    target: "motor_UPDRS",
    shots: 20,
    queryShots: 20,
    split: { test: 10 },
    seed: 1,
  });
  const model = mlp({ sizes: [2, 16, 16, 1], activation: "tanh" });
  const algorithm = maml({ innerLearningRate: 0.1, innerSteps: 3 });
  const learner = await createLearner({ ...common, model, algorithm, core });
  for await (const _ of metaTrain(learner, train, { steps: 400, metaBatchSize: 8 }));
  const [subject, time] = [table.texts("subject"), table.numbers("test_time")];
  const rowsOf = (name: string, order: (rows: number[]) => number[]): Batch[] => {
    const rows = order([...subject.keys()].filter((row) => subject[row] === name));
    const inputs = standardization.encode(table, rows);
    const targets = standardization.encodeTarget(table, rows);
    return rows.map((_, i) => part({ inputs, targets, rows: rows.length }, i, i + 1));
  };
  const inTime = (rows: number[]) => rows.sort((a, b) => time[a] - time[b]);
  return {
    learner,
    inTime: held.groups.map((name) => rowsOf(name, inTime)),
    shuffled: held.groups.map((name, i) => rowsOf(name, (rows) => new Random(i).shuffle(rows))),
  };
}

function squaredError(outputs: Float32Array, targets: ArrayLike<number>): number {
  return outputs.reduce((sum, o, i) => sum + (o - targets[i]) ** 2, 0) / outputs.length;
}
