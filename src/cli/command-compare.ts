import { Command } from "commander";
import { type AlgorithmName, algorithmNames as everyAlgorithm, rowOf } from "./algorithms.ts";
import { compare } from "./compare.ts";
import { UsageError } from "./errors.ts";
import { checkWritable } from "./files.ts";
import { type Kind, kindOf } from "./kind.ts";
import type { CompareOptions } from "./one-seed.ts";
import { names, whole } from "./options.ts";
import { addOwnOptions } from "./own-options.ts";
import { addDataOptions, addSettingOptions, algorithmList, algorithmName } from "./run-options.ts";
import { showComparison, writeComparison } from "./show-comparison.ts";

/** Different in what they learn, and quick. */
const usual: readonly AlgorithmName[] = [
  ...(["maml", "anil", "metaSgd", "mamlPlusPlus", "metaCurvature", "cavia", "reptile"] as const),
];
const usualForImages: readonly AlgorithmName[] = [
  ...(["maml", "anil", "metaSgd", "protoMaml", "prototypical", "reptile"] as const),
];

interface Options extends Omit<CompareOptions, "algorithms"> {
  readonly algorithms?: readonly AlgorithmName[] | "all";
  readonly sinusoids?: boolean;
  readonly report: string | false;
  readonly plot?: string;
}

export function compareCommand(): Command {
  const command = new Command("compare")
    .description("train several algorithms on the same tasks, and judge them beside baselines")
    .argument("[data]", "a CSV file with a header line, a folder of images, or the word sinusoids")
    .option("--sinusoids", "the same as the word sinusoids");
  addSettingOptions(addDataOptions(command))
    .option("--seeds <n>", "runs, from --seed on; more than one: means over them", whole(1), 1)
    .option("--report <file>", "where the report goes", "report.html")
    .option("--no-report", "write no report")
    .option("--plot <file>", "where the ranking goes as a drawing of its own, SVG")
    .option("--json", "print JSON lines for machines")
    .option(
      "--algorithms <names>",
      `with commas between, or all that fit (default ${usual.join(",")}; of images ${usualForImages.join(",")}):${algorithmList()}`,
      algorithmNames,
    );
  return addOwnOptions(command).action(run);
}

function algorithmNames(value: string): AlgorithmName[] | "all" {
  return value === "all" ? value : names(value).map(algorithmName);
}

async function run(word: string | undefined, options: Options): Promise<void> {
  const data = dataOf(word, options);
  const { report, plot } = options;
  if (report) checkWritable("--report", report, [data]);
  if (plot) checkWritable("--plot", plot, report ? [data, report] : [data]);
  const algorithms = chosen(kindOf(data), options);
  const compared = await compare(data, { ...options, algorithms });
  showComparison(compared, options.json);
  await writeComparison(compared, options);
}

function dataOf(word: string | undefined, { sinusoids }: Options): string {
  if (sinusoids && word !== undefined && word !== "sinusoids")
    throw new UsageError(`--sinusoids: expected without other data, got it with ${word}`);
  const data = sinusoids ? "sinusoids" : word;
  if (data === undefined)
    throw new UsageError(
      "data: expected a CSV file, a folder of images or the word sinusoids, got none",
    );
  return data;
}

function chosen(kind: Kind, { algorithms, network, hidden }: Options): readonly AlgorithmName[] {
  if (algorithms === undefined) return kind === "images" ? usualForImages : usual;
  if (algorithms !== "all") return algorithms;
  return everyAlgorithm.filter((name) => {
    const { needsGroups, forClasses, deep, joint, own } = rowOf(name);
    if (deep && hidden?.length === 0) return false;
    if (kind !== "images") return !forClasses && (kind === "table" || !needsGroups);
    return !joint && (network === "mlp" || !("context" in own));
  });
}
