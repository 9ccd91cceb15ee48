import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const main = new URL("../dist/src/cli/main.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "rvml-cli-"));
const file = (name: string) => join(folder, name);

interface Result {
  readonly code: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

function rvml(...words: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { cwd: folder }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    );
  });
}

/** Lines of their own height and slope: what a new group's two rows do settle, and a pooled model cannot. */
function lines(groups: number, from = 0): string {
  const rows = ["site,day,load"];
  for (let g = from; g < from + groups; g++)
    for (let x = 0; x < 6; x++) {
      const [height, slope] = [((g * 7) % 11) - 5, ((g * 3) % 5) / 4];
      rows.push(`site ${g},${x * 2},${100 + 10 * height + slope * x}`);
    }
  return `${rows.join("\n")}\n`;
}

function interrupted(words: string[]): Promise<{ code: number | null; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...words], { cwd: folder });
    let err = "";
    child.stderr.on("data", (text) => (err += text));
    child.stdout.once("data", () => child.kill("SIGINT"));
    child.on("close", (code) => resolve({ code, err }));
  });
}

const last = ({ out }: Result) => JSON.parse(out.trim().split("\n").at(-1)!);

const columns = ["--group", "site", "--target", "load", "--inputs", "day"];
const small = ["--hidden", "8", "--shots", "2", "--steps", "60", "--meta-batch", "4"];
const quick = [...columns, ...small, "--no-report"];

const train = (data: string, ...more: string[]) => [
  "train",
  data,
  ...quick,
  "--out",
  "no",
  ...more,
];
const use = (model: string) => ["evaluate", model, "lines.csv"];

beforeAll(async () => {
  writeFileSync(file("lines.csv"), lines(16));
  writeFileSync(file("new.csv"), lines(1, 40));
  const { code, err } = await rvml("train", "lines.csv", ...quick, "--out", "model.safetensors");
  expect(err).toBe("");
  expect(code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("train", () => {
  test("a table: model, result table, report", async () => {
    const words = ["--report", "table.html", "--out", "table.safetensors", "--holdout", "0.3"];
    const { code, out, err } = await rvml("train", "lines.csv", ...columns, ...small, ...words);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/16 groups in column "site", 11 to learn from and 5 held out/);
    expect(out).toMatch(/before +1 step +3 steps +5 steps \* +10 steps/);
    for (const name of ["meta-learned (MAML)", "pooled, fine-tuned", "least squares per group"])
      expect(out).toContain(name);
    expect(out).toContain("pooled + mean shift");
    expect(readFileSync(file("table.html"), "utf8")).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  });

  test("the built-in sine waves, as JSON lines", async () => {
    const words = ["--steps", "20", "--json", "--no-report", "--out", "waves.safetensors"];
    const { code, out, err } = await rvml("train", "sinusoids", ...words);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const events = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.filter(({ phase }) => phase === "meta-training")).toHaveLength(20);
    const result = events.at(-1);
    expect(result).toMatchObject({ event: "result", measure: "MSE", steps: [0, 1, 3, 5, 10] });
    expect(result.methods).toHaveLength(5);
    for (const { errors } of result.methods) expect(errors.every(Number.isFinite)).toBe(true);
  });

  test("the same seed gives the same file, another seed another", async () => {
    await rvml("train", "lines.csv", ...quick, "--out", "same.safetensors");
    await rvml("train", "lines.csv", ...quick, "--out", "other.safetensors", "--seed", "2");
    const model = readFileSync(file("model.safetensors"));
    expect(readFileSync(file("same.safetensors")).equals(model)).toBe(true);
    expect(readFileSync(file("other.safetensors")).equals(model)).toBe(false);
  });

  test("held-out groups by name stay out of training", async () => {
    const words = ["--holdout", "site 3", "site 5", "--out", "named.safetensors"];
    await rvml("train", "lines.csv", ...quick, ...words);
    const { out } = await rvml("info", "named.safetensors", "--json");
    expect(JSON.parse(out).source.heldOut).toEqual(["site 3", "site 5"]);
    expect(JSON.parse(out).source.train).toHaveLength(14);
  });
});

describe("using a model", () => {
  test("info says what is in the file", async () => {
    const { code, out } = await rvml("info", "model.safetensors");
    expect(code).toBe(0);
    for (const text of ["lines.csv", "site", "day (mean 5", "load (mean", "60 of 60 steps"])
      expect(out).toContain(text);
  });

  test("evaluate judges by the groups held out, to the same figures as train", async () => {
    const trained = await rvml("train", "lines.csv", ...quick, "--json", "--out", "a.safetensors");
    const judged = await rvml("evaluate", "a.safetensors", "lines.csv", "--json");
    expect(last(judged).errors).toEqual(last(trained).methods[0].errors);
    expect(last(judged).groups).toBe(4);
  });

  test("predict after adapt is predict with --support, in the table's units", async () => {
    const rows = lines(1, 40).trim().split("\n");
    writeFileSync(file("support.csv"), `${rows.slice(0, 4).join("\n")}\n`);
    writeFileSync(file("query.csv"), `${[rows[0], ...rows.slice(4)].join("\n")}\n`);
    await rvml("adapt", "model.safetensors", "support.csv", "--out", "adapted.safetensors");
    const after = await rvml("predict", "adapted.safetensors", "--query", "query.csv");
    const direct = ["--support", "support.csv", "--query", "query.csv"];
    const both = await rvml("predict", "model.safetensors", ...direct);
    expect(both).toEqual({ code: 0, err: "", out: after.out });
    const predicted = both.out
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    expect(predicted[0]).toEqual(["site", "day", "load", "load_predicted"]);
    expect(predicted.slice(1).map((row) => row.slice(0, 3).join(","))).toEqual(rows.slice(4));
    for (const row of predicted.slice(1)) expect(Math.abs(+row[3] - +row[2])).toBeLessThan(30);
  });

  test("predict gives back what needs quotes in quotes, and reads semicolons", async () => {
    writeFileSync(file("odd.csv"), 'note;day\n"a, ""b""";4\n');
    const words = ["--support", "new.csv", "--query", "odd.csv"];
    const { out } = await rvml("predict", "model.safetensors", ...words);
    expect(out).toMatch(/^note,day,load_predicted\n"a, ""b""",4,-?[\d.]+\n$/);
  });

  test("predict takes each row by its group, and writes a file whole", async () => {
    writeFileSync(file("two.csv"), lines(2, 50));
    const words = ["--support", "two.csv", "--query", "two.csv", "--out", "out.csv"];
    const { code, out } = await rvml("predict", "model.safetensors", ...words);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    const rows = readFileSync(file("out.csv"), "utf8").trim().split("\n");
    expect(rows).toHaveLength(13);
    expect(rows[1].split(",")[3]).not.toBe(rows[7].split(",")[3]);
  });
});

describe("Ctrl-C", () => {
  test("leaves a checkpoint that goes on to the same bits", async () => {
    const words = ["train", "lines.csv", ...columns, ...small, "--no-report", "--json"];
    const long = [...words, "--steps", "6000"];
    const whole = rvml(...long, "--out", "whole.safetensors");
    const { code, err } = await interrupted([...long, "--out", "part.safetensors"]);
    expect(code).toBe(130);
    expect(err).toMatch(
      /^rvml: stopped at step \d+ of 6000; the state is in part.safetensors; go on with: rvml train lines.csv --resume part.safetensors\n$/,
    );
    const resumed = await rvml("train", "lines.csv", "--resume", "part.safetensors", "--no-report");
    expect({ code: resumed.code, err: resumed.err }).toEqual({ code: 0, err: "" });
    await whole;
    const [a, b] = ["part", "whole"].map((name) => readFileSync(file(`${name}.safetensors`)));
    expect(a.equals(b)).toBe(true);
  });
});

test("diverging training keeps the last good state and says the step", async () => {
  const wild = ["--activation", "relu", "--meta-rate", "2", "--steps", "50"];
  const words = ["train", "lines.csv", ...quick, ...wild, "--out", "wild.safetensors"];
  const { code, err } = await rvml(...words);
  expect(code).toBe(1);
  const [, failed, kept] = err.match(/at meta-step (\d+); .* of step (\d+), is in wild.saf/) ?? [];
  expect(Number(kept)).toBeLessThan(Number(failed));
  const { out } = await rvml("info", "wild.safetensors", "--json");
  expect(JSON.parse(out).step).toBe(Number(kept));
});

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
    "few.csv": `${lines(16)}lonely,1,2\nlonely,2,3\n`,
    "flat.csv": lines(16).replace(/,\d+,/g, ",7,"),
    "foreign.safetensors": "not a model at all, but long enough to be read as one",
    "hostile.safetensors": header,
  };
  beforeAll(() => {
    for (const [name, content] of Object.entries(odd)) writeFileSync(file(name), content);
    const model = readFileSync(file("model.safetensors"));
    writeFileSync(file("cut.safetensors"), model.subarray(0, model.length - 40));
  });

  const cases: [what: string, words: string[], code: 1 | 2, message: RegExp][] = [
    ["no command", ["fly"], 2, /unknown command 'fly'/],
    ["unknown option", train("lines.csv", "--setps", "3"), 2, /unknown option '--setps' .*--steps/],
    [
      "steps no number",
      train("lines.csv", "--steps", "x"),
      2,
      /expected a whole number ≥ 1, got "x"/,
    ],
    [
      "rate not positive",
      train("lines.csv", "--inner-rate", "0"),
      2,
      /expected a number > 0, got "0"/,
    ],
    [
      "unknown activation",
      train("lines.csv", "--activation", "cube"),
      2,
      /expected relu or .*, got "cube"/,
    ],
    ["no group", ["train", "lines.csv"], 2, /--group: expected .*, got none/],
    [
      "unknown column",
      train("lines.csv", "--inputs", "dya"),
      2,
      /--inputs: expected a column of lines.csv \("site", "day", "load"\), got "dya"/,
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
      "no such file",
      train("none.csv"),
      1,
      /none.csv: expected a file that can be read, got ENOENT/,
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
      /few.csv: .*at least 3 rows in group "lonely", got 2/,
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
      "resume with other data",
      ["train", "few.csv", "--resume", "model.safetensors"],
      1,
      /few.csv: expected the table that model.safetensors was trained on/,
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
