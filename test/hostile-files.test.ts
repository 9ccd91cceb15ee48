import { assert, asyncProperty, integer, nat, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adam,
  clipNorm,
  cosine,
  createLearner,
  loadLearner,
  maml,
  meanSquaredError,
  mlp,
} from "../src/index.ts";
import { core } from "./build.ts";
import { joinFile, METADATA, splitFile } from "./safetensors-reader.ts";

const learner = await createLearner({
  model: mlp({ sizes: [1, 4, 1], norm: "batch" }),
  loss: meanSquaredError(),
  algorithm: maml({ innerLearningRate: 0.1 }),
  metaOptimizer: clipNorm(adam({ learningRate: cosine({ from: 0.1, steps: 10 }) }), 5),
  seed: 1,
  core,
});
const good = learner.save({ metadata: { units: "ms" } });

/** The error of loading a file; undefined where it loads. */
async function errorOf(bytes: Uint8Array): Promise<Error | undefined> {
  try {
    await loadLearner(bytes, { core });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function expectRefusal(error: Error | undefined, label: string): void {
  expect(error, label).toBeDefined();
  expect(error, label).toBeInstanceOf(RangeError);
  expect(error?.message, label).toMatch(/^loadLearner: expected [^]+, got [^]*$/);
}

/** The good file with its header changed; the header may be replaced by whatever is returned. */
// oxlint-disable-next-line typescript/no-explicit-any -- a file may hold anything
type Loose = any;
function changed(change: (header: Loose, data: Uint8Array) => unknown): Uint8Array {
  const { header, data } = splitFile(good.slice());
  return joinFile(change(header, data) ?? header, data);
}

/** The good file with the learner's own description changed, or replaced. */
function described(change: (saved: Loose) => unknown): Uint8Array {
  return changed(({ ...header }) => {
    const saved = JSON.parse(header[METADATA].rvml);
    const text = change(saved) ?? saved;
    header[METADATA].rvml = typeof text === "string" ? text : JSON.stringify(text);
    return header;
  });
}

const WEIGHT = "parameters.0.weight";
/** Put together as text: JSON.stringify itself does not go that deep. */
function nested(depth: number): string {
  const open = '{"kind":"clipNorm","options":{"maxNorm":1,"optimizer":'.repeat(depth);
  return `${open}{"kind":"adam","options":{}}${"}}".repeat(depth)}`;
}

test("the file that all below are made of loads", async () => {
  expect(await errorOf(good)).toBeUndefined();
  expect(await errorOf(changed(() => undefined))).toBeUndefined();
  expect(await errorOf(described(() => undefined))).toBeUndefined();
});

describe("headers", () => {
  const files: [string, Uint8Array][] = [
    ["no bytes", new Uint8Array(0)],
    ["seven bytes", good.subarray(0, 7)],
    ["eight zeros", new Uint8Array(8)],
    ["header longer than the file", Uint8Array.from(good, (byte, i) => (i === 3 ? 1 : byte))],
    ["header of 2⁶⁴ − 1 bytes", Uint8Array.from(good, (byte, i) => (i < 8 ? 255 : byte))],
    ["not JSON", joinFile("weights, mostly", new Uint8Array(0))],
    ["not UTF-8", joinFile('{"a": "', Uint8Array.of(0xff))],
    ["a list", changed(() => [])],
    ["null", joinFile("null", new Uint8Array(0))],
    ["a number", joinFile("3", new Uint8Array(0))],
    ["lists, deep", joinFile("[".repeat(100_000) + "]".repeat(100_000), new Uint8Array(0))],
    ["no metadata", changed((header) => void delete header[METADATA])],
    ["metadata of numbers", changed((header) => void (header[METADATA].units = 3))],
    ["metadata in a list", changed((header) => void (header[METADATA] = ["rvml"]))],
    ["metadata of null", changed((header) => void (header[METADATA] = null))],
    ["someone else's file", changed((header) => void delete header[METADATA].rvml)],
    ["__proto__ for a tensor", changed((h) => JSON.stringify(h).replace(WEIGHT, "__proto__"))],
    ["__proto__ for a list", joinFile('{"__proto__": []}', new Uint8Array(0))],
  ];
  test.each(files)("%s", async (label, bytes) => expectRefusal(await errorOf(bytes), label));

  test("truncated anywhere", async () => {
    const { data } = splitFile(good);
    const end = good.length - data.length;
    for (let length = 0; length < good.length; length += length < 24 || length > end - 24 ? 1 : 17)
      expectRefusal(await errorOf(good.subarray(0, length)), `${length} bytes`);
  });

  test("bytes left over", async () => {
    const longer = new Uint8Array(good.length + 4);
    longer.set(good);
    expectRefusal(await errorOf(longer), "4 more bytes");
  });
});

describe("tensors", () => {
  const tensor = (change: (entry: Loose, header: Loose) => unknown) =>
    changed((header) => {
      const entry = change(header[WEIGHT], header);
      if (entry !== undefined) header[WEIGHT] = entry;
    });
  const files: [string, Uint8Array][] = [
    ["null", tensor(() => null)],
    ["text", tensor(() => "F32")],
    ["dtype F16", tensor((entry) => void (entry.dtype = "F16"))],
    ["no dtype", tensor((entry) => void delete entry.dtype)],
    ["no shape", tensor((entry) => void delete entry.shape)],
    ["a shape of text", tensor((entry) => void (entry.shape = ["1", "4"]))],
    ["a negative shape", tensor((entry) => void (entry.shape = [-1, -4]))],
    ["half a column", tensor((entry) => void (entry.shape = [0.5, 8]))],
    ["a huge shape", tensor((entry) => void (entry.shape = [2 ** 53 - 1, 2 ** 53 - 1]))],
    ["0 × ∞", tensor((entry) => void (entry.shape = [...Array(40).fill(2 ** 30), 0]))],
    ["another shape", tensor((entry) => void (entry.shape = [4, 1]))],
    ["another rank", tensor((entry) => void (entry.shape = [4]))],
    ["no offsets", tensor((entry) => void delete entry.data_offsets)],
    ["negative offsets", tensor((entry) => void (entry.data_offsets = [-16, 0]))],
    ["offsets the wrong way", tensor((entry) => void (entry.data_offsets = [16, 0]))],
    ["huge offsets", tensor((entry) => void (entry.data_offsets = [2 ** 52, 2 ** 52 + 16]))],
    ["three offsets", tensor((entry) => void (entry.data_offsets = [0, 16, 16]))],
    ["one missing", changed((header) => void delete header[WEIGHT])],
    ["one too many", tensor((entry, header) => void (header.more = { ...entry, shape: [0] }))],
    [
      "an empty one too many",
      tensor((_, h) => void (h.more = { dtype: "F32", shape: [0], data_offsets: [0, 0] })),
    ],
    [
      "one on top of another",
      tensor((entry, h) => void (h["parameters.0.bias"].data_offsets = entry.data_offsets)),
    ],
    ["another name", changed((header) => JSON.stringify(header).replace(WEIGHT, "w"))],
    ["NaN in the data", changed((_, data) => void data.fill(255, 0, 4))],
  ];
  test.each(files)("%s", async (label, bytes) => expectRefusal(await errorOf(bytes), label));
});

describe("the learner's description", () => {
  const adamWith = (options: object) => ({ kind: "adam", options });
  const files: [string, Uint8Array][] = [
    ["not JSON", described(() => "{")],
    ["null", described(() => "null")],
    ["a number", described(() => "1")],
    ["version 2", described((saved) => void (saved.version = 2))],
    ["no model", described((saved) => void delete saved.model)],
    ["an empty model", described((saved) => void (saved.model = []))],
    ["a layer of null", described((saved) => void (saved.model[1] = null))],
    ["an unknown layer", described((saved) => void (saved.model[1].kind = "conv"))],
    ["a layer of a built-in name", described((saved) => void (saved.model[1].kind = "toString"))],
    ["an unknown activation", described((saved) => void (saved.model[2].name = "relu6"))],
    ["an activation __proto__", described((saved) => void (saved.model[2].name = "__proto__"))],
    ["__proto__ in a layer", described((s) => JSON.stringify(s).replace("outSize", "__proto__"))],
    ["a wider layer", described((saved) => void (saved.model[0].outSize = 5))],
    ["a huge layer", described((saved) => void (saved.model[0].outSize = 2 ** 31 - 1))],
    ["a layer more", described((saved) => void saved.model.push({ kind: "batchNorm" }))],
    ["many layers", described((s) => void s.model.push(...Array(20_000).fill(s.model[0])))],
    ["an unknown loss", described((saved) => void (saved.loss = "hinge"))],
    ["a loss of a built-in name", described((saved) => void (saved.loss = "constructor"))],
    ["an unknown algorithm", described((saved) => void (saved.algorithm.kind = "imaml"))],
    ["no algorithm", described((saved) => void delete saved.algorithm)],
    ["an algorithm's options in a list", described((s) => void (s.algorithm.options = [1]))],
    ["an algorithm's options of null", described((s) => void (s.algorithm.options = null))],
    ["a negative rate", described((s) => void (s.algorithm.options.innerLearningRate = -1))],
    ["an unknown option", described((saved) => void (saved.algorithm.options.rate = 1))],
    ["endless inner steps", described((s) => void (s.algorithm.options.innerSteps = 2 ** 31))],
    ["an algorithm for an optimizer", described((s) => void (s.metaOptimizer = s.algorithm))],
    [
      "an algorithm inside an optimizer",
      described((saved) => void (saved.metaOptimizer.options.optimizer = saved.algorithm)),
    ],
    ["an optimizer for an algorithm", described((s) => void (s.algorithm = s.metaOptimizer))],
    [
      "a rate in a list",
      described((s) => void (s.metaOptimizer = adamWith({ learningRate: [1] }))),
    ],
    [
      "an optimizer for a schedule",
      described((s) => void (s.metaOptimizer = adamWith({ learningRate: adamWith({}) }))),
    ],
    [
      "optimizers, deep",
      described((saved) =>
        JSON.stringify({ ...saved, metaOptimizer: "deep" }).replace('"deep"', nested(20_000)),
      ),
    ],
    ["other tensors", described((saved) => void (saved.metaOptimizer = adamWith({ beta3: 1 })))],
    [
      "an optimizer with other state",
      described((s) => void (s.metaOptimizer = { kind: "sgd", options: { learningRate: 1 } })),
    ],
    ["a seed of text", described((saved) => void (saved.seed = "1"))],
    ["a negative step", described((saved) => void (saved.step = -1))],
    ["a step past all streams", described((saved) => void (saved.step = 2 ** 32))],
    ["half an optimizer's step", described((saved) => void (saved.optimizerStep = 0.5))],
    ["no rows", described((saved) => void (saved.maxRows = 0))],
    ["rows without end", described((saved) => void (saved.maxRows = 2 ** 25))],
  ];
  test.each(files)("%s", async (label, bytes) => expectRefusal(await errorOf(bytes), label));
});

describe("chance", () => {
  test("random bytes", async () => {
    const property = asyncProperty(uint8Array({ maxLength: 200 }), async (bytes) => {
      expectRefusal(await errorOf(bytes), "random");
    });
    await assert(property, { numRuns: 300, seed: 1 });
  });

  test("random headers of the right length", async () => {
    const property = asyncProperty(uint8Array({ maxLength: 200 }), async (bytes) => {
      const text = String.fromCharCode(...bytes.map((byte) => 32 + (byte % 95)));
      expectRefusal(await errorOf(joinFile(`{"__metadata__": ${text}}`, bytes)), text);
    });
    await assert(property, { numRuns: 300, seed: 2 });
  });

  test("any byte changed: it loads, or is refused in form", async () => {
    const property = asyncProperty(
      nat(good.length - 1),
      integer({ min: 1, max: 255 }),
      async (at, by) => {
        const bytes = good.slice();
        bytes[at] ^= by;
        const error = await errorOf(bytes);
        if (error) expectRefusal(error, `byte ${at} ^ ${by}`);
      },
    );
    await assert(property, { numRuns: 500, seed: 3 });
  });
});

test("a header is written up to the length that is read, and no longer", async () => {
  const { header } = splitFile(learner.save({ metadata: { text: "" } }));
  const text = "x".repeat(100_000_000 - JSON.stringify(header).length); // the format's limit
  expect(await errorOf(learner.save({ metadata: { text } }))).toBeUndefined();
  expect(() => learner.save({ metadata: { text: `${text}x` } })).toThrow(
    new RangeError(
      "save: expected at most 100000000 bytes of metadata and names of tensors, got 100000008",
    ),
  );
});

test("what a server says in place of a file", async () => {
  const bytes = new TextEncoder().encode("<!DOCTYPE html><title>404</title>");
  await expect(loadLearner(bytes)).rejects.toThrow(
    /^loadLearner: expected a whole safetensors file, got "33 bytes that begin with <!DOCTYPE html><"$/,
  );
});

test("an ArrayBuffer is taken as its bytes are", async () => {
  const learner = await loadLearner(good.slice().buffer);
  expect(learner.save()).toEqual(good);
});

test("what is no file at all", async () => {
  await expect(loadLearner("model.safetensors" as never)).rejects.toThrow(
    'loadLearner: expected a Uint8Array or an ArrayBuffer, got "model.safetensors"',
  );
  await expect(loadLearner(good, { core: {} as never })).rejects.toThrow(
    "loadLearner: expected a compiled core, got {}",
  );
  await expect(loadLearner(good, { cores: core } as never)).rejects.toThrow(
    'loadLearner: expected options core, got "cores"',
  );
});
