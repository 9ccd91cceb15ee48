import {
  checkArray,
  checkInteger,
  checkOneOf,
  checkOptions,
  refuse,
  refuseKind,
} from "../check.ts";
import { type Standardization, standardize } from "../data/standardization.ts";
import { rowsBy } from "../data/rows-by.ts";
import { checkTable, type Table } from "../data/table.ts";
import { checkRandom, type Random } from "../random.ts";
import type { Batch, Task, TaskDistribution } from "../task.ts";
import { type Parts, type Split, splitParts } from "../data/split.ts";

/** Options of {@link groups}. */
export interface GroupsOptions {
  /** Column that says which group a row belongs to; its cells are taken as text. */
  readonly group: string;
  /** Input columns: numbers are standardized, text becomes one input for each category. */
  readonly inputs: readonly string[];
  /** Column to predict: numbers, standardized. */
  readonly target: string;
  /** Support rows of a task. */
  readonly shots: number;
  /** Query rows of a task; default: all other rows of the group. */
  readonly queryShots?: number;
  /** Groups to train on, to validate and to test with; default a fifth each for the last two. */
  readonly split?: Split<string>;
  /** Decides the split, and nothing else; default 0. */
  readonly seed?: number;
  /** What to do about groups of too few rows; default "throw". */
  readonly tooFew?: "throw" | "drop";
  /** Input columns that are categories although their cells are numbers. */
  readonly categorical?: readonly string[];
  /**
   * What a category that no training group has becomes: an error (default), or zeros in all of its
   * column's inputs.
   */
  readonly unknown?: "throw" | "zeros";
}

/** Some of a table's groups; one task = one group. */
export interface GroupDistribution extends TaskDistribution {
  /** The groups' names, sorted by code units. */
  readonly groups: readonly string[];
  /**
   * A task of the named group: `shots` random rows as support, others as query, in random order.
   * Tasks of training groups carry their `index` in `groups`.
   */
  task(name: string, random: Random): Task;
  /** One task for each group, in the order of `groups`. */
  tasks(random: Random): Task[];
}

/** A table parted by groups. */
export interface Groups {
  readonly train: GroupDistribution;
  readonly validation: GroupDistribution;
  readonly test: GroupDistribution;
  /** Learned from all rows of the training groups, and from no others. */
  readonly standardization: Standardization;
  /** Groups left out for having too few rows, sorted. */
  readonly dropped: readonly string[];
}

const OPTIONS: (keyof GroupsOptions)[] = [
  "group",
  "inputs",
  "target",
  "shots",
  "queryShots",
  "split",
  "seed",
  "tooFew",
  "categorical",
  "unknown",
];

/**
 * Tasks from a table with a group column (patients, schools, machines): predict a group's target
 * from its inputs, after seeing `shots` of its rows. No group is in two of the three distributions.
 *
 * `sample` draws a group, all equally likely, then its rows. Inputs and targets are standardized by
 * the means and scales of the training groups; `standardization.unscale` takes an output back to
 * the target's units. Numbers stored as codes (diet 1, 2, 3) belong into `categorical`.
 *
 * Cost: the table is encoded once, rows × inSize f32; a task copies its rows.
 *
 * @throws {RangeError} unknown column; the same column in two roles; a cell that is no number (says
 * row and column); a column whose value never changes; a group of fewer than `shots` + 1 (or
 * `shots` + `queryShots`) rows, unless dropped: `groups: expected at least 6 rows in group "308",
 * got 4`; too few groups for the split; an unknown category
 * @example
 * const { train, test, standardization } = groups(sleep, {
 *   group: "Subject", inputs: ["Days"], target: "Reaction",
 *   shots: 4, split: { validation: 3, test: 5 }, seed: 1,
 * });
 */
export function groups(table: Table, options: GroupsOptions): Groups {
  checkTable("groups", table);
  checkGroupsOptions(options);
  const { group, inputs, target, shots, queryShots, categorical = [] } = options;
  const { split = { validation: 0.2, test: 0.2 }, seed = 0 } = options;
  const { tooFew = "throw", unknown = "throw" } = options;

  const all = rowsBy(table.texts(group));
  const least = shots + (queryShots ?? 1);
  const dropped = [...all.keys()].filter((name) => all.get(name)!.length < least).sort();
  if (dropped.length > 0 && tooFew === "throw")
    refuse(
      "groups",
      `at least ${least} rows in group ${JSON.stringify(dropped[0])}`,
      all.get(dropped[0])!.length,
    );
  for (const name of dropped) all.delete(name);

  const parts = splitParts("groups", "groups", [...all.keys()].sort(), split, seed);
  const trainingRows = parts.train.flatMap((name) => all.get(name)!);
  const names = { inputs, target, categorical };
  const standardization = standardize("groups", table, trainingRows, names, unknown);
  const draw = drawer(encodeGroups(table, standardization, parts, all), options);
  const part = (name: keyof typeof parts) => distribution(name, parts[name], draw, standardization);
  return Object.freeze({
    train: part("train"),
    validation: part("validation"),
    test: part("test"),
    standardization,
    dropped,
  });
}

/** Inputs and targets of all groups in use, group after group, and where each starts. */
interface Encoded {
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly groups: ReadonlyMap<string, { readonly start: number; readonly rows: number }>;
}

function encodeGroups(
  table: Table,
  standardization: Standardization,
  parts: Parts<string>,
  all: ReadonlyMap<string, readonly number[]>,
): Encoded {
  const order: number[] = [];
  const groups = new Map<string, { start: number; rows: number }>();
  for (const name of [...parts.train, ...parts.validation, ...parts.test]) {
    const rows = all.get(name)!;
    groups.set(name, { start: order.length, rows: rows.length });
    for (const row of rows) order.push(row);
  }
  const inputs = standardization.encode(table, order);
  return { inputs, targets: standardization.encodeTarget(table, order), groups };
}

type Draw = (group: string, random: Random) => Task;

/** Makes a task of a group: which of its rows are support is up to `random`. */
function drawer({ inputs, targets, groups }: Encoded, options: GroupsOptions): Draw {
  const inSize = inputs.length / targets.length;
  const { shots, queryShots } = options;

  function gather(start: number, picked: Int32Array): Batch {
    const batch = {
      inputs: new Float32Array(picked.length * inSize),
      targets: new Float32Array(picked.length),
      rows: picked.length,
    };
    for (let i = 0; i < picked.length; i++) {
      const row = start + picked[i];
      for (let j = 0; j < inSize; j++) batch.inputs[i * inSize + j] = inputs[row * inSize + j];
      batch.targets[i] = targets[row];
    }
    return batch;
  }

  return (group, random) => {
    const { start, rows } = groups.get(group)!;
    const picked = random.choose(queryShots === undefined ? rows : shots + queryShots, rows);
    return {
      support: gather(start, picked.subarray(0, shots)),
      query: gather(start, picked.subarray(shots)),
    };
  };
}

function distribution(
  part: string,
  names: readonly string[],
  draw: Draw,
  { inSize }: Standardization,
): GroupDistribution {
  const places = new Map(names.map((name, index) => [name, index]));

  function taskOf(name: string, random: Random): Task {
    const index = places.get(name);
    if (index === undefined) refuse("groups", `a group of the ${part} part`, name);
    const drawn = draw(name, random);
    // What has something of its own for each group, as `multiTask` has, has it for those of the training only.
    return part === "train" ? { ...drawn, index } : drawn;
  }

  return Object.freeze({
    inSize,
    targetSize: 1,
    groups: Object.freeze([...names]),
    task(name: string, random: Random) {
      checkRandom("task", random);
      return taskOf(name, random);
    },
    tasks(random: Random) {
      checkRandom("tasks", random);
      return names.map((name) => taskOf(name, random));
    },
    sample(random: Random) {
      checkRandom("sample", random);
      if (names.length === 0) refuse("groups", `groups in the ${part} part`, "none");
      return taskOf(names[random.integer(names.length)], random);
    },
  });
}

function checkGroupsOptions(options: GroupsOptions): void {
  checkOptions("groups", options, OPTIONS);
  const { group, inputs, target, shots, queryShots, categorical = [] } = options;
  for (const [name, value] of Object.entries({ group, target }))
    if (typeof value !== "string") refuseKind("groups", `a column name in ${name}`, value);
  checkArray("groups", "inputs", inputs);
  checkArray("groups", "categorical", categorical);
  if (inputs.length === 0) refuse("groups", "at least one column in inputs", inputs);
  const roles = new Set([group]);
  for (const name of [target, ...inputs]) {
    if (roles.has(name)) refuse("groups", "a column in one role only (group, target, input)", name);
    roles.add(name);
  }
  for (const name of categorical)
    if (!inputs.includes(name)) refuse("groups", "columns of inputs in categorical", name);
  checkInteger("groups", "shots", shots, { min: 1 });
  if (queryShots !== undefined) checkInteger("groups", "queryShots", queryShots, { min: 1 });
  checkOneOf("groups", "tooFew", options.tooFew ?? "throw", ["throw", "drop"]);
  checkOneOf("groups", "unknown", options.unknown ?? "throw", ["throw", "zeros"]);
}
