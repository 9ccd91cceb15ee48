import { Command } from "commander";
import { underTest } from "./contenders.ts";
import { evaluateImages } from "./evaluate-images.ts";
import { Failure, fromFile, UsageError } from "./errors.ts";
import { type GroupRows, heldOutTasks } from "./held-out.ts";
import { judgedTasks } from "./image-source.ts";
import { judge, type Outcome, summary } from "./judge.ts";
import { kindOf } from "./kind.ts";
import { collect, stepCounts, whole } from "./options.ts";
import { alignedTable, count, emit, stepName, writer } from "./print.ts";
import { load } from "./saved.ts";
import { sinusoidSource } from "./sinusoid-source.ts";
import { drawsPerGroup } from "./table-source.ts";
import { stepsToShow } from "./steps-to-show.ts";
import { loadTableModel, readGroups, type TableModel } from "./use.ts";

export interface EvaluateOptions {
  readonly groups?: readonly string[];
  readonly steps?: readonly number[];
  readonly shots?: number;
  readonly tasks?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

export const evaluateCommand = (): Command =>
  new Command("evaluate")
    .description(
      "the error on groups, or the accuracy on classes, that training never saw, before and after adapting",
    )
    .argument("<model>", "a model from rvml train")
    .argument(
      "<data>",
      "a CSV file with the model's columns, a folder of images, or the word sinusoids",
    )
    .option(
      "--groups <names...>",
      "groups or classes to judge by (default: those held out, or else all that are new)",
      collect,
    )
    .option(
      "--steps <counts>",
      "numbers of gradient steps, commas between (default 0,1,3,5,10)",
      stepCounts,
    )
    .option(
      "--shots <n>",
      "rows, or images of each class, to adapt on (default: as trained)",
      whole(1),
    )
    .option("--tasks <n>", `of images: tasks to judge by (default ${judgedTasks})`, whole(1))
    .option("--seed <n>", "which rows these are (default: as trained)", whole(0))
    .option("--json", "print JSON lines for machines")
    .action(evaluateModel);

async function evaluateModel(path: string, data: string, options: EvaluateOptions): Promise<void> {
  const kind = kindOf(data);
  if (kind === "images") return evaluateImages(path, data, options);
  if (options.tasks !== undefined)
    throw new UsageError(`--tasks: expected only with a folder of images, got ${options.tasks}`);
  if (options.groups !== undefined && kind === "sinusoids")
    throw new UsageError("--groups: expected only with a table or images, got it with sinusoids");
  const outcome =
    kind === "sinusoids" ? await onSinusoids(path, options) : await onTable(path, data, options);
  if (options.json) return printJson(outcome);
  const many = count(outcome.groups.length, "group");
  console.log(`${outcome.measure} by steps of adapting, for ${many}:\n`);
  console.log(groupTable(outcome));
}

async function onSinusoids(path: string, options: EvaluateOptions): Promise<Outcome> {
  const { learner, saved } = await load(path);
  if (saved.source.kind !== "sinusoids")
    throw new UsageError(`data: expected a table for ${path}, got sinusoids`);
  const { settings } = saved;
  const { innerSteps } = settings;
  const { shots = settings.shots, seed = settings.seed } = options;
  const { heldOut } = sinusoidSource({ shots, seed });
  const steps = options.steps ?? stepsToShow(innerSteps);
  const contender = underTest(learner, settings);
  return judge([contender], heldOut, { steps, innerSteps, measure: "MSE", unit: 1 });
}

async function onTable(path: string, data: string, options: EvaluateOptions): Promise<Outcome> {
  const model = await loadTableModel(path);
  const { learner, saved, standardization } = model;
  const { settings } = saved;
  const { shots = settings.shots, seed = settings.seed } = options;
  const groups = choose(model, data, readGroups(data, model), options.groups);
  const { innerSteps } = settings;
  const steps = options.steps ?? stepsToShow(innerSteps);
  const tasks = fromFile(data, () => heldOutTasks(groups, { shots, seed, draws: drawsPerGroup }));
  const unit = standardization.target.scale;
  return judge([underTest(learner, settings)], tasks, { steps, innerSteps, measure: "RMSE", unit });
}

/** Never those that training saw, unless asked for by name. */
function choose(
  { record: { heldOut, train } }: TableModel,
  data: string,
  groups: readonly GroupRows[],
  asked?: readonly string[],
): readonly GroupRows[] {
  const strange = asked?.find((one) => groups.every(({ name }) => name !== one));
  if (strange !== undefined)
    throw new UsageError(`--groups: expected groups of ${data}, got "${strange}"`);
  if (asked) return groups.filter(({ name }) => asked.includes(name));
  const held = groups.filter(({ name }) => heldOut.includes(name));
  const fresh = groups.filter(({ name }) => !train.includes(name));
  const chosen = held.length > 0 ? held : fresh;
  if (chosen.length > 0) return chosen;
  throw new Failure(`${data}: expected groups that training did not see, got none`);
}

function groupTable({ groups, steps, methods: [{ perGroup, errors }], measure }: Outcome): string {
  const figure = writer(errors);
  const one = (squared: number) => figure(measure === "RMSE" ? Math.sqrt(squared) : squared);
  const shown = groups.length > 60 ? [] : groups;
  const rows = shown.map((name, g) => [
    name || "(all rows)",
    ...perGroup.map((errors) => one(errors[g])),
  ]);
  return alignedTable([["", ...steps.map(stepName)], ...rows, ["all", ...errors.map(figure)]]);
}

function printJson({
  groups,
  steps,
  methods: [{ perGroup, errors, intervals }],
  measure,
}: Outcome): void {
  groups.forEach((group, g) =>
    emit("group", {
      group,
      measure,
      steps,
      errors: perGroup.map((squared) => summary([squared[g]], measure).error),
    }),
  );
  emit("result", { measure, groups: groups.length, steps, errors, intervals });
}
