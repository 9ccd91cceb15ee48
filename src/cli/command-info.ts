import { Command } from "commander";
import { count, emit } from "./print.ts";
import { type ImageRecord, load, type Saved } from "./saved.ts";
import { describe } from "./settings-words.ts";

export const infoCommand = (): Command =>
  new Command("info")
    .description("what is in a model file")
    .argument("<model>", "a file from rvml train or rvml adapt")
    .option("--json", "print JSON for machines")
    .action(async (path: string, { json }: { json?: boolean }) => {
      const { learner, saved } = await load(path);
      const parameters = learner.parameters.length;
      if (json) emit("info", { path, step: learner.step, parameters, ...withoutPixels(saved) });
      else console.log(lines(saved, learner.step, parameters));
    });

/** Facts: the images adapted on are data. */
function withoutPixels(saved: Saved): Saved {
  if (!saved.adapted) return saved;
  const { support: _, ...adapted } = saved.adapted;
  return { ...saved, adapted };
}

function lines(saved: Saved, step: number, parameters: number): string {
  const list: (readonly [string, string])[] = [
    ["data", dataOf(saved)],
    ...columnsOf(saved),
    ["parameters", String(parameters)],
    ...describe(saved.settings),
    ["trained", `${step} of ${saved.settings.steps} steps`],
    ...adaptedOf(saved),
  ];
  const width = Math.max(...list.map(([name]) => name.length));
  return list.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

const dataOf = ({ source }: Saved) =>
  source.kind === "sinusoids" ? "sinusoids (built in)" : source.name;

function columnsOf({ source }: Saved): [string, string][] {
  if (source.kind === "sinusoids") return [];
  if (source.kind === "images") return classesOf(source);
  const { columns, standardization, train, heldOut } = source;
  const inputs = standardization.inputs.map((input) =>
    "scale" in input ? numeric(input) : `${input.name} (${input.categories.join(", ")})`,
  );
  return [
    [
      "group column",
      `${columns.group}: ${train.length} groups to learn from, ${heldOut.length} held out`,
    ],
    ["inputs", inputs.join("; ")],
    ["target", numeric(standardization.target)],
    ["held out", heldOut.join(", ")],
  ];
}

const classesOf = ({ train, heldOut }: ImageRecord): [string, string][] => [
  ["classes", `${train.length} to learn from, ${heldOut.length} held out`],
  ["held out", heldOut.join(", ")],
];

const numeric = ({ name, mean, scale }: { name: string; mean: number; scale: number }) =>
  `${name} (mean ${Number(mean.toPrecision(5))}, standard deviation ${Number(scale.toPrecision(4))})`;

function adaptedOf({ adapted }: Saved): [string, string][] {
  if (!adapted) return [];
  const { group, rows, steps, classes } = adapted;
  if (classes)
    return [
      [
        "adapted",
        `to ${count(rows, "image")} of ${classes.join(", ")} (${group}), ${count(steps, "step")}`,
      ],
    ];
  return [
    ["adapted", `to ${count(rows, "row")}${group && ` of "${group}"`}, ${count(steps, "step")}`],
  ];
}
