import { type Command, InvalidArgumentError } from "commander";
import { type AlgorithmName, algorithmNames, forClasses, rowOf } from "./algorithms.ts";
import { choice, collect, names, positive, sizes, whole } from "./options.ts";
import { activations, type Settings, sinusoidDefaults, tableDefaults } from "./settings.ts";

/** Options that `train` and `compare` share. */

/** What is to be learned from a table. */
export const addDataOptions = (command: Command): Command =>
  command
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
    );

const usual = (name: keyof Settings) =>
  `default ${tableDefaults[name]}, for sinusoids ${sinusoidDefaults[name]}`;

/** Network and training, whatever the algorithm. */
export const addSettingOptions = (command: Command): Command =>
  command
    .option("--shots <n>", `rows of a new group to adapt on (${usual("shots")})`, whole(1))
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
    .option("--seed <n>", "decides everything that is drawn (default 1)", whole(0));

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
  const why = forClasses.includes(value)
    ? `one that predicts numbers, got "${value}", which is for classes (the library has it)`
    : `one of ${algorithmNames.join(", ")}, got "${value}"`;
  throw new InvalidArgumentError(`expected ${why}`);
}
