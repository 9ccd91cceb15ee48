import { Command } from "commander";
import { checkWritable } from "./files.ts";
import { checkModelFile } from "./model-file.ts";
import { addOwnOptions } from "./own-options.ts";
import type { TrainOptions } from "./prepare.ts";
import { addDataOptions, addSettingOptions, algorithmList, algorithmName } from "./run-options.ts";
import { train } from "./train.ts";

export function trainCommand(): Command {
  const command = new Command("train")
    .description(
      "meta-train on the groups of a table, on a folder of images, or on the built-in family of sine waves",
    )
    .argument(
      "<data>",
      "a CSV file with a header line, a folder of class folders of PNG or JPEG, or the word sinusoids",
    );
  addSettingOptions(addDataOptions(command))
    .option("--out <file>", "where the model goes (default model.safetensors, or the one resumed)")
    .option("--report <file>", "where the report goes", "report.html")
    .option("--no-report", "write no report")
    .option(
      "--resume <model>",
      "go on from a checkpoint, with its settings, its number of steps among them",
    )
    .option("--json", "print JSON lines for machines")
    .option(
      "--algorithm <name>",
      `how to learn to learn (default maml):${algorithmList()}`,
      algorithmName,
    );
  return addOwnOptions(command).action(run);
}

async function run(
  data: string,
  options: Omit<TrainOptions, "out"> & { out?: string },
): Promise<void> {
  const { out = options.resume ?? "model.safetensors", report } = options;
  // What is resumed from is read as a model before anything is written.
  const check = out === options.resume ? checkWritable : checkModelFile;
  check("--out", out, [data]);
  if (report) checkWritable("--report", report, [data, out]);
  await train(data, { ...options, out });
}
