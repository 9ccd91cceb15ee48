import {
  alfa,
  type Algorithm,
  anil,
  boil,
  cavia,
  implicitMaml,
  innerAdam,
  innerMomentum,
  learnedOptimizer,
  maml,
  mamlPlusPlus,
  metaCurvature,
  metaSgd,
  multiTask,
  pretrain,
  protoMaml,
  prototypical,
  reptile,
  tNet,
  warpGrad,
} from "../index.ts";
import type { OwnOptions } from "./own-options.ts";

/** What all have in common, and what is their own. */
export interface MakeOptions extends OwnOptions {
  readonly innerLearningRate: number;
  readonly innerSteps: number;
}

/** An algorithm as the command line knows it. */
export interface AlgorithmRow {
  /** As the papers call it. */
  readonly label: string;
  /** What sets it apart, in a line. */
  readonly about: string;
  /** Its own options, and what they are unless given; undefined: see the option. */
  readonly own: OwnOptions;
  /** Where it wants other steps than plain gradient descent. */
  readonly defaults?: { readonly innerRate?: number; readonly innerSteps?: number };
  /** Its steps have no rate. */
  readonly rateless?: true;
  /** It has no steps: more of them change nothing. */
  readonly stepless?: true;
  /** Not trained to adapt, but on all rows at once. */
  readonly joint?: true;
  /** Only for a fixed number of training groups. */
  readonly needsGroups?: true;
  /** Not for predicting numbers. */
  readonly forClasses?: true;
  /** Not for a network of one layer. */
  readonly deep?: true;
  /** @param groups how many there are to learn from, where their number is fixed */
  make(options: MakeOptions, groups?: number): Algorithm;
}

const loop = { order: 2, firstOrderSteps: 0, checkpoint: false } as const;

/** For --algorithm and for `rvml compare`. A new algorithm is one row here, and its options a row each in own-options.ts. */
export const algorithms = {
  maml: {
    label: "MAML",
    about: "a start from which gradient steps learn a new group",
    own: { ...loop, layers: undefined },
    make: maml,
  },
  anil: { label: "ANIL", about: "only the last layer adapts", own: loop, make: anil },
  boil: {
    label: "BOIL",
    about: "all layers adapt but the last",
    own: loop,
    deep: true,
    make: boil,
  },
  tNet: {
    label: "T-Net",
    about: "layers that stay as they are between those that adapt",
    own: { ...loop, warpLayers: undefined },
    deep: true,
    make: tNet,
  },
  warpGrad: {
    label: "WarpGrad",
    about: "as tNet, those layers learned from each step by itself",
    own: { ...loop, warpLayers: undefined },
    deep: true,
    make: warpGrad,
  },
  metaSgd: {
    label: "Meta-SGD",
    about: "a learned rate for each parameter",
    own: { ...loop, innerRates: undefined },
    make: ({ innerRates, ...options }) =>
      metaSgd(innerRates ? { ...options, innerLearningRate: innerRates } : options),
  },
  mamlPlusPlus: {
    label: "MAML++",
    about: "a learned rate for each layer and step",
    own: { ...loop, learnRates: true, multiStepLoss: 0 },
    make: mamlPlusPlus,
  },
  alfa: {
    label: "ALFA",
    about: "rates and decay made by a small network, step by step",
    own: loop,
    make: alfa,
  },
  metaCurvature: {
    label: "Meta-Curvature",
    about: "learned matrices transform the gradients",
    own: loop,
    make: metaCurvature,
  },
  innerMomentum: {
    label: "MAML with momentum inside",
    about: "steps with momentum",
    own: { ...loop, momentum: 0.9 },
    make: innerMomentum,
  },
  innerAdam: {
    label: "MAML with Adam inside",
    about: "steps by Adam",
    own: { ...loop, beta1: 0.9, beta2: 0.999, epsilon: 0.01 },
    make: innerAdam,
  },
  cavia: {
    label: "CAVIA",
    about: "only a few inputs of the network's own adapt",
    own: { ...loop, context: 5 },
    make: ({ context: _ofTheModel, ...options }) => cavia(options),
  },
  implicitMaml: {
    label: "iMAML",
    about: "steps held near the start; exact without going back through them",
    own: { lambda: 1, cgSteps: 10, damping: 0, tolerance: 1e-6 },
    // Right only near the minimum: rate · steps · (1 + lambda) ≥ 1, and a rate that no curvature makes diverge.
    defaults: { innerRate: 0.01, innerSteps: 50 },
    make: implicitMaml,
  },
  learnedOptimizer: {
    label: "learned optimizer",
    about: "the steps are made by a small recurrent network",
    own: { ...loop, order: 1, hiddenSize: 4, unroll: 20, outputScale: 0.01, learnStart: true },
    rateless: true,
    make: ({ innerLearningRate: _none, ...options }) => learnedOptimizer(options),
  },
  reptile: {
    label: "Reptile",
    about: "moves the start to where steps on a group lead",
    own: { innerBatchSize: undefined },
    make: reptile,
  },
  protoMaml: {
    label: "ProtoMAML",
    about: "for images: the last layer starts at the classes' mean features, then all adapt",
    own: loop,
    forClasses: true,
    make: protoMaml,
  },
  prototypical: {
    label: "prototypical network",
    about: "for images: the class with the nearest mean features; no steps",
    own: {},
    defaults: { innerSteps: 0 },
    rateless: true,
    stepless: true,
    forClasses: true,
    make: () => prototypical(),
  },
  pretrain: {
    label: "pretrained",
    about: "a baseline: all rows at once, then gradient steps",
    own: {},
    joint: true,
    make: pretrain,
  },
  multiTask: {
    label: "multi-task",
    about: "a baseline: a last layer for each group, all else in common",
    own: {},
    joint: true,
    needsGroups: true,
    make: (options, groups = 0) => multiTask({ ...options, tasks: groups }),
  },
} satisfies Record<string, AlgorithmRow>;

export type AlgorithmName = keyof typeof algorithms;

export const algorithmNames = Object.keys(algorithms) as AlgorithmName[];

export const rowOf = (name: AlgorithmName): AlgorithmRow => algorithms[name];
