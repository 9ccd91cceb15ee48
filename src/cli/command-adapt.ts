import { Command } from "commander";
import { adaptImages } from "./adapt-images.ts";
import { writeWhole } from "./files.ts";
import { kindOf } from "./kind.ts";
import { checkModelFile } from "./model-file.ts";
import { count, emit } from "./print.ts";
import { whole } from "./options.ts";
import { saveAdapted } from "./saved.ts";
import { adaptTo, finite, loadTableModel, oneGroup, readGroups } from "./use.ts";

export interface AdaptOptions {
  readonly out: string;
  readonly steps?: number;
  readonly only?: string;
  readonly json?: boolean;
}

export const adaptCommand = (): Command =>
  new Command("adapt")
    .description("adapt a model to the rows of one new group, or to new classes, and save it")
    .argument("<model>", "a model from rvml train")
    .argument(
      "<rows>",
      "a CSV file with the new group's rows: inputs and target; or a folder of class folders",
    )
    .requiredOption("--out <file>", "where the adapted model goes")
    .option("--steps <n>", "gradient steps (default: as trained)", whole(0))
    .option("--only <group>", "the group to take, where the file has several")
    .option("--json", "print JSON lines for machines")
    .action(adapt);

async function adapt(path: string, rows: string, options: AdaptOptions): Promise<void> {
  const { out, only, json } = options;
  checkModelFile("--out", out, [path, rows]);
  if (kindOf(rows) === "images") return adaptImages(path, rows, options);
  const model = await loadTableModel(path);
  const group = oneGroup(rows, readGroups(rows, model), only);
  const steps = options.steps ?? model.saved.settings.innerSteps;
  const adapted = adaptTo(model, rows, group.batch, steps);
  model.learner.parameters.set(finite(rows, adapted.parameters));
  const note = { group: group.name, rows: group.batch.rows, steps };
  writeWhole(out, saveAdapted(model.learner, model.saved, note));
  if (json) return emit("saved", { path: out, ...note });
  const name = group.name && ` of ${model.columns.group} "${group.name}"`;
  console.log(
    `Adapted to ${count(note.rows, "row")}${name} in ${count(steps, "step")}. The adapted model is in ${out}.`,
  );
}
