import type { ActivationName } from "../index.ts";
import { type AlgorithmName, rowOf } from "./algorithms.ts";
import { UsageError } from "./errors.ts";
import { optionName } from "./options.ts";
import { checkOwn, type OwnOptions, ownNames } from "./own-options.ts";
import type { Kind } from "./kind.ts";

export const activations: readonly ActivationName[] = [
  ...(["relu", "tanh", "sigmoid", "softplus", "gelu", "silu", "leakyRelu", "linear"] as const),
];

/** All that decides a run besides the data. It is kept in the model file, for --resume and for readers. */
export interface Settings extends OwnOptions, Partial<ImageSettings> {
  readonly algorithm: AlgorithmName;
  readonly innerSteps: number;
  /** Undefined where the algorithm has none. */
  readonly innerRate: number | undefined;
  readonly hidden: readonly number[];
  readonly activation: ActivationName;
  readonly norm: "batch" | "support" | "layer" | "none";
  readonly metaBatch: number;
  readonly metaRate: number;
  readonly steps: number;
  readonly seed: number;
  readonly shots: number;
}

/** Those that only runs on images have. */
export interface ImageSettings {
  readonly ways: number;
  readonly queryShots: number;
  /** Pixels a side. */
  readonly size: number;
  readonly channels: 1 | 3;
  readonly invert: boolean;
  /** Of training tasks; those held out stand upright. */
  readonly rotations: "none" | "perTask";
  readonly network: "conv4" | "mlp";
  /** Of conv4. */
  readonly filters: number;
}

/** All that decides a run on images. */
export type ForImages = Settings & ImageSettings;

/** Those that go for every algorithm. */
export type Defaults = Settings & { readonly innerRate: number };

const shared = { algorithm: "maml", hidden: [40, 40], norm: "none", seed: 1 } as const;

export const tableDefaults: Defaults = {
  ...shared,
  activation: "tanh",
  innerSteps: 5,
  innerRate: 0.05,
  metaBatch: 10,
  metaRate: 0.003,
  steps: 2000,
  shots: 3,
};

/** The tasks of Finn et al. 2017, section 5.1; tanh and a meta-rate that falls get there in a tenth of the steps. */
export const sinusoidDefaults: Defaults = {
  ...shared,
  activation: "tanh",
  innerSteps: 1,
  innerRate: 0.01,
  metaBatch: 25,
  metaRate: 0.005,
  steps: 5000,
  shots: 10,
};

/** conv4 of Finn et al. 2017, section 5.2, with a quarter of the filters: half a minute on one core. */
export const imageDefaults: Defaults & ImageSettings = {
  ...shared,
  hidden: [128, 64],
  norm: "support",
  activation: "relu",
  innerSteps: 1,
  innerRate: 0.4,
  metaBatch: 8,
  metaRate: 0.005,
  steps: 1000,
  shots: 1,
  ways: 5,
  queryShots: 5,
  size: 28,
  channels: 1,
  invert: false,
  rotations: "none",
  network: "conv4",
  filters: 16,
};

const byKind: Record<Kind, Defaults> = {
  table: tableDefaults,
  sinusoids: sinusoidDefaults,
  images: imageDefaults,
};

export const defaultsOf = (kind: Kind): Defaults => byKind[kind];

export const isOfImages = (settings: Settings): settings is ForImages =>
  settings.ways !== undefined;

/** The same, where the kind of data has said so. */
export const ofImages = (settings: Settings): ForImages => ({
  ...imageDefaults,
  ...settings,
});

/**
 * Those given, with what the algorithm and the kind of data make of the rest.
 *
 * @throws {UsageError} an option that the algorithm does not have
 */
export function complete(usual: Defaults, given: Partial<Settings>): Settings {
  const algorithm = given.algorithm ?? usual.algorithm;
  checkOwn([algorithm], given);
  checkNetwork(usual, given);
  const { own, defaults, rateless } = rowOf(algorithm);
  const innerRate = rateless ? undefined : usual.innerRate;
  return { ...usual, innerRate, ...own, ...defaults, ...given };
}

/** Refuses what the network has no use for. */
function checkNetwork(usual: Defaults, given: Partial<Settings>): void {
  const { network = usual.network } = given;
  const foreign = network === "conv4" ? (["hidden", "activation"] as const) : ["filters" as const];
  const odd = network && foreign.find((name) => given[name] !== undefined);
  if (odd)
    throw new UsageError(
      `${optionName(odd)}: expected only with another --network than ${network}, got ${given[odd]}`,
    );
  if (given.norm === "support" && !usual.ways)
    throw new UsageError("--norm: expected batch, layer or none without images, got support");
}

/** The settings among the options, as far as they were given. */
export function given(options: Partial<Settings>): Partial<Settings> {
  const names = [...Object.keys(imageDefaults), ...ownNames] as (keyof Settings)[];
  const set = names.filter((name) => options[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, options[name]]));
}

/** For the joint model among the baselines: the same network and budget, and a rate for plain gradient descent. */
export function jointSettings(settings: Settings, usual: Defaults): Defaults {
  const { defaults, stepless } = rowOf(settings.algorithm);
  const special = defaults?.innerRate !== undefined;
  const innerRate = special ? usual.innerRate : (settings.innerRate ?? usual.innerRate);
  // Without a step no rate is better than another.
  const innerSteps = settings.innerSteps || (stepless ? usual.innerSteps : 0);
  return { ...settings, algorithm: "pretrain", innerRate, innerSteps };
}
