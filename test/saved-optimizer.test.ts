import { describe, expect, test } from "vitest";
import { loadAdapter } from "../src/adapt.ts";
import { restoreLearner } from "../src/checkpoint.ts";
import {
  adam,
  clipNorm,
  cosine,
  type Learner,
  type LearnerOptions,
  loadLearner,
  maml,
  metaSgd,
  metaTrain,
  mlp,
  Random,
  sgd,
  sinusoids,
} from "../src/index.ts";
import { expectClose } from "./close.ts";
import { core } from "./build.ts";
import { learnerOf } from "./learners.ts";
import { joinFile, METADATA, readFile, splitFile } from "./safetensors-reader.ts";

const STEPS = 6;
/** Numbers of a perceptron 1-8-1. */
const THETA = 8 + 8 + 8 + 1;
const inner = { innerLearningRate: 0.02, innerSteps: 2 };
const rate = cosine({ from: 0.02, steps: 40 });
const cases: [string, Partial<LearnerOptions>, numbers: number][] = [
  ["maml, adam", { algorithm: maml(inner), metaOptimizer: adam({ learningRate: rate }) }, THETA],
  [
    "metaSgd, clipNorm(adam)",
    {
      algorithm: metaSgd(inner),
      metaOptimizer: clipNorm(adam({ learningRate: rate }), 2),
    },
    2 * THETA,
  ],
  ["maml, momentum", { metaOptimizer: sgd({ learningRate: rate, momentum: 0.9 }) }, THETA],
];

const start = (options: Partial<LearnerOptions>) =>
  learnerOf({ model: mlp({ sizes: [1, 8, 1], activation: "tanh" }), seed: 5, ...options });

async function train(learner: Learner, steps = STEPS): Promise<Learner> {
  for await (const _ of metaTrain(learner, sinusoids(), { steps, metaBatchSize: 3 }));
  return learner;
}

const slim = (learner: Learner) => learner.save({ optimizerState: false });
const load = (bytes: Uint8Array) => loadLearner(bytes, { core });
const isState = ({ name }: { name: string }) => name.startsWith("metaOptimizer.");
const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];
const { support, query } = sinusoids().sample(new Random(3));

describe.each(cases)("%s, saved without the optimizer's state", (_, options, numbers) => {
  test("is the whole file less that, as another reader reads it", async () => {
    const learner = await train(await start(options));
    const [whole, bytes] = [readFile(learner.save()), slim(learner)];
    const { tensors, metadata } = readFile(bytes);
    expect(tensors.filter(isState)).toEqual([]);
    expect(tensors).toEqual(whole.tensors.filter((tensor) => !isState(tensor)));
    expect(tensors.flatMap(({ values }) => values)).toEqual(Array.from(learner.metaParameters));
    expect(splitFile(bytes).data.length).toBe(4 * numbers);
    expect(JSON.parse(whole.metadata.rvml)).toMatchObject({ step: STEPS, optimizerStep: STEPS });
    expect(JSON.parse(metadata.rvml)).toEqual({
      ...JSON.parse(whole.metadata.rvml),
      optimizerStep: null,
    });
  });

  test("adapts and predicts to the same bits", async () => {
    const learner = await train(await start(options));
    const [loaded, adapter, other] = [
      await load(slim(learner)),
      await loadAdapter(slim(learner)),
      await loadAdapter(learner.save()),
    ];
    for (const [wanted, got] of [
      [learner, loaded],
      [other, adapter],
    ]) {
      expect(bits(got.predict(query.inputs))).toEqual(bits(wanted.predict(query.inputs)));
      const [a, b] = [wanted, got].map((each) => each.adapt(support, { steps: 3 }));
      expect(bits(b.parameters)).toEqual(bits(a.parameters));
      expect(bits(b.predict(query.inputs))).toEqual(bits(a.predict(query.inputs)));
    }
  });

  test("trains on from there with a new learner's optimizer", async () => {
    const learner = await train(await start(options));
    const fresh = await start(options);
    fresh.metaParameters.set(learner.metaParameters);
    fresh.step = STEPS;
    const loaded = await load(slim(learner));
    expect(loaded.save()).toEqual(fresh.save());
    expect((await train(loaded)).save()).toEqual((await train(fresh)).save());
    expect(loaded.step).toBe(2 * STEPS);
    expect(bits(loaded.metaParameters)).not.toEqual(bits((await train(learner)).metaParameters));
  });

  test("makes the optimizer of a learner that has trained a new one", async () => {
    const learner = await train(await start(options));
    const bytes = slim(learner);
    restoreLearner("loadLearner", await train(learner), bytes);
    expect(learner.save()).toEqual((await load(bytes)).save());
  });

  test("with a number in it that is not finite, it is refused and changes nothing", async () => {
    const learner = await train(await start(options));
    const { header, data } = splitFile(learner.save());
    const { tensors } = readFile(learner.save());
    const [name, last] = [tensors.at(-1)!.name, new DataView(data.buffer, data.byteOffset)];
    last.setFloat32(data.length - 4, NaN, true);
    const before = (await train(learner)).save();
    expect(() => restoreLearner("here", learner, joinFile(header, data))).toThrow(
      `here: expected finite ${name}, got NaN at index`,
    );
    expect(learner.save()).toEqual(before);
  });
});

test("the step after it is Adam's first: θ ← θ − η · g/(|g| + ε), at the schedule's start", async () => {
  const epsilon = 0.1;
  const options = { metaOptimizer: adam({ learningRate: rate, epsilon }) };
  const learner = await load(slim(await train(await start(options))));
  const [before, tasks] = [learner.metaParameters.slice(), [{ support, query }]];
  const { gradient } = learner.metaGradient(tasks);
  learner.metaStep(tasks);
  const wanted = Array.from(gradient, (g) => (-0.02 * g) / (Math.abs(g) + epsilon));
  const moved = Array.from(learner.metaParameters, (value, i) => value - before[i]);
  // Of parameters near 1, in f32.
  expectClose(moved, wanted, 1e-5, "moved");
});

const trained = await train(await start({}));

test("what is loaded is saved whole again, unless told otherwise", async () => {
  const bytes = trained.save({ metadata: { units: "ms" }, optimizerState: false });
  const loaded = await load(bytes);
  expect(loaded.metadata).toEqual({ units: "ms" });
  expect(slim(loaded)).toEqual(bytes);
  const whole = loaded.save();
  expect(loaded.save({ optimizerState: true })).toEqual(whole);
  const { tensors, metadata } = readFile(whole);
  expect(tensors.filter(isState).map(({ values }) => values)).toEqual([
    Array(THETA).fill(0),
    Array(THETA).fill(0),
  ]);
  expect(JSON.parse(metadata.rvml)).toMatchObject({ step: STEPS, optimizerStep: 0 });
});

describe("a file that says one thing and holds another is refused", () => {
  /** That file, its description of the optimizer's step replaced. */
  function saying(bytes: Uint8Array, optimizerStep: unknown): Uint8Array {
    const { header, data } = splitFile(bytes);
    const rvml = JSON.stringify({ ...JSON.parse(header[METADATA].rvml), optimizerStep });
    return joinFile({ ...header, [METADATA]: { rvml } }, data);
  }
  const step = "loadLearner: expected integer optimizerStep ≥ 0, got undefined";
  test.each([
    ["state that is not there", slim(trained), STEPS, "loadLearner: expected 6 tensors, got 4"],
    ["no state, but there is", trained.save(), null, "loadLearner: expected 4 tensors, got 6"],
    ["nothing, without", slim(trained), undefined, step],
    ["nothing, with", trained.save(), undefined, step],
  ])("%s", async (_, bytes, optimizerStep, message) => {
    await expect(load(saying(bytes, optimizerStep))).rejects.toThrow(message);
  });

  test("but not the same said truly", async () => {
    expect((await load(saying(slim(trained), null))).save()).toEqual(
      (await load(slim(trained))).save(),
    );
    expect((await load(saying(trained.save(), STEPS))).save()).toEqual(trained.save());
  });
});

test.each([
  [{ optimizerState: 0 }, "save: expected optimizerState true or false, got 0"],
  [{ optimizerState: "no" }, 'save: expected optimizerState true or false, got "no"'],
  [{ optimizerState: null }, "save: expected optimizerState true or false, got null"],
  [{ optimizer: false }, 'save: expected options metadata or optimizerState, got "optimizer"'],
])("save refuses %j", (options, message) => {
  expect(() => trained.save(options as never)).toThrow(new TypeError(message));
});
