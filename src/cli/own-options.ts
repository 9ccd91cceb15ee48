import { type Command, Option } from "commander";
import type { InnerLoopOptions } from "../index.ts";
import { type AlgorithmName, algorithmNames, rowOf } from "./algorithms.ts";
import { UsageError } from "./errors.ts";
import { choice, number, optionName, order, range, whole } from "./options.ts";

/** Options that some algorithms have and others do not; the names are the library's. */
export interface OwnOptions {
  readonly order?: InnerLoopOptions["order"];
  readonly firstOrderSteps?: number;
  readonly checkpoint?: boolean;
  readonly layers?: readonly number[];
  readonly warpLayers?: readonly number[];
  /** The library's innerLearningRate { from, to }. */
  readonly innerRates?: { readonly from: number; readonly to: number };
  readonly learnRates?: boolean;
  readonly multiStepLoss?: number;
  readonly momentum?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly context?: number;
  readonly lambda?: number;
  readonly cgSteps?: number;
  readonly damping?: number;
  readonly tolerance?: number;
  readonly hiddenSize?: number;
  readonly unroll?: number;
  readonly outputScale?: number;
  readonly learnStart?: boolean;
  readonly innerBatchSize?: number;
}

type OwnName = keyof OwnOptions;
type Row = readonly [value: string, read: (value: string) => unknown, about: string];

const count = whole(0);
const yesNo = (value: string): boolean => choice("yes", "no")(value) === "yes";
const indices = (value: string): number[] => value.split(",").map(count);
const truth = "<yes|no>";

/** How each is written and read. What values make sense is for the library to say. */
const rows: Record<OwnName, Row> = {
  order: ["<n>", order, "of the meta-gradient: 2 is exact, 1 is faster; or step by step: 1,1,2"],
  firstOrderSteps: ["<n>", count, "meta-steps of order 1 to begin with"],
  checkpoint: [truth, yesNo, "compute steps again instead of keeping them: less memory, same bits"],
  layers: [
    "<indices>",
    indices,
    "layers that adapt, counted from 0, activations too (default all)",
  ],
  warpLayers: [
    "<indices>",
    indices,
    "layers that do not adapt (default every second dense one or convolution)",
  ],
  innerRates: ["<from,to>", range, "draw each first rate between these (default --inner-rate)"],
  learnRates: [truth, yesNo, "learn the rates"],
  multiStepLoss: ["<n>", count, "meta-steps over which the loss moves from all steps to the last"],
  momentum: ["<x>", number, "of the steps, below 1"],
  beta1: ["<x>", number, "how slowly Adam's mean follows, below 1"],
  beta2: ["<x>", number, "how slowly Adam's scale follows, below 1"],
  epsilon: ["<x>", number, "inside Adam's root: larger is calmer"],
  context: ["<size>", whole(1), "how many inputs adapt"],
  lambda: ["<x>", number, "how strongly the steps are held near the start"],
  cgSteps: ["<n>", whole(1), "conjugate gradient steps at most"],
  damping: ["<x>", number, "added to lambda in the linear system"],
  tolerance: ["<x>", number, "relative residual at which conjugate gradients stop"],
  hiddenSize: ["<n>", whole(1), "what it remembers of each parameter, in numbers"],
  unroll: ["<n>", whole(1), "steps that are differentiated in one piece"],
  outputScale: ["<x>", number, "what its steps are scaled by"],
  learnStart: [truth, yesNo, "learn the start too"],
  innerBatchSize: ["<n>", whole(1), "rows of a step (default all)"],
};

export const ownNames = Object.keys(rows) as OwnName[];

const ownersOf = (name: OwnName): AlgorithmName[] =>
  algorithmNames.filter((algorithm) => name in rowOf(algorithm).own);

/** Adds them all to a command, those of the same algorithms under one heading. */
export function addOwnOptions(command: Command): Command {
  for (const name of ownNames) {
    const [value, read, about] = rows[name];
    const option = new Option(`${optionName(name)} ${value}`, `${about}${usual(name)}`);
    command.addOption(option.argParser(read).helpGroup(heading(ownersOf(name))));
  }
  return command;
}

function heading(owners: readonly AlgorithmName[]): string {
  const others = algorithmNames.filter((name) => !owners.includes(name));
  const many = owners.length > others.length;
  return `Options of ${many ? `all algorithms but ${listed(others)}` : listed(owners)}:`;
}

/** " (default 2, learnedOptimizer 1)"; nothing where the option says it itself. */
function usual(name: OwnName): string {
  const word = (value: unknown) => (typeof value === "boolean" ? (value ? "yes" : "no") : value);
  const [first, ...others] = ownersOf(name).map((owner) => ({
    owner,
    value: rowOf(owner).own[name],
  }));
  if (first.value === undefined) return "";
  const odd = others.filter(({ value }) => value !== first.value);
  const list = odd.map(({ owner, value }) => `, ${owner} ${word(value)}`);
  return ` (default ${word(first.value)}${list.join("")})`;
}

/**
 * Refuses an option that none of the chosen algorithms has.
 *
 * @throws {UsageError} `--lambda: expected only with implicitMaml, got it with maml`
 */
export function checkOwn(chosen: readonly AlgorithmName[], options: object): void {
  const given = options as Record<string, unknown>;
  const has = (algorithm: AlgorithmName, name: OwnName) => name in rowOf(algorithm).own;
  for (const name of ownNames) {
    if (given[name] === undefined || chosen.some((algorithm) => has(algorithm, name))) continue;
    const owners = ownersOf(name);
    refuse(name, owners.length > 4 ? "other algorithms" : listed(owners, "or"), chosen);
  }
  if (given.innerRate !== undefined && chosen.every((algorithm) => rowOf(algorithm).rateless))
    refuse("innerRate", "other algorithms", chosen);
}

function refuse(name: string, owners: string, chosen: readonly AlgorithmName[]): never {
  throw new UsageError(
    `${optionName(name)}: expected only with ${owners}, got it with ${listed(chosen)}`,
  );
}

/** a; a and b; a, b and c */
export const listed = (names: readonly string[], last = "and"): string =>
  names.length < 2 ? `${names}` : `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}`;
