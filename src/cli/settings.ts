import type { ActivationName } from "../index.ts";
import { type AlgorithmName, rowOf } from "./algorithms.ts";
import { count } from "./print.ts";
import { optionName } from "./options.ts";
import { checkOwn, type OwnOptions, ownNames } from "./own-options.ts";
import type { Source } from "./source.ts";

export const activations: readonly ActivationName[] = [
  ...(["relu", "tanh", "sigmoid", "softplus", "gelu", "silu", "leakyRelu", "linear"] as const),
];

/** All that decides a run besides the data. It is kept in the model file, for --resume and for readers. */
export interface Settings extends OwnOptions {
  readonly algorithm: AlgorithmName;
  readonly innerSteps: number;
  /** Undefined where the algorithm has none. */
  readonly innerRate: number | undefined;
  readonly hidden: readonly number[];
  readonly activation: ActivationName;
  readonly norm: "batch" | "layer" | "none";
  readonly metaBatch: number;
  readonly metaRate: number;
  readonly steps: number;
  readonly seed: number;
  readonly shots: number;
}

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

export const defaultsOf = (kind: Source["record"]["kind"]): Defaults =>
  kind === "table" ? tableDefaults : sinusoidDefaults;

/**
 * Those given, with what the algorithm and the kind of data make of the rest.
 *
 * @throws {UsageError} an option that the algorithm does not have
 */
export function complete(usual: Defaults, given: Partial<Settings>): Settings {
  const algorithm = given.algorithm ?? usual.algorithm;
  checkOwn([algorithm], given);
  const { own, defaults, rateless } = rowOf(algorithm);
  const innerRate = rateless ? undefined : usual.innerRate;
  return { ...usual, innerRate, ...own, ...defaults, ...given };
}

/** The settings among the options, as far as they were given. */
export function given(options: Partial<Settings>): Partial<Settings> {
  const names = [...Object.keys(tableDefaults), ...ownNames] as (keyof Settings)[];
  const set = names.filter((name) => options[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, options[name]]));
}

/** For the joint model among the baselines: the same network and budget, and a rate for plain gradient descent. */
export function jointSettings(settings: Settings, usual: Defaults): Defaults {
  const special = rowOf(settings.algorithm).defaults?.innerRate !== undefined;
  const innerRate = special ? usual.innerRate : (settings.innerRate ?? usual.innerRate);
  return { ...settings, algorithm: "pretrain", innerRate };
}

/** Said wherever such a model is made or used. */
export const transductive =
  "Batch norm: a row's prediction depends on the rows predicted together with it; a row on its own gets the same prediction whatever its inputs.";

/** For the screen and the report. */
export function describe(settings: Settings): [name: string, value: string][] {
  const { seed, norm } = settings;
  const own = ownWords(settings);
  return [
    ["algorithm", algorithmWords(settings)],
    ...(own ? [["options", own] as [string, string]] : []),
    ["adapting", adaptingWords(settings)],
    ["network", networkWords(settings)],
    ["meta-training", trainingWords(settings)],
    ["seed", String(seed)],
    ...(norm === "batch" ? [["note", transductive] as [string, string]] : []),
  ];
}

/** "MAML, second order" */
export function algorithmWords({ algorithm, order }: Settings): string {
  const { label, own } = rowOf(algorithm);
  if (own.order === undefined || order === undefined) return label;
  const word = typeof order === "number" ? `${["first", "second"][order - 1]} order` : "";
  return `${label}, ${word || `orders ${order}`}`;
}

/** "5 steps at rate 0.05 on 3 rows" */
export function adaptingWords({ innerSteps, innerRate, shots }: Settings): string {
  const rate = innerRate === undefined ? "" : ` at rate ${innerRate}`;
  return `${count(innerSteps, "step")}${rate} on ${count(shots, "row")}`;
}

export const networkWords = ({ hidden, activation, norm }: Settings): string =>
  `${hidden.join("-") || "no"} hidden, ${activation}${norm === "none" ? "" : `, ${norm} norm`}`;

export const trainingWords = ({ steps, metaBatch, metaRate }: Settings): string =>
  `${steps} steps of ${metaBatch} tasks, Adam, rate ${metaRate} falling to ${Number((metaRate / 20).toPrecision(6))}`;

/** "--cg-steps 10 --lambda 1": what is its own, as it would be given. */
export function ownWords(settings: Settings): string {
  const { own } = rowOf(settings.algorithm);
  const said = ownNames.filter((name) => name in own && name !== "order" && settings[name]);
  return said.map((name) => `${optionName(name)} ${written(settings[name])}`).join(" ");
}

const written = (value: unknown): string => {
  if (typeof value === "object") return Object.values(value as object).join(",");
  return value === true ? "yes" : String(value);
};
