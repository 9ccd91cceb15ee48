import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { loadLearner } from "../src/index.ts";
import { file, folder, lines, makeModel, quick, rvml } from "./cli-run.ts";

/** "no": nothing may ever be written there. */
const train = (data: string, ...more: string[]) => [
  "train",
  data,
  ...quick,
  "--out",
  "no",
  ...more,
];
const use = (model: string) => ["evaluate", model, "lines.csv"];

beforeAll(makeModel);

describe("bad input", () => {
  const header = new Uint8Array(16);
  new DataView(header.buffer).setBigUint64(0, 2n ** 40n, true);
  const odd: Record<string, string | Uint8Array> = {
    "nan.csv": lines(16).replace(",50\n", ",NaN\n"),
    "text.csv": lines(16).replace(",50\n", ",high\n"),
    "ragged.csv": "site,day,load\na,1,2\na,2\n",
    "quote.csv": 'site,day,load\na,1,"2\n',
    "empty.csv": "",
    "header.csv": "site,day,load\n",
    "twice.csv": "site,day,day\na,1,2\n",
    "other.csv": "site,load\na,1\n",
    "few.csv": `${lines(16)}lonely,1,2\nlonely,2,3\n`,
    "flat.csv": lines(16).replace(/,\d+,/g, ",7,"),
    "latin.csv": Uint8Array.of(
      ...Buffer.from(lines(16).replaceAll("site ", "caf\u00e9 "), "latin1"),
    ),
    "foreign.safetensors": "not a model at all, but long enough to be read as one",
    "hostile.safetensors": header,
  };
  beforeAll(async () => {
    execFileSync("mkfifo", [file("pipe")]);
    for (const [name, content] of Object.entries(odd)) writeFileSync(file(name), content);
    const model = readFileSync(file("model.safetensors"));
    writeFileSync(file("cut.safetensors"), model.subarray(0, model.length - 40));
    const slim = (await loadLearner(model)).save({ optimizerState: false });
    writeFileSync(file("slim.safetensors"), slim);
  });

  const cases: [what: string, words: string[], code: 1 | 2, message: RegExp][] = [
    ["no command", ["fly"], 2, /unknown command 'fly'/],
    ["unknown option", train("lines.csv", "--setps", "3"), 2, /unknown option '--setps' .*--steps/],
    [
      "steps no number",
      train("lines.csv", "--steps", "x"),
      2,
      /rvml: --steps: expected a whole number ≥ 1, got "x"/,
    ],
    [
      "rate not positive",
      train("lines.csv", "--inner-rate", "0"),
      2,
      /rvml: --inner-rate: expected a number > 0, got "0"/,
    ],
    [
      "unknown activation",
      train("lines.csv", "--activation", "cube"),
      2,
      /rvml: --activation: expected relu or .*, got "cube"/,
    ],
    ["no group", ["train", "lines.csv"], 2, /--group: expected .*, got none/],
    [
      "unknown column",
      train("lines.csv", "--inputs", "dya"),
      2,
      /--inputs: expected a column of lines.csv \("site", "day", "load"\), got "dya"/,
    ],
    [
      "a column in two roles",
      train("lines.csv", "--inputs", "day,load"),
      2,
      /--inputs: expected other columns than --group and --target, got "load"/,
    ],
    [
      "one column for group and target",
      train("lines.csv", "--target", "site"),
      2,
      /--target: expected another column than --group, got "site"/,
    ],
    [
      "a categorical column that is no input",
      train("lines.csv", "--categorical", "load"),
      2,
      /--categorical: expected some of --inputs, got "load"/,
    ],
    [
      "nothing left to learn from",
      train("lines.csv", "--holdout", "0.999"),
      2,
      /--holdout: expected a group at least to learn from and one held out, got 0.999/,
    ],
    [
      "a group held out twice",
      train("lines.csv", "--holdout", "site 1", "site 1"),
      2,
      /--holdout: expected every group once, got "site 1"/,
    ],
    [
      "one group",
      train("new.csv"),
      1,
      /new.csv: expected at least 2 groups in column "site", got 1/,
    ],
    [
      "unknown held-out group",
      train("lines.csv", "--holdout", "site 99"),
      2,
      /--holdout: expected .*, got "site 99"/,
    ],
    [
      "nowhere to write",
      ["train", "lines.csv", ...quick, "--out", "no/such/place"],
      2,
      /--out: expected a file that can be written, got no\/such\/place/,
    ],
    [
      "a pipe to write to",
      train("lines.csv", "--out", "pipe"),
      2,
      /--out: expected a file that can be written, got pipe \(not a regular file\)/,
    ],
    [
      "the table as model",
      train("lines.csv", "--out", "./lines.csv"),
      2,
      /--out: expected a file of its own/,
    ],
    [
      "the model as report",
      train("lines.csv", "--report", "no"),
      2,
      /--report: expected a file of its own/,
    ],
    [
      "the model to adapt as result",
      ["adapt", "model.safetensors", "new.csv", "--out", "model.safetensors"],
      2,
      /--out: expected a file of its own/,
    ],
    [
      "the query as result",
      [
        "predict",
        "model.safetensors",
        "--support",
        "new.csv",
        "--query",
        "new.csv",
        "--out",
        "new.csv",
      ],
      2,
      /--out: expected a file of its own/,
    ],
    [
      "a table's option for sinusoids",
      ["train", "sinusoids", "--drop-small"],
      2,
      /--drop-small: expected only with a table/,
    ],
    [
      "groups of sine waves",
      ["evaluate", "model.safetensors", "sinusoids", "--groups", "a"],
      2,
      /--groups: expected only with a table or images, got it with sinusoids/,
    ],
    ["another encoding", train("latin.csv"), 1, /latin.csv: expected text in UTF-8, got /],
    [
      "a table without the model's column",
      ["evaluate", "model.safetensors", "other.csv"],
      1,
      /other.csv: expected a column "day", got "site", "load"/,
    ],
    [
      "too few rows to judge",
      ["evaluate", "model.safetensors", "lines.csv", "--shots", "6"],
      1,
      /lines.csv: --shots: expected at least 7 rows in group "site \d+", got 6/,
    ],
    [
      "no such file",
      train("none.csv"),
      1,
      /none.csv: expected a file or folder that can be read, got ENOENT/,
    ],
    [
      "a number that is none",
      train("nan.csv"),
      1,
      /nan.csv: .*expected a number in column "load", row 1, got "NaN"/,
    ],
    ["text among numbers", train("text.csv"), 1, /text.csv: .*column "load", row 1, got "high"/],
    ["a short row", train("ragged.csv"), 1, /ragged.csv: expected CSV, got: .*line 3/],
    ["an open quote", train("quote.csv"), 1, /quote.csv: expected CSV, got: /],
    [
      "an empty file",
      train("empty.csv"),
      1,
      /empty.csv: expected a header line, got an empty file/,
    ],
    [
      "a header alone",
      train("header.csv"),
      1,
      /header.csv: expected rows below the header, got none/,
    ],
    [
      "a column twice",
      train("twice.csv"),
      1,
      /twice.csv: .*expected different column names, got "day"/,
    ],
    [
      "a group of few rows",
      train("few.csv"),
      1,
      /few.csv: .*at least 3 rows in group "lonely", got 2; --drop-small/,
    ],
    [
      "a column without spread",
      train("flat.csv"),
      1,
      /flat.csv: .*different values in column "day", got 7/,
    ],
    ["too large a model", train("lines.csv", "--hidden", "60000,60000"), 2, /expected .*, got /],
    ["a truncated model", use("cut.safetensors"), 1, /cut.safetensors: .*expected .*, got /],
    ["a foreign file", use("foreign.safetensors"), 1, /foreign.safetensors: .*expected .*, got /],
    ["a hostile header", use("hostile.safetensors"), 1, /hostile.safetensors: .*expected .*, got /],
    [
      "predict without support",
      ["predict", "model.safetensors", "--query", "new.csv"],
      2,
      /--support: expected rows to adapt on/,
    ],
    [
      "adapt to several groups",
      ["adapt", "model.safetensors", "lines.csv", "--out", "no"],
      2,
      /expected rows of one group, or --only <group>, got "site 0"/,
    ],
    [
      "another group's rows",
      ["predict", "model.safetensors", "--support", "new.csv", "--query", "lines.csv"],
      1,
      /expected groups that were adapted to \("site 40"\), got "site 0"/,
    ],
    [
      "resume with other settings",
      ["train", "lines.csv", "--resume", "model.safetensors", "--steps", "9"],
      2,
      /--steps: expected 60 as in model.safetensors, got 9/,
    ],
    [
      "resume with another norm",
      ["train", "lines.csv", "--resume", "model.safetensors", "--norm", "batch"],
      2,
      /--norm: expected none as in model.safetensors, got batch/,
    ],
    [
      "resume with another choice of groups",
      ["train", "lines.csv", "--resume", "model.safetensors", "--holdout", "0.5"],
      2,
      /--holdout: expected nothing beside --resume, got 0.5/,
    ],
    [
      "resume with other data",
      ["train", "few.csv", "--resume", "model.safetensors"],
      1,
      /few.csv: expected the table that model.safetensors was trained on/,
    ],
    [
      "resume without the optimizer's state",
      ["train", "lines.csv", "--resume", "slim.safetensors"],
      1,
      /slim.safetensors: expected a checkpoint with its optimizer's state, got one without/,
    ],
  ];

  test.concurrent.each(cases)("%s", async (_, words, code, message) => {
    const before = readdirSync(folder);
    const result = await rvml(...words);
    expect(result.err).toMatch(message);
    expect(result.err).toMatch(/^rvml: .+\n$/);
    expect(result).toMatchObject({ code, out: "" });
    expect(readdirSync(folder)).toEqual(before);
  });

  test("nothing half-written is left, of all that went wrong above", () => {
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
