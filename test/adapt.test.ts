import { describe, expect, test } from "vitest";
import { wasm } from "../build/adapt.js";
import { loadAdapter } from "../src/adapt.ts";
import { compileCore } from "../src/core.ts";
import {
  activation,
  adam,
  anil,
  batchNorm,
  boil,
  cavia,
  context,
  conv2d,
  crossEntropy,
  dense,
  flatten,
  frozenNorm,
  globalAveragePool,
  groupNorm,
  type LearnerOptions,
  maml,
  mamlPlusPlus,
  maxPool,
  metaCurvature,
  metaSgd,
  metaTrain,
  mlp,
  type Model,
  protoMaml,
  prototypical,
  Random,
  reptile,
  sequential,
  sgd,
  sinusoids,
} from "../src/index.ts";
import { learnerOf } from "./learners.ts";
import { strict } from "./build.ts";

const inner = { innerLearningRate: 0.1, innerSteps: 2 };
const waves = () => mlp({ sizes: [1, 9, 7, 1], activation: "tanh" });
const relu = activation("relu");

/** What there is of layers, in small. */
const images = (norm: ReturnType<typeof batchNorm>): Model =>
  sequential([
    conv2d({ inShape: [8, 8, 2], filters: 5, kernel: 3, stride: 1, padding: "same" }),
    norm,
    relu,
    maxPool({ kernel: 2 }),
    conv2d({ filters: 6, kernel: 3, stride: 2, padding: 1 }),
    relu,
    flatten(),
    dense({ outSize: 3 }),
  ]);

const regression: Record<string, Partial<LearnerOptions>> = {
  maml: { algorithm: maml(inner) },
  anil: { algorithm: anil(inner) },
  boil: { algorithm: boil(inner) },
  metaSgd: { algorithm: metaSgd(inner) },
  mamlPlusPlus: { algorithm: mamlPlusPlus({ ...inner, multiStepLoss: 3 }) },
  reptile: {
    algorithm: reptile({ innerOptimizer: adam({ learningRate: 0.01 }), innerSteps: 3 }),
    metaOptimizer: sgd({ learningRate: 0.5 }),
  },
  cavia: {
    algorithm: cavia(inner),
    model: sequential([
      context({ size: 2, inSize: 1 }),
      dense({ outSize: 8 }),
      relu,
      dense({ outSize: 1 }),
    ]),
  },
};

const classification: Record<string, Partial<LearnerOptions>> = {
  "protoMaml, batch norm": { algorithm: protoMaml(inner), model: images(batchNorm()) },
  "prototypical, group norm": {
    algorithm: prototypical(),
    model: sequential([
      conv2d({ inShape: [8, 8, 2], filters: 4, kernel: 3 }),
      groupNorm({ groups: 2 }),
      relu,
      globalAveragePool(),
      dense({ outSize: 3 }),
    ]),
  },
  "maml by the support set's statistics": {
    algorithm: maml(inner),
    model: images(batchNorm({ statistics: "support" })),
  },
  "mamlPlusPlus with norms of each step": {
    algorithm: mamlPlusPlus(inner),
    model: images(batchNorm({ perStep: 2 })),
  },
  "maml, frozen norm": {
    algorithm: maml(inner),
    model: images(
      frozenNorm({ mean: [0, 0.1, 0.2, 0.3, 0.4], variance: [1, 2, 3, 4, 5] }) as never,
    ),
  },
};

/** On the core that is inlined: an adapter's has its bits. */
const inlined = (options: Partial<LearnerOptions> = {}) =>
  learnerOf({ model: waves(), core: undefined, ...options });

/** Rows of pictures, each of a class. */
function pictures(random: Random, rows: number) {
  const inputs = Float32Array.from({ length: rows * 128 }, () => random.uniform(-1, 1));
  return { inputs, targets: Float32Array.from({ length: rows }, (_, i) => i % 3), rows };
}

const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];

// The adapting core is a strict one: its bits are those of the release and the debug core.
describe.runIf(strict)("an adapter, by the small core, gives the learner's bits", () => {
  test.each(Object.entries(regression))("%s", async (_, options) => {
    const learner = await inlined(options);
    for await (const _ of metaTrain(learner, sinusoids(), { steps: 3, metaBatchSize: 2 }));
    const adapter = await loadAdapter(learner.save({ metadata: { made: "here" } }));
    expect(adapter.metadata).toEqual({ made: "here" });
    for (const steps of [undefined, 0, 1, 5]) {
      const { support, query } = sinusoids().sample(new Random(steps ?? 9));
      const given = steps === undefined ? {} : { steps };
      const [wanted, got] = [learner.adapt(support, given), adapter.adapt(support, given)];
      expect(bits(got.parameters)).toEqual(bits(wanted.parameters));
      expect(bits(got.predict(query.inputs))).toEqual(bits(wanted.predict(query.inputs)));
    }
    expect(bits(adapter.predict([0.5, -2]))).toEqual(bits(learner.predict([0.5, -2])));
  });

  test.each(Object.entries(classification))("%s", async (_, options) => {
    const learner = await inlined({ loss: crossEntropy(), ...options });
    const random = new Random(7);
    const task = { support: pictures(random, 6), query: pictures(random, 5) };
    learner.metaStep([task]);
    const adapter = await loadAdapter(learner.save());
    for (const rows of [3, 7]) {
      const support = pictures(random, rows);
      const [wanted, got] = [learner.adapt(support), adapter.adapt(support)];
      expect(bits(got.parameters)).toEqual(bits(wanted.parameters));
      const { inputs } = pictures(random, 4);
      expect(bits(got.predict(inputs))).toEqual(bits(wanted.predict(inputs)));
    }
  });
});

describe("loadAdapter refuses", () => {
  test("an algorithm that takes more to adapt", async () => {
    const learner = await inlined({ algorithm: metaCurvature(inner) });
    await expect(loadAdapter(learner.save())).rejects.toThrow(
      /^loadAdapter: expected anil, boil, .* or reptile, got "metaCurvature"$/,
    );
  });

  test.each([
    ["what is no file", new Uint8Array(4), /^loadAdapter: expected a safetensors file/],
    [
      "what are no bytes",
      "bytes",
      /^loadAdapter: expected a Uint8Array or an ArrayBuffer, got "bytes"/,
    ],
  ])("%s", async (_, bytes, message) => {
    await expect(loadAdapter(bytes as Uint8Array)).rejects.toThrow(message);
  });

  test("a file whose tensors are of other shapes than its model", async () => {
    const bytes = (await inlined()).save();
    const text = new TextDecoder().decode(bytes);
    const at = text.indexOf('\\"outSize\\":9');
    expect(at).toBeGreaterThan(0);
    const other = bytes.slice();
    other[at + '\\"outSize\\":'.length] = "8".charCodeAt(0);
    await expect(loadAdapter(other)).rejects.toThrow(/^loadAdapter: expected .* of shape \[/);
  });

  test("its own core to a learner, which could not train on it", async () => {
    const core = await compileCore(wasm);
    await expect(inlined({ core })).rejects.toThrow(
      /^createLearner: expected a core with gradientTangent, got \[/,
    );
  });

  test("rows that do not fit, as the learner does", async () => {
    const adapter = await loadAdapter((await inlined()).save());
    expect(() => adapter.adapt({ inputs: [1], targets: [1], rows: 0 })).toThrow(
      "adapt: expected support.rows ≥ 1, got 0",
    );
    expect(() => adapter.predict([NaN])).toThrow("predict: expected finite inputs");
  });
});
