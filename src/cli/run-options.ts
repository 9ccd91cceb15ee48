import { type Command, InvalidArgumentError } from "commander";
import { type AlgorithmName, algorithmNames, rowOf } from "./algorithms.ts";
import { choice, collect, names, positive, sizes, whole } from "./options.ts";
import {
  activations,
  imageDefaults,
  type ImageSettings,
  type Settings,
  sinusoidDefaults,
  tableDefaults,
} from "./settings.ts";
import { threadCount } from "./threads.ts";

/** Options that `train` and `compare` share. */

/** What is to be learned from. */
export const addDataOptions = (command: Command): Command =>
  addImageOptions(addTableOptions(command))
    .option(
      "--drop-small",
      "leave out groups (classes) of fewer rows (images) than a task needs, instead of refusing them",
    )
    .option(
      "--holdout <what...>",
      "groups or classes to keep away from training: a fraction (default 0.25), or their names",
      collect,
    );

const addTableOptions = (command: Command): Command =>
  command
    .optionsGroup("Options of tables:")
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
    );

const ofImages = (name: keyof ImageSettings) => `(default ${imageDefaults[name]})`;

/** What a task of images is, and the network for it. */
const addImageOptions = (command: Command): Command =>
  command
    .optionsGroup("Options of images:")
    .option("--ways <n>", `classes of a task ${ofImages("ways")}`, whole(2))
    .option(
      "--query-shots <n>",
      `images of each class to judge a task by, besides its shots ${ofImages("queryShots")}`,
      whole(1),
    )
    .option("--size <n>", `pixels a side ${ofImages("size")}`, whole(1))
    .option("--channels <n>", `1: grey, 3: color ${ofImages("channels")}`, channels)
    .option("--invert", "dark strokes on light paper become light on dark")
    .option(
      "--rotations <how>",
      `perTask: training turns each class of each task by a random quarter; none ${ofImages("rotations")}`,
      choice("none", "perTask"),
    )
    .option("--network <name>", `conv4 or mlp ${ofImages("network")}`, choice("conv4", "mlp"))
    .option("--filters <n>", `of each convolution of conv4 ${ofImages("filters")}`, whole(1))
    .optionsGroup("Options:");

const channels = (value: string): number => Number(choice("1", "3")(value));

const usual = (name: keyof Settings) =>
  `default ${tableDefaults[name]}, for sinusoids ${sinusoidDefaults[name]}, for images ${imageDefaults[name]}`;

/** Network and training, whatever the algorithm. */
export const addSettingOptions = (command: Command): Command =>
  command
    .option(
      "--shots <n>",
      `rows of a new group, images of each class, to adapt on (${usual("shots")})`,
      whole(1),
    )
    .option("--steps <n>", `meta-steps (${usual("steps")})`, whole(1))
    .option(
      "--inner-steps <n>",
      `gradient steps when adapting (${usual("innerSteps")}${exceptions("innerSteps")})`,
      whole(0),
    )
    .option(
      "--inner-rate <x>",
      `their learning rate (${usual("innerRate")}${exceptions("innerRate")})`,
      positive,
    )
    .option(
      "--hidden <sizes>",
      `hidden layers, commas between, or none (${usual("hidden")}, with mlp)`,
      sizes,
    )
    .option(
      "--activation <name>",
      `${activations.join(", ")} (${usual("activation")})`,
      choice(...activations),
    )
    .option(
      "--norm <kind>",
      `batch (of the rows given together: see info), support (of the rows adapted on; images), layer or none (${usual("norm")})`,
      choice("batch", "support", "layer", "none"),
    )
    .option("--meta-batch <n>", `tasks a meta-step (${usual("metaBatch")})`, whole(1))
    .option(
      "--meta-rate <x>",
      `learning rate of the meta-steps; falls to a 20th (${usual("metaRate")})`,
      positive,
    )
    .option("--seed <n>", "decides everything that is drawn (default 1)", whole(0))
    .option(
      "--threads <n>",
      "threads to train with, at most as many as a meta-step has tasks, or auto: as many as there are cores; the same model with any number",
      threadCount,
      "auto",
    );

/** "; implicitMaml 50": the defaults that are not those of all. */
const exceptions = (key: "innerRate" | "innerSteps"): string =>
  algorithmNames
    .map((name) => [name, rowOf(name).defaults?.[key]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `; ${name} ${value}`)
    .join("");

/** All of them with a line each, as a help text keeps them. */
export function algorithmList(): string {
  const width = Math.max(...algorithmNames.map((name) => name.length));
  const line = (name: AlgorithmName) => `\n  ${name.padEnd(width)}  ${rowOf(name).about}`;
  return algorithmNames.map(line).join("");
}

export function algorithmName(value: string): AlgorithmName {
  const found = algorithmNames.find((name) => name === value);
  if (found) return found;
  throw new InvalidArgumentError(`expected one of ${algorithmNames.join(", ")}, got "${value}"`);
}
