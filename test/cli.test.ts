import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  columns,
  file,
  folder,
  lines,
  main,
  makeModel,
  quick,
  type Result,
  rvml,
  small,
} from "./cli-run.ts";

/** Ctrl-C as soon as something is on stdout, twice: npx passes on what the terminal has sent already. Or another signal. */
function interrupted(
  words: string[],
  ending: NodeJS.Signals = "SIGINT",
): Promise<{ code: number | null; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...words], { cwd: folder });
    let err = "";
    child.stderr.on("data", (text) => (err += text));
    child.stdout.once("data", () => {
      child.kill(ending);
      setTimeout(() => child.kill(ending), 5);
    });
    // Shells count both as 130: the second may come when Node has given up its handlers and is on its way out.
    child.on("close", (code, signal) => resolve({ code: signal === ending ? 130 : code, err }));
  });
}

const last = ({ out }: Result) => JSON.parse(out.trim().split("\n").at(-1)!);

beforeAll(makeModel);

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

test.each(["SIGTERM", "SIGHUP"] as const)("%s leaves a checkpoint, too", async (ending) => {
  const words = ["train", "lines.csv", ...columns, ...small, "--no-report", "--json"];
  const out = `${ending}.safetensors`;
  const { code, err } = await interrupted([...words, "--steps", "200000", "--out", out], ending);
  expect(code).toBe(130);
  expect(err).toContain(`the state is in ${out}`);
  const { step } = JSON.parse((await rvml("info", out, "--json")).out);
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThan(200_000);
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

test("a reader that closes the pipe early does not cost the model", async () => {
  const words = ["train", "lines.csv", ...quick, "--json", "--out", "piped.safetensors"];
  const child = spawn(process.execPath, [main, ...words], { cwd: folder });
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(0);
  const model = readFileSync(file("model.safetensors"));
  expect(readFileSync(file("piped.safetensors")).equals(model)).toBe(true);
});

test("nor does a terminal that is closed, and takes nothing any more", async () => {
  const closed = `data:text/javascript,${encodeURIComponent(`
    const { stdout } = process;
    stdout.write = () => {
      process.nextTick(() => stdout.emit("error", Object.assign(new Error("EIO"), { code: "EIO" })));
      return false;
    };
  `)}`;
  const words = ["train", "lines.csv", ...quick, "--json", "--out", "closed.safetensors"];
  const child = spawn(process.execPath, ["--import", closed, main, ...words], { cwd: folder });
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  const model = readFileSync(file("model.safetensors"));
  expect(readFileSync(file("closed.safetensors")).equals(model)).toBe(true);
});

test("batch norm says that predictions are transductive", async () => {
  const words = ["train", "lines.csv", ...quick, "--norm", "batch", "--out", "batch.safetensors"];
  const said = /prediction depends on the rows predicted together/;
  expect((await rvml(...words)).out).toMatch(said);
  expect((await rvml("info", "batch.safetensors")).out).toMatch(said);
  const query = ["--support", "new.csv", "--query", "new.csv"];
  expect((await rvml("predict", "batch.safetensors", ...query)).err).toMatch(said);
});
