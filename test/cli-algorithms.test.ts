import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type AlgorithmName, algorithmNames as all, rowOf } from "../src/cli/algorithms.ts";
import { loadLearner } from "../src/index.ts";
import { columns, file, folder, lines, makeModel, quick, type Result, rvml } from "./cli-run.ts";

const algorithmNames = all.filter((name) => !rowOf(name).forClasses);

/** A few meta-steps, with the least of everything. */
const brief = [...quick, "--steps", "6", "--inner-steps", "2"];

/** Each with an option of its own, where it has one. */
const own: Partial<Record<AlgorithmName, readonly string[]>> = {
  maml: ["--layers", "2"],
  anil: ["--order", "1,2"],
  boil: ["--first-order-steps", "3"],
  tNet: ["--warp-layers", "2"],
  warpGrad: ["--warp-layers", "0"],
  metaSgd: ["--inner-rates", "0.01,0.1"],
  mamlPlusPlus: ["--learn-rates", "no", "--multi-step-loss", "4"],
  alfa: ["--checkpoint", "yes"],
  metaCurvature: ["--order", "1"],
  innerMomentum: ["--momentum", "0.5"],
  innerAdam: ["--beta1", "0.5", "--beta2", "0.9", "--epsilon", "0.1"],
  cavia: ["--context", "3"],
  implicitMaml: ["--lambda", "2", "--cg-steps", "3", "--damping", "1", "--tolerance", "0.01"],
  learnedOptimizer: ["--hidden-size", "3", "--unroll", "1", "--output-scale", "0.1"],
  reptile: ["--inner-batch-size", "1"],
};

beforeAll(async () => {
  await makeModel();
  const rows = lines(1, 40).trim().split("\n");
  writeFileSync(file("support.csv"), `${rows.slice(0, 3).join("\n")}\n`);
  writeFileSync(file("query.csv"), `${[rows[0], ...rows.slice(3)].join("\n")}\n`);
});

const result = ({ out }: Result) => JSON.parse(out.trim().split("\n").at(-1)!);

async function fine(...words: string[]): Promise<Result> {
  const done = await rvml(...words);
  expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: "" });
  return done;
}

const options = (name: AlgorithmName) => ["--algorithm", name, ...(own[name] ?? [])];

test.concurrent.each(algorithmNames)("%s trains, saves, adapts and predicts", async (name) => {
  const [model, adapted] = [`${name}.safetensors`, `${name}-adapted.safetensors`];
  const words = [...brief, ...options(name), "--json", "--out", model];
  const { methods } = result(await fine("train", "lines.csv", ...words));
  expect(methods[0].name).toContain(rowOf(name).label);
  for (const { errors } of methods) expect(errors.every(Number.isFinite)).toBe(true);
  const judged = await fine("evaluate", model, "lines.csv", "--json");
  expect(result(judged).errors).toEqual(methods[0].errors);

  await fine("adapt", model, "support.csv", "--out", adapted);
  const { out } = await fine("predict", adapted, "--query", "query.csv");
  const direct = ["--support", "support.csv", "--query", "query.csv"];
  expect((await fine("predict", model, ...direct)).out).toBe(out);
  expect(out).toMatch(/^site,day,load,load_predicted\n(site 40,\d+,[\d.]+,-?[\d.]+\n){4}$/);
});

test.concurrent.each(["anil", "metaSgd", "cavia", "implicitMaml"] as const)(
  "the file of %s says what it was made with, and goes on with it",
  async (name) => {
    const model = `${name}-again.safetensors`;
    await fine("train", "lines.csv", ...brief, ...options(name), "--out", model);
    const about = (await fine("info", model)).out;
    expect(about).toContain(rowOf(name).label);
    for (const option of own[name]!.join(" ").match(/--\S+ \S+/g)!)
      expect(about).toContain(option.replace("--order 1,2", "orders 1,2"));
    await fine("train", "lines.csv", "--resume", model, "--no-report", ...options(name));
  },
);

describe("options", () => {
  const train = (...words: string[]) => ["train", "lines.csv", ...brief, "--out", "no", ...words];
  const of = (name: AlgorithmName, ...words: string[]) => train("--algorithm", name, ...words);

  const cases: [what: string, words: string[], message: string][] = [
    [
      "of another algorithm",
      train("--lambda", "2"),
      "--lambda: expected only with implicitMaml, got it with maml",
    ],
    [
      "of two others",
      of("reptile", "--warp-layers", "2"),
      "--warp-layers: expected only with tNet or warpGrad, got it with reptile",
    ],
    [
      "of many others",
      of("pretrain", "--order", "1"),
      "--order: expected only with other algorithms, got it with pretrain",
    ],
    [
      "a rate where there is none",
      of("learnedOptimizer", "--inner-rate", "1"),
      "--inner-rate: expected only with other algorithms, got it with learnedOptimizer",
    ],
    [
      "a value that the library refuses",
      of("innerMomentum", "--momentum", "2"),
      "--momentum: innerMomentum: expected 0 ≤ momentum < 1, got 2",
    ],
    ["no number", of("innerMomentum", "--momentum", "x"), '--momentum: expected a number, got "x"'],
    ["an order of three", train("--order", "1,3"), '--order: expected 1 or 2, got "3"'],
    [
      "rates the wrong way round",
      of("metaSgd", "--inner-rates", "0.1,0.01"),
      '--inner-rates: expected two numbers > 0, the smaller first, got "0.1,0.01"',
    ],
    [
      "neither yes nor no",
      of("mamlPlusPlus", "--learn-rates", "maybe"),
      '--learn-rates: expected yes or no, got "maybe"',
    ],
    [
      "layers that do not adapt",
      train("--layers", "1"),
      "--layers: maml: expected layers with parameters (of 0, 2), got 1",
    ],
    [
      "no layer to warp",
      of("tNet", "--hidden", "none"),
      "--warp-layers: tNet: expected a layer that warps and one that adapts, got warpLayers []",
    ],
    [
      "no layer to adapt",
      of("boil", "--hidden", "none"),
      "boil: expected a model of at least 2 layers with parameters, got 1",
    ],
    [
      "an algorithm for classes",
      train("--algorithm", "protoMaml"),
      "--algorithm: expected one that predicts numbers, got protoMaml",
    ],
    [
      "an algorithm for classes, to compare",
      ["compare", "lines.csv", ...columns, "--algorithms", "maml,protoMaml"],
      "--algorithms: expected one that predicts numbers, got protoMaml",
    ],
    [
      "no such algorithm",
      train("--algorithm", "mamal"),
      `--algorithm: expected one of ${all.join(", ")}, got "mamal"`,
    ],
    [
      "groups without end",
      ["train", "sinusoids", "--algorithm", "multiTask", "--out", "no"],
      "--algorithm: expected one that needs no fixed number of groups, got multiTask",
    ],
    [
      "another algorithm beside --resume",
      ["train", "lines.csv", "--resume", "model.safetensors", "--algorithm", "anil"],
      "--algorithm: expected maml as in model.safetensors, got anil",
    ],
    [
      "an option beside --resume",
      ["train", "lines.csv", "--resume", "model.safetensors", "--lambda", "2"],
      "--lambda: expected nothing beside --resume, got 2",
    ],
  ];

  test.concurrent.each(cases)("%s", async (_, words, message) => {
    const before = readdirSync(folder).filter((name) => name === "no");
    expect(await rvml(...words)).toEqual({ code: 2, out: "", err: `rvml: ${message}\n` });
    expect(before).toEqual([]);
  });

  test("the help has every algorithm, and its options under its name", async () => {
    const { code, out } = await rvml("train", "--help");
    expect(code).toBe(0);
    for (const name of all) expect(out).toMatch(new RegExp(`\\n    ${name} +\\w`));
    expect(out).toMatch(/Options of implicitMaml:\n +--lambda <x> [^]*--cg-steps <n>/);
    expect(out).toMatch(/Options of tNet and warpGrad:\n +--warp-layers/);
    expect(out).toMatch(/Options of all algorithms but [^:]*reptile[^:]*:\n +--order <n>/);
    expect(out.replace(/\s+/g, " ")).toContain("(default 2, learnedOptimizer 1)");
  });
});

test("a file of before there were other algorithms, with its units inside, goes on as it was", async () => {
  const learner = await loadLearner(readFileSync(file("model.safetensors")));
  const { "rvml.cli": text, standardization } = learner.metadata;
  const saved = JSON.parse(text);
  const { firstOrderSteps: _none, checkpoint: _neither, ...settings } = saved.settings;
  expect(settings).toMatchObject({ algorithm: "maml", order: 2, innerSteps: 5, innerRate: 0.05 });
  const source = { ...saved.source, standardization: JSON.parse(standardization) };
  const metadata = { "rvml.cli": JSON.stringify({ ...saved, settings, source }) };
  writeFileSync(file("old.safetensors"), learner.save({ metadata }));
  const words = ["--order", "2", "--inner-steps", "5", "--no-report"];
  const resumed = await rvml("train", "lines.csv", "--resume", "old.safetensors", ...words);
  expect({ code: resumed.code, err: resumed.err }).toEqual({ code: 0, err: "" });
  expect((await rvml("info", "old.safetensors")).out).toContain("MAML, second order");
});

test("a file that names no known algorithm is refused", async () => {
  const learner = await loadLearner(readFileSync(file("model.safetensors")));
  const saved = JSON.parse(learner.metadata["rvml.cli"]);
  saved.settings.algorithm = "constructor";
  const metadata = { "rvml.cli": JSON.stringify(saved) };
  writeFileSync(file("odd.safetensors"), learner.save({ metadata }));
  const { code, err } = await rvml("info", "odd.safetensors");
  expect(code).toBe(1);
  expect(err).toMatch(/^rvml: odd.safetensors: expected "rvml.cli" of version 1 in its metadata, /);
});
