import { Command } from "commander";
import { checkWritable } from "./files.ts";
import { choice, collect, names, order, positive, sizes, whole } from "./options.ts";
import { activations, type Settings, sinusoidDefaults, tableDefaults } from "./settings.ts";
import type { TrainOptions } from "./prepare.ts";
import { train } from "./train.ts";

const usual = (name: keyof Settings) =>
  `default ${tableDefaults[name]}, for sinusoids ${sinusoidDefaults[name]}`;

export const trainCommand = (): Command =>
  new Command("train")
    .description("meta-train on the groups of a table, or on the built-in family of sine waves")
    .argument("<data>", "a CSV file with a header line, or the word sinusoids")
    .option("--group <column>", "the column that says which group a row belongs to")
    .option("--target <column>", "the column to predict")
    .option("--inputs <columns>", "the columns to predict it from, commas between", names)
    .option(
      "--categorical <columns>",
      "inputs that are codes, not amounts, though they are numbers",
      names,
    )
    .option(
      "--unknown-category <what>",
      "a category that training never saw: error (default) or zeros",
      choice("error", "zeros"),
    )
    .option(
      "--drop-small",
      "leave out groups of fewer rows than shots + 1, instead of refusing them",
    )
    .option(
      "--holdout <what...>",
      "groups to keep away from training: a fraction (default 0.25), or their names",
      collect,
    )
    .option("--shots <n>", `rows of a new group to adapt on (${usual("shots")})`, whole(1))
    .option("--steps <n>", `meta-steps (${usual("steps")})`, whole(1))
    .option("--inner-steps <n>", `gradient steps when adapting (${usual("innerSteps")})`, whole(0))
    .option("--inner-rate <x>", `their learning rate (${usual("innerRate")})`, positive)
    .option(
      "--algorithm <name>",
      "maml (default), reptile or pretrain",
      choice("maml", "reptile", "pretrain"),
    )
    .option("--order <n>", "of the meta-gradient: 2 is exact (default), 1 is faster", order)
    .option("--hidden <sizes>", "hidden layers, commas between, or none (default 40,40)", sizes)
    .option(
      "--activation <name>",
      `${activations.join(", ")} (${usual("activation")})`,
      choice(...activations),
    )
    .option(
      "--norm <kind>",
      "batch (of the rows given together: see info), layer or none (default)",
      choice("batch", "layer", "none"),
    )
    .option("--meta-batch <n>", `tasks a meta-step (${usual("metaBatch")})`, whole(1))
    .option(
      "--meta-rate <x>",
      `learning rate of the meta-steps; falls to a 20th (${usual("metaRate")})`,
      positive,
    )
    .option("--seed <n>", "decides everything that is drawn (default 1)", whole(0))
    .option("--out <file>", "where the model goes (default model.safetensors, or the one resumed)")
    .option("--report <file>", "where the report goes", "report.html")
    .option("--no-report", "write no report")
    .option(
      "--resume <model>",
      "go on from a checkpoint, with its settings, its number of steps among them",
    )
    .option("--json", "print JSON lines for machines")
    .action(async (data: string, options: Omit<TrainOptions, "out"> & { out?: string }) => {
      const { out = options.resume ?? "model.safetensors", report } = options;
      checkWritable("--out", out, [data]);
      if (report) checkWritable("--report", report, [data, out]);
      await train(data, { ...options, out });
    });
