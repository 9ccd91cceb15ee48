/** Whose statistics batch norm takes of a query set: its own, or the support set's. */
import { describe, expect, test } from "vitest";
import {
  adam,
  type Batch,
  batchNorm,
  createLearner,
  dense,
  evaluate,
  followTheMetaLeader,
  layerNorm,
  type Learner,
  type LearnerOptions,
  loadLearner,
  maml,
  mlp,
  sequential,
  type Task,
} from "../src/index.ts";
import { core } from "./build.ts";
import { expectClose, LOSS_TOLERANCE } from "./close.ts";
import { losses } from "./learners.ts";
import { parametersOf, taskOf, weighted } from "./objectives.ts";
import * as oracle from "./oracle/meta.ts";
import { joined, part } from "./rows.ts";
import { behind } from "./support-statistics.ts";

const objective = {
  model: { sizes: [3, 8, 5, 2], activation: "tanh", norm: "batch" },
  loss: "meanSquaredError",
} as const;
const classes = { ...objective, loss: "crossEntropy" } as const;
const policies = ["batch", "support"] as const;

function make(
  statistics: (typeof policies)[number],
  options: Partial<LearnerOptions> = {},
): Promise<Learner> {
  const { sizes, activation } = objective.model;
  return createLearner({
    model: mlp({ sizes, activation, norm: batchNorm({ statistics }) }),
    loss: losses.meanSquaredError(),
    algorithm: maml({ innerLearningRate: 0.2, innerSteps: 2 }),
    metaOptimizer: adam(),
    seed: 1,
    parameters: parametersOf(objective),
    core,
    ...options,
  });
}

const task = taskOf(objective, 1, 9, 7);
const { support, query } = task;
const other = taskOf(objective, 2, 6, 7);

describe("predictions by the statistics of the support set", () => {
  test("do not depend on the rows they come with, to the bit; by the batch's they do", async () => {
    for (const statistics of policies) {
      const { predict } = (await make(statistics)).adapt(support);
      const all = [...predict(query.inputs)];
      const apart = all.flatMap((_, i) =>
        i < query.rows ? [...predict(part(query, i, i + 1).inputs)] : [],
      );
      const inputsOf = (...batches: Batch[]) => joined(batches).inputs;
      const turned = predict(inputsOf(part(query, 4, 7), part(query, 0, 4)));
      const among = [...predict(inputsOf(other.query, query))].slice(2 * 7);
      if (statistics === "batch") {
        expect(apart).not.toEqual(all);
        expect(among).not.toEqual(all);
        continue;
      }
      expect(apart).toEqual(all);
      expect(among).toEqual(all);
      expect([...turned]).toEqual([...all.slice(2 * 4), ...all.slice(0, 2 * 4)]);
    }
  });

  test.each([0, 1, 5])("are those of a plain loop in f64, after %i steps", async (steps) => {
    const learner = await make("support");
    const { parameters, predict } = learner.adapt(support, { steps });
    if (steps === 0) expect(parameters).toEqual(learner.parameters);
    else expect(parameters).not.toEqual(learner.parameters);
    const found = predict(query.inputs);
    expectClose(found, byHand(parameters, support, query.inputs), LOSS_TOLERANCE, "outputs");
    // The support set itself is as it is with either policy.
    const { predict: byBatch } = (await make("batch")).adapt(support, { steps });
    expectClose(predict(support.inputs), byBatch(support.inputs), LOSS_TOLERANCE, "support rows");
  });

  test("are those of the rows as they were when it adapted, whatever is done since", async () => {
    const learner = await make("support");
    const inputs = Float32Array.from(support.inputs);
    const adapted = learner.adapt({ ...support, inputs });
    const before = adapted.predict(query.inputs);
    inputs.fill(0);
    const since = learner.adapt(other.support);
    const ofOther = since.predict(other.query.inputs);
    learner.metaStep([other, taskOf(objective, 3, 12, 5)]);
    evaluate(learner, [other], { steps: [1] });
    expect(adapted.predict(query.inputs)).toEqual(before);
    expect(since.predict(other.query.inputs)).toEqual(ofOther);
    const alone = (await make("support")).adapt(other.support).predict(other.query.inputs);
    expect(ofOther).toEqual(alone);
  });

  test("do not see row weights, which are the loss's", async () => {
    const learner = await make("support");
    const [plain, heavy] = [support, weighted(task, 1).support].map((batch) =>
      learner.adapt(batch, { steps: 0 }).predict(query.inputs),
    );
    expect(heavy).toEqual(plain);
  });
});

/** The network of `objective` in f64; in θ, layer by layer, W, b, γ, β. */
function byHand(theta: Float32Array, { inputs, rows }: Batch, asked: ArrayLike<number>): number[] {
  const all = [...Array.from(inputs), ...Array.from(asked)];
  let x = Array.from({ length: all.length / 3 }, (_, i) => all.slice(3 * i, 3 * i + 3));
  let at = 0;
  const take = (count: number) => [...theta.subarray(at, (at += count))];
  for (const outSize of [8, 5, 2]) {
    const [w, b] = [take(x[0].length * outSize), take(outSize)];
    x = x.map((row) => b.map((bj, j) => row.reduce((y, v, k) => y + v * w[k * outSize + j], bj)));
    if (outSize === 2) break;
    const [scale, shift] = [take(outSize), take(outSize)];
    const mean = (f: (row: number[]) => number) =>
      x.slice(0, rows).reduce((sum, row) => sum + f(row), 0) / rows;
    const means = b.map((_, j) => mean((row) => row[j]));
    const variances = means.map((m, j) => mean((row) => (row[j] - m) ** 2));
    x = x.map((row) =>
      row.map((z, j) => {
        const standard = (z - means[j]) / Math.sqrt(variances[j] + 1e-5);
        return Math.tanh(scale[j] * standard + shift[j]);
      }),
    );
  }
  return x.slice(rows).flat();
}

describe("evaluate", () => {
  const loss = losses.crossEntropy();
  const tasks = [taskOf(classes, 1), taskOf(classes, 2, 5, 6), weighted(taskOf(classes, 3), 1)];

  test.each(policies)("tells both protocols; at the top the model's own: %s", async (policy) => {
    const learner = await make(policy, { loss });
    for (const { transductive, inductive, steps, ...top } of evaluate(learner, tasks)) {
      expect(top).toEqual(policy === "batch" ? transductive : inductive);
      const adapted = tasks.map((each) => learner.adapt(each.support, { steps }));
      const lossesOf = (queryOf: (task: Task) => Batch) =>
        tasks.map((each, i) => oracle.loss(classes, adapted[i].parameters, queryOf(each)));
      const own = lossesOf((each) => each.query);
      expectClose(transductive!.losses, own, LOSS_TOLERANCE, "transductive");
      expectClose(inductive!.losses, lossesOf(behind), LOSS_TOLERANCE, "inductive");
      expect(Math.abs(transductive!.loss - inductive!.loss)).toBeGreaterThan(1e-3);
      const outputs = adapted.map(({ predict }, i) => predict(tasks[i].query.inputs));
      expect(top.accuracy).toBeCloseTo(meanAccuracy(outputs, tasks), 12);
    }
  });

  test("both are the same to the bit, whichever the model's own is", async () => {
    const [a, b] = await Promise.all(
      policies.map(async (policy) => evaluate(await make(policy, { loss }), tasks)),
    );
    a.forEach(({ transductive, inductive }, i) => {
      expect(b[i].transductive).toEqual(transductive);
      expect(b[i].inductive).toEqual(inductive);
      expect(Object.keys(inductive!).sort()).toEqual(Object.keys(transductive!).sort());
    });
  });

  test.each([undefined, "layer", layerNorm({ adapted: false })] as const)(
    "a model without batch norm has one protocol, and no name for it",
    async (norm) => {
      const algorithm = maml({ innerLearningRate: 0.1 });
      const options = { model: mlp({ sizes: [3, 4, 2], norm }), loss, algorithm };
      const learner = await createLearner({ ...options, metaOptimizer: adam(), seed: 1, core });
      const keys = Object.keys(evaluate(learner, tasks)[0]).sort();
      const names = ["accuracy", "accuracyInterval", "interval", "loss", "losses", "median"];
      expect(keys).toEqual([...names, "steps"]);
    },
  );
});

function meanAccuracy(outputs: readonly Float32Array[], tasks: readonly Task[]): number {
  const shares = tasks.map(({ query: { targets, rows } }, t) => {
    const right = Array.from(targets, (target, i) => {
      const [a, b] = outputs[t].subarray(2 * i, 2 * i + 2);
      return (b > a ? 1 : 0) === target ? 1 : 0;
    });
    return right.reduce<number>((sum, each) => sum + each, 0) / rows;
  });
  return shares.reduce((a, b) => a + b) / shares.length;
}

test("followTheMetaLeader judges by the model's own policy", async () => {
  const learner = await make("support");
  const stream = followTheMetaLeader(learner, [task, other], { stepsPerTask: 0 });
  const found = [];
  for await (const { loss } of stream) found.push(loss);
  const expected = [task, other].map((each) => {
    const { parameters } = learner.adapt(each.support);
    return oracle.loss(objective, parameters, behind(each));
  });
  expectClose(found, expected, LOSS_TOLERANCE, "losses");
});

test("followTheMetaLeader refuses what does not fit together, as it arrives", async () => {
  const learner = await make("support", { maxRows: 15 });
  const stream = followTheMetaLeader(learner, [other, task], { stepsPerTask: 0 });
  expect((await stream.next()).value).toMatchObject({ index: 0 });
  await expect(stream.next()).rejects.toThrow("expected at most 15 rows in");
});

test("rows counted are nothing to a model without batch norm", async () => {
  const model = mlp({ sizes: [3, 4, 2] });
  const options = { model, loss: losses.crossEntropy(), metaOptimizer: adam(), seed: 1, core };
  const learner = await createLearner({ ...options, algorithm: maml({ innerLearningRate: 0.1 }) });
  const plain = taskOf(classes, 1);
  const counted = { ...plain, query: { ...plain.query, counted: 4 } };
  expect(evaluate(learner, [counted])).toEqual(evaluate(learner, [plain]));
  expect(learner.metaGradient([counted])).toEqual(learner.metaGradient([plain]));
});

test.each(policies)("saved and loaded: the same policy, the same bits: %s", async (policy) => {
  const learner = await make(policy);
  learner.metaStep([task, other]);
  const loaded = await loadLearner(learner.save(), { core });
  const kept = loaded.model.layers.flatMap(({ statistics }) => statistics ?? []);
  expect(kept).toEqual([policy, policy]);
  expect(loaded.save()).toEqual(learner.save());
  const [a, b] = [learner, loaded].map((each) => each.adapt(support).predict(query.inputs));
  expect(b).toEqual(a);
  expect(loaded.metaStep([other])).toEqual(learner.metaStep([other]));
  expect(loaded.metaParameters).toEqual(learner.metaParameters);
  const text = new TextDecoder().decode(learner.save());
  expect(text.includes("statistics")).toBe(policy === "support");
});

describe("refused", () => {
  test("predict and adaptOnline, for want of a support set", async () => {
    const learner = await make("support");
    expect(() => learner.predict(query.inputs)).toThrow(
      "predict: expected a support set to normalize by (see adapt), got undefined",
    );
    expect(() => learner.adaptOnline({ window: 5 })).toThrow(
      'adaptOnline: expected batch norm by the statistics of the batch, got "support"',
    );
  });

  test("two policies in one model, and one that there is not", async () => {
    const norms = policies.map((statistics) => batchNorm({ statistics }));
    const layers = [dense({ inSize: 3, outSize: 4 }), norms[1], dense({ outSize: 4 }), norms[0]];
    const model = sequential([...layers, dense({ outSize: 2 })]);
    await expect(make("batch", { model })).rejects.toThrow(
      "createLearner: expected one choice of statistics for all batch norms, got",
    );
    expect(() => batchNorm({ statistics: "query" as "batch" })).toThrow(
      'batchNorm: expected statistics "batch" or "support", got "query"',
    );
  });

  test("more rows of support and query together than maxRows", async () => {
    const fits = await make("support", { maxRows: 16 });
    const short = await make("support", { maxRows: 15 });
    const message = "at most 15 rows in";
    expect(fits.metaGradient([task]).loss).toBeGreaterThan(0);
    expect(fits.adapt(support).predict(query.inputs)).toHaveLength(14);
    expect(evaluate(fits, [task])).toHaveLength(3);
    expect(() => short.metaGradient([task])).toThrow(`metaGradient: expected ${message} support`);
    expect(() => short.metaStep([task])).toThrow(`metaStep: expected ${message} support and query`);
    expect(() => short.adapt(support).predict(query.inputs)).toThrow(
      `predict: expected ${message}`,
    );
    expect(short.adapt(support).predict(part(query, 0, 6).inputs)).toHaveLength(12);
    expect(() => evaluate(short, [task])).toThrow(
      `evaluate: expected ${message} support and query`,
    );
    expect(short.step).toBe(0);
  });

  test.each([-1, 0.5, NaN, 10, 1e9])("statistics of %d of 9 rows", async (counted) => {
    for (const statistics of policies) {
      const learner = await make(statistics);
      const odd = { ...support, counted };
      expect(() => learner.adapt(odd)).toThrow("adapt: expected");
      const ask = () => learner.metaGradient([{ support: odd, query }]);
      expect(ask).toThrow("metaGradient: expected");
    }
  });
});

test("a batch that suits its own protocol is evaluated by it, though the two together do not fit", async () => {
  const learner = await make("batch", { maxRows: 9 });
  const [found] = evaluate(learner, [task], { steps: [1] });
  const { parameters } = learner.adapt(support, { steps: 1 });
  expectClose(found.loss, oracle.loss(objective, parameters, query), LOSS_TOLERANCE, "loss");
});
