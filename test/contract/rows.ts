/**
 * The contract table: a new algorithm adds its row, and passes all that stands in this folder. An algorithm with an oracle of its own adds
 * that to oracles.ts.
 */
import { adam } from "../../src/index.ts";
import type { AlgorithmName, Options } from "./oracles.ts";

export interface Row {
  /** The function that makes it, here and in oracles.ts. */
  readonly name: AlgorithmName;
  /** What it is called with; a function of the layers that have parameters, by their index, where it names layers. */
  readonly options: Options | ((layers: readonly number[]) => Options);
  /**
   * What it asks for: `classes`, cross-entropy; `context`, a model with a context layer; `unnormalized`, no norm, ahead of which
   * some gradients are zero but for rounding.
   */
  readonly needs?: readonly ("classes" | "context" | "unnormalized")[];
  /** Its meta-gradient is θ − φ. */
  readonly difference?: true;
  /** It has an inner loop that is not unrolled, without `order` and `checkpoint`. */
  readonly notUnrolled?: true;
  /** Without steps, or at rate 0, its meta-gradient is not that of the query loss. */
  readonly ownWay?: true;
  /** It takes gradients that are zero but for rounding (a bias ahead of batch norm) times e¹⁰: φ is held less tightly. */
  readonly amplifies?: true;
  /** Other options, and a higher bound on the loss, for learning.test.ts. */
  readonly learns?: { readonly options?: Options; readonly bound?: number };
}

const inner = { innerLearningRate: 0.2, innerSteps: 3 };
const everySecond = (layers: readonly number[]) => layers.filter((_, i) => i % 2 === 1);

/**
 * ε well above the 1e-9 that f32 leaves of gradients that are zero (a bias ahead of batch norm), which Adam would otherwise
 * blow up to whole steps.
 */
const ADAM = { beta1: 0.8, beta2: 0.99, epsilon: 1e-2 };
const CELL = { innerSteps: 3, hiddenSize: 3, outputScale: 0.1 };

export const rows: readonly Row[] = [
  { name: "maml", options: inner },
  { name: "maml", options: { ...inner, order: 1 } },
  { name: "maml", options: { ...inner, order: [1, 2] } },
  { name: "maml", options: (layers) => ({ ...inner, layers: everySecond(layers) }) },
  { name: "maml", options: { innerLearningRate: 0.1, innerSteps: 7, checkpoint: true } },
  { name: "anil", options: inner },
  { name: "boil", options: { ...inner, firstOrderSteps: 2 } },
  { name: "tNet", options: inner },
  { name: "tNet", options: (layers) => ({ ...inner, warpLayers: layers.slice(0, 1) }) },
  { name: "metaSgd", options: inner },
  {
    name: "metaSgd",
    options: { ...inner, innerLearningRate: { from: 0.1, to: 0.3 }, order: 1 },
    learns: { options: { innerLearningRate: { from: 0.01, to: 0.03 } } },
  },
  { name: "mamlPlusPlus", options: inner },
  { name: "mamlPlusPlus", options: { ...inner, multiStepLoss: 10 } },
  { name: "mamlPlusPlus", options: { ...inner, multiStepLoss: 4, learnRates: false, order: 1 } },
  { name: "alfa", options: inner },
  { name: "metaCurvature", options: { ...inner, innerLearningRate: 0.1 } },
  { name: "innerMomentum", options: { ...inner, innerLearningRate: 0.1, momentum: 0.5 } },
  { name: "innerAdam", options: { ...inner, ...ADAM, innerLearningRate: 0.05 } },
  { name: "cavia", options: inner, needs: ["context"] },
  { name: "warpGrad", options: inner },
  { name: "warpGrad", options: { ...inner, order: [2, 1], firstOrderSteps: 2 } },
  {
    name: "implicitMaml",
    options: { innerLearningRate: 0.1, lambda: 2, damping: 0.5, cgSteps: 60, tolerance: 1e-5 },
    notUnrolled: true,
    ownWay: true,
    // Small steps: where they overshoot the minimum, its gradient is not that of what they reach.
    learns: { options: { innerLearningRate: 0.01, innerSteps: 40, lambda: 1, damping: 0 } },
  },
  {
    name: "protoMaml",
    options: { innerLearningRate: 0.05, innerSteps: 3 },
    needs: ["classes"],
    ownWay: true,
  },
  { name: "prototypical", options: {}, needs: ["classes"], notUnrolled: true, ownWay: true },
  {
    name: "learnedOptimizer",
    options: { ...CELL, innerSteps: 5, unroll: 2 },
    ownWay: true,
    amplifies: true,
    learns: { bound: 0.9 },
  },
  {
    name: "learnedOptimizer",
    options: { ...CELL, order: 2, learnStart: true },
    needs: ["unnormalized"],
    ownWay: true,
    learns: { bound: 0.9 },
  },
  {
    name: "multiTask",
    options: { ...inner, tasks: 3 },
    notUnrolled: true,
    ownWay: true,
    learns: { options: { innerLearningRate: 0.02, tasks: 10 } },
  },
  { name: "reptile", options: inner, difference: true, notUnrolled: true, ownWay: true },
  {
    name: "reptile",
    options: {
      innerSteps: 3,
      innerBatchSize: 4,
      innerOptimizer: adam({ ...ADAM, beta1: 0, learningRate: 0.02 }),
    },
    difference: true,
    notUnrolled: true,
    ownWay: true,
  },
  { name: "pretrain", options: inner, notUnrolled: true, ownWay: true },
];
