import { createHash } from "node:crypto";
import { basename } from "node:path";
import { groups, type Groups, type Split } from "../index.ts";
import { axesOf } from "./axes.ts";
import { checkColumn, type Sheet } from "./csv.ts";
import { Failure, fromFile, UsageError } from "./errors.ts";
import { encodeGroups, heldOutTasks } from "./held-out.ts";
import { numberBaselines } from "./number-baselines.ts";
import { panels } from "./panels.ts";
import { count } from "./print.ts";
import type { TableRecord } from "./saved.ts";
import type { Source, Words } from "./source.ts";

export interface TableColumns {
  readonly group: string;
  readonly inputs: readonly string[];
  readonly target: string;
  readonly categorical: readonly string[];
  readonly unknown: "throw" | "zeros";
  readonly dropSmall: boolean;
}

/** How often each held-out group is tried, each time with other support rows. */
export const drawsPerGroup = 10;

export function tableSource(
  sheet: Sheet,
  columns: TableColumns,
  split: Split<string>,
  { shots, seed }: { shots: number; seed: number },
): Source {
  checkColumns(sheet, columns);
  const { dropSmall, ...roles } = columns;
  const tooFew = dropSmall ? "drop" : "throw";
  const parts = fromFile(sheet.path, () =>
    withAdvice(split, () => groups(sheet.table, { ...roles, shots, seed, split, tooFew })),
  );
  const { standardization } = parts;
  const all = encodeGroups(sheet.table, standardization, columns.group);
  const tasksOf = (names: readonly string[], draws: number) =>
    heldOutTasks(
      all.filter(({ name }) => names.includes(name)),
      { shots, seed, draws },
    );
  const axes = axesOf(standardization);
  const heldOut = tasksOf(parts.test.groups, drawsPerGroup);
  const words = wordsOf(sheet, columns, parts, shots);
  const source: Source = {
    inShape: [standardization.inSize],
    groups: parts.train.groups.length,
    train: parts.train,
    tuning: tasksOf(parts.train.groups, 2),
    heldOut,
    record: recordOf(sheet, columns, parts),
    words,
    unit: axes.target.scale,
    baselines: (settings, quiet) => numberBaselines(source, settings, quiet),
    pictures: (learner, { innerSteps: steps }) => panels(learner, heldOut, axes, { steps, words }),
  };
  return source;
}

/** The library does not know the option that helps, or that was wrong. */
function withAdvice<T>({ test }: Split<string>, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (/rows in group/.test(error.message))
      error.message += "; --drop-small leaves such groups out";
    if (/ in split\.train| for split\./.test(error.message))
      throw new UsageError(
        `--holdout: expected a group at least to learn from and one held out, got ${test}`,
        { cause: error },
      );
    throw error;
  }
}

function checkColumns(sheet: Sheet, { group, inputs, target, categorical }: TableColumns): void {
  checkColumn(sheet, group, "--group");
  checkColumn(sheet, target, "--target");
  for (const name of inputs) checkColumn(sheet, name, "--inputs");
  for (const name of categorical) checkColumn(sheet, name, "--categorical");
  const odd = categorical.find((name) => !inputs.includes(name));
  if (odd !== undefined)
    throw new UsageError(`--categorical: expected some of --inputs, got "${odd}"`);
  if (target === group)
    throw new UsageError(`--target: expected another column than --group, got "${target}"`);
  const twice = inputs.find((name) => name === target || name === group);
  if (twice !== undefined)
    throw new UsageError(
      `--inputs: expected other columns than --group and --target, got "${twice}"`,
    );
  const found = new Set(fromFile(sheet.path, () => sheet.table.texts(group))).size;
  if (found < 2)
    throw new Failure(
      `${sheet.path}: expected at least 2 groups in column "${group}", got ${found}`,
    );
}

function recordOf(sheet: Sheet, columns: TableColumns, parts: Groups): TableRecord {
  const { inputs, target, unknown } = parts.standardization;
  return {
    kind: "table",
    name: basename(sheet.path),
    columns,
    standardization: { inputs, target, unknown },
    train: parts.train.groups,
    heldOut: parts.test.groups,
    fingerprint: fingerprint(sheet, columns),
  };
}

/** SHA-256 of the header and cells of the columns in use. */
export function fingerprint({ table }: Sheet, { group, inputs, target }: TableColumns): string {
  const hash = createHash("sha256");
  for (const name of [group, target, ...inputs])
    hash.update(JSON.stringify([name, table.texts(name)]));
  return hash.digest("hex");
}

export const keptAway = (group: string, shots: number): string =>
  `Each ${group} here was kept away from training. ${shots} of its rows ${shots === 1 ? "is" : "are"} given to adapt on; the error is counted on its other rows.`;

export const standardizedLoss = "mean squared error in standardized units";

function wordsOf(
  { path }: Sheet,
  { group, inputs, target }: TableColumns,
  { train, test, dropped }: Groups,
  shots: number,
): Words {
  const name = basename(path);
  const [known, held] = [train.groups.length, test.groups.length];
  const rows = count(shots, "row");
  const few = dropped.length;
  const left = few > 0 ? ` Left out for having too few rows: ${count(few, "group")}.` : "";
  return {
    title: `Predicting ${target} for a new ${group} from ${rows}`,
    lead:
      `${name} has ${known + held} groups in its column "${group}". The network learned from ${known} of them how to learn a new one ` +
      `from ${rows}; the other ${held} it never saw. The figures are about those ${held}: ${target} predicted from ${inputs.join(", ")}.${left}`,
    intro:
      `${name}: ${known + held} groups in column "${group}", ${known} to learn from and ${held} held out.${left}\n` +
      `To learn: predict ${target} from ${inputs.join(", ")} for a new group, after seeing ${rows} of it.`,
    group,
    row: "row",
    measure: "RMSE",
    unit: target,
    judged: keptAway(group, shots),
    loss: standardizedLoss,
  };
}
