/** When tasks go side by side on fast weights of low rank: the rule, what it leaves out, and asking for it. */
import { expect, test } from "vitest";
import {
  activation,
  adam,
  batchNorm,
  context,
  conv2d,
  createLearner,
  dense,
  flatten,
  type Layer,
  layerNorm,
  type Learner,
  loadLearner,
  maml,
  type MamlOptions,
  meanSquaredError,
  mlp,
  type Model,
  sequential,
} from "../src/index.ts";
import { core } from "./build.ts";

const make = (model: Model, options: Partial<MamlOptions> = {}, more: object = {}) =>
  createLearner({
    model,
    loss: meanSquaredError(),
    algorithm: maml({ innerLearningRate: 0.1, ...options }),
    metaOptimizer: adam(),
    seed: 1,
    core,
    ...more,
  });
const blank = (rows: number, inSize: number, outSize: number) => ({
  inputs: new Float32Array(rows * inSize),
  targets: new Float32Array(rows * outSize),
  rows,
});
/** How many of two tasks of these rows. */
function count({ model, internal }: Learner, support: number, query = support): number {
  const of = (rows: number) => blank(rows, model.inSize, model.outSize);
  const task = { support: of(support), query: of(query) };
  return internal.algorithm.together?.count([task, task], 0) ?? 0;
}

// 2·K·rows·Σ(in + out) ≤ Σ in·out: of 256-256, K·rows·1024 ≤ 65536.
test.each([
  [[256, 256], 1, 64],
  [[256, 256], 2, 32],
  [[256, 256], 3, 21],
  [[1024, 1024], 1, 80],
  [[600, 200, 100, 10], 2, Math.floor(141_000 / (4 * 1210))],
])("sizes %j, %i steps: up to %i rows", async (sizes, innerSteps, most) => {
  const learner = await make(mlp({ sizes }), { innerSteps });
  const fits = 2 * most <= 80 ? 2 : 1;
  expect(count(learner, most)).toBe(fits);
  expect(count(learner, 1, most)).toBe(fits);
  expect(count(learner, most, 1)).toBe(fits);
  expect(count(learner, most + 1, 1)).toBe(0);
  expect(count(learner, 1, most + 1)).toBe(0);
  expect(count(learner, 1)).toBe(2);
});

test("where Σ in·out is 2¹⁶, and not below", async () => {
  expect(count(await make(mlp({ sizes: [256, 256] })), 1)).toBe(2);
  expect(count(await make(mlp({ sizes: [257, 255] })), 1)).toBe(0);
  expect((await make(mlp({ sizes: [257, 255] }))).memory.blocks).toBeUndefined();
});

const wide = [dense({ inSize: 300, outSize: 300 }), activation("tanh"), dense({ outSize: 4 })];
test.each<[string, Layer[], boolean]>([
  ["dense layers", wide, true],
  ["a norm that does not adapt", [wide[0], batchNorm({ adapted: false }), wide[2]], true],
  [
    "a norm without parameters",
    [wide[0], batchNorm({ scale: false, shift: false }), wide[2]],
    true,
  ],
  ["a batch norm that adapts", [wide[0], batchNorm(), wide[2]], false],
  ["a layer norm that adapts", [wide[0], layerNorm({ scale: false }), wide[2]], false],
  ["a norm first", [layerNorm({ adapted: false }), ...wide], false],
  ["a context", [...wide.slice(0, 2), context({ size: 2 }), wide[2]], false],
  [
    "a convolution first",
    [conv2d({ inShape: [10, 10, 3], filters: 3, kernel: 3, padding: 1 }), flatten(), ...wide],
    false,
  ],
])("%s", async (_, layers, goes) => {
  const learner = await make(sequential(layers));
  expect(count(learner, 2)).toBe(goes ? 2 : 0);
  expect(learner.memory.blocks !== undefined).toBe(goes);
});

test.each<[Partial<MamlOptions>, boolean]>([
  [{}, true],
  [{ innerSteps: 2, order: 1 }, true],
  [{ checkpoint: true }, false],
  [{ innerSteps: 0 }, false],
  [{ layers: [0, 2] }, false],
  [{ fastWeights: "full" }, false],
])("%o", async (options, goes) => {
  expect(count(await make(sequential(wide), options), 2)).toBe(goes ? 2 : 0);
});

const guards = [{ onDivergence: "skip" }, { maxTaskNorm: 1e9 }] as const;
test.each(guards)("not where each task's norm is asked for: %o", async (guard) => {
  const learner = await make(sequential(wide), {}, guard);
  expect(count(learner, 2)).toBe(0);
  expect(learner.memory.blocks).toBeUndefined();
  await expect(make(sequential(wide), { fastWeights: "lowRank" }, guard)).rejects.toThrow(
    'maml: expected fastWeights "lowRank" only with onDivergence "throw" and no maxTaskNorm, got "lowRank"',
  );
});

test.each<[Partial<MamlOptions>, Layer[], string]>([
  [{ layers: [0] }, wide, 'maml: expected no layers with fastWeights "lowRank", got [0]'],
  [{ checkpoint: true }, wide, 'maml: expected fastWeights "lowRank" with'],
  [{ innerSteps: 0 }, wide, 'maml: expected fastWeights "lowRank" with'],
  [{}, [wide[0], batchNorm(), wide[2]], 'maml: expected fastWeights "lowRank" with'],
])("refused where they cannot: %o", async (options, layers, message) => {
  const asked = async () => make(sequential(layers), { ...options, fastWeights: "lowRank" });
  await expect(asked()).rejects.toThrow(message);
});

test("a name that there is not is refused", () => {
  expect(() => maml({ innerLearningRate: 1, fastWeights: "low" as "full" })).toThrow(
    'maml: expected fastWeights "auto", "lowRank" or "full", got "low"',
  );
});

test.each(["lowRank", "full", "auto"] as const)("%s is saved and loaded", async (fastWeights) => {
  const learner = await make(sequential(wide), { fastWeights });
  const loaded = await loadLearner(learner.save(), { core });
  expect(loaded.algorithm.options).toEqual(learner.algorithm.options);
  expect(count(loaded, 2)).toBe(count(learner, 2));
});
