import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Entry, spread } from "../src/cli/comparison.ts";
import { columns, file, folder, lines, main, quick, type Result, rvml, small } from "./cli-run.ts";

const table = ["compare", "lines.csv", ...columns, ...small];
const waves = ["--steps", "30", "--hidden", "8", "--meta-batch", "4"];
const three = ["--algorithms", "maml,anil,metaSgd"];

const last = ({ out }: Result) => JSON.parse(out.trim().split("\n").at(-1)!);
const entries = (result: Result): Entry[] => last(result).entries;
const named = (result: Result, name: string) => entries(result).find((one) => one.name === name)!;
/** Without what differs from run to run. */
const figures = (result: Result) => entries(result).map((entry) => ({ ...entry, seconds: 0 }));

async function fine(...words: string[]): Promise<Result> {
  const done = await rvml(...words);
  expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: "" });
  return done;
}

/** Those and no other run. */
let one: Result;
let two: Result;
let both: Result;
beforeAll(async () => {
  writeFileSync(file("lines.csv"), lines(16));
  const words = [...table, ...three, "--no-report", "--json"];
  [one, two, both] = await Promise.all([
    fine(...words),
    fine(...words, "--seed", "2"),
    fine(...words, "--seeds", "2"),
  ]);
});

describe("a comparison", () => {
  test("ranks every algorithm and every baseline", () => {
    const names = entries(one).map(({ name }) => name);
    expect(names.toSorted()).toEqual([
      "anil",
      "least squares per group",
      "maml",
      "metaSgd",
      "pooled + mean shift",
      "pooled model",
      "pooled, fine-tuned",
    ]);
    const errors = entries(one).map(({ error }) => error);
    expect(errors).toEqual(errors.toSorted((a, b) => a - b));
    expect(last(one)).toMatchObject({ measure: "RMSE", groups: 4, seeds: [1], failed: [] });
    expect(last(one).steps).toEqual([0, 1, 3, 5, 10]);
  });

  test("gives each the figures that train gives it", async () => {
    const words = ["--algorithm", "metaSgd", "--json", "--out", "sgd.safetensors"];
    const { methods, steps } = last(await fine("train", "lines.csv", ...quick, ...words));
    const entry = named(one, "metaSgd");
    expect(entry.errors).toEqual(methods[0].errors);
    expect(entry.intervals).toEqual(methods[0].intervals);
    expect(entry.error).toBe(methods[0].errors[steps.indexOf(5)]);
    // 1-8-1: 25 numbers, and a rate for each.
    expect(entry).toMatchObject({ innerSteps: 5, metaParameters: 50, baseline: false });
    expect(entry.seconds).toBeGreaterThan(0);
    for (const { name, errors } of methods.slice(1))
      expect(named(one, name)).toMatchObject({ errors, baseline: true });
  });

  test("over two seeds: their mean, with Student's interval", () => {
    for (const entry of entries(both)) {
      const pair = [named(one, entry.name), named(two, entry.name)];
      const { mean, half } = spread(pair.map(({ error }) => error));
      expect(entry.error).toBe(mean);
      expect(entry.interval).toBe(half);
      expect(entry.pairs).toEqual(pair.map(({ error }) => error));
      entry.errors.forEach((error, s) =>
        expect(error).toBe((pair[0].errors[s] + pair[1].errors[s]) / 2),
      );
    }
    expect(last(both).seeds).toEqual([1, 2]);
  });

  test("the same seed gives the same figures", async () => {
    const again = await fine(...table, ...three, "--no-report", "--json");
    expect(figures(again)).toEqual(figures(one));
  });

  test("an option goes to the algorithms that have it", async () => {
    const words = ["--algorithms", "maml,pretrain", "--order", "1", "--no-report", "--json"];
    const first = await fine(...table, ...words);
    expect(named(first, "maml").error).not.toBe(named(one, "maml").error);
  });

  test("says so where no algorithm beats a baseline: lines, which least squares finds", async () => {
    const { out } = await fine(...table, "--algorithms", "maml,reptile", "--no-report");
    expect(out).toMatch(/before +1 step +5 steps +error \* +steps +seconds +parameters\n/);
    expect(out).toMatch(/▸ least squares per group ° +– +– +– +0\.00 ± 0\.00 +– +– +–\n/);
    expect(out).toMatch(/\n {4}maml +\d[\d.]* +[\d.]+ +[\d.]+ +[\d.]+ ± [\d.]+ +5 +[\d.]+ +25\n/);
    expect(out).toMatch(
      /No algorithm beats the baselines here: that of the best, (maml|reptile), is far above that of the best baseline \(least squares per group\), a clear difference, pair by pair over the 4 sites\./,
    );
  });

  test("leaves out what diverges, and says why", async () => {
    const words = ["--algorithms", "maml,learnedOptimizer", "--inner-rate", "1e30", "--no-report"];
    const { out } = await fine(...table, ...words);
    expect(out).toMatch(
      /maml has no figures: metaStep: expected .* at meta-step \d+, seed 1; try a lower --inner-rate\.\n/,
    );
    expect(out).toMatch(/learnedOptimizer +\d/);
    expect(out).not.toMatch(/\n {2}. maml /);
  });

  test("of all algorithms, by a network of one layer: without those that need two", async () => {
    const bare = ["compare", "sinusoids", "--hidden", "none", "--steps", "3", "--no-report"];
    const names = entries(await fine(...bare, "--algorithms", "all", "--json")).map(
      ({ name }) => name,
    );
    expect(names).toEqual(expect.arrayContaining(["maml", "anil", "alfa", "reptile"]));
    for (const deep of ["boil", "tNet", "warpGrad"]) {
      expect(names).not.toContain(deep);
      const { code, err } = await rvml(...bare, "--algorithms", `maml,${deep}`);
      expect(code).toBe(2);
      expect(err).toContain(`${deep}: expected a `);
    }
  });
});

describe("sine waves", () => {
  test("by the word and by the option", async () => {
    const words = [...waves, "--algorithms", "maml,cavia", "--no-report", "--json"];
    const [word, option] = await Promise.all([
      fine("compare", "sinusoids", ...words),
      fine("compare", "--sinusoids", ...words),
    ]);
    expect(figures(option)).toEqual(figures(word));
    expect(last(word)).toMatchObject({ measure: "MSE", groups: 200 });
  });

  test("a report and a drawing that stand alone", async () => {
    const words = ["--algorithms", "maml,anil,cavia", "--plot", "ranking.svg"];
    const { out } = await fine(
      "compare",
      "sinusoids",
      ...waves,
      ...words,
      "--report",
      "waves.html",
    );
    expect(out).toContain("The report is in waves.html.\nThe plot is in ranking.svg.\n");
    const html = readFileSync(file("waves.html"), "utf8");
    expect(html).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    expect(html).not.toMatch(/https?:|\/\/[a-z]|<(script|link|img|iframe|object|base)\b|url\(/i);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    const sections = [...html.matchAll(/data-section="([a-z-]+)"/g)].map(([, name]) => name);
    expect(sections).toEqual(["ranking", "steps", "methods", "settings"]);
    expect(html.match(/<svg[^>]* class="marks"/g)).toHaveLength(2);
    const [ranking] = html.match(/<table data-table="ranking">[^]*?<\/table>/)!;
    for (const name of ["maml", "anil", "cavia", "pooled, fine-tuned"])
      expect(ranking).toContain(`</span>${name}</td><td class="mark">`);
    const [, error] = out.match(/▸ .*? (\d[\d.]*) ±/)!;
    expect(html).toContain(`<b>${error}</b>`);

    const svg = readFileSync(file("ranking.svg"), "utf8");
    expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"[^]*<\/svg>\n$/);
    expect(svg).not.toMatch(/var\(|NaN|undefined/);
    expect(svg).toContain("Learning a new sine wave from 10 points");
  });
});

describe("refused", () => {
  const cases: [what: string, words: string[], code: 1 | 2, message: RegExp][] = [
    [
      "no data",
      ["compare", ...three],
      2,
      /data: expected a CSV file, a folder of images or the word sinusoids, got none/,
    ],
    [
      "a table and sinusoids",
      [...table, "--sinusoids"],
      2,
      /--sinusoids: expected without other data, got it with lines.csv/,
    ],
    [
      "no such algorithm",
      [...table, "--algorithms", "maml,mamal"],
      2,
      /--algorithms: expected one of maml, .*, got "mamal"/,
    ],
    [
      "an algorithm twice",
      [...table, "--algorithms", "maml,maml"],
      2,
      /--algorithms: expected every name once, got "maml,maml"/,
    ],
    [
      "an algorithm for classes",
      [...table, "--algorithms", "prototypical"],
      2,
      /--algorithms: expected one that predicts numbers, got prototypical\n/,
    ],
    [
      "an option that none of them has",
      [...table, ...three, "--lambda", "1"],
      2,
      /--lambda: expected only with implicitMaml, got it with maml, anil and metaSgd/,
    ],
    ["no seed", [...table, "--seeds", "0"], 2, /--seeds: expected a whole number ≥ 1, got "0"/],
    [
      "the drawing as report",
      [...table, "--report", "x", "--plot", "./x"],
      2,
      /--plot: expected a file of its own, got .\/x a second time/,
    ],
    [
      "a table's option",
      ["compare", "sinusoids", "--group", "a"],
      2,
      /--group: expected only with a/,
    ],
    [
      "groups without end, before anything is trained",
      ["compare", "sinusoids", "--algorithms", "maml,multiTask"],
      2,
      /--algorithms: expected one that needs no fixed number of groups, got multiTask/,
    ],
    [
      "no such file",
      ["compare", "none.csv", ...columns],
      1,
      /none.csv: expected a file or folder that can/,
    ],
    [
      "all of them diverging",
      [...table, "--algorithms", "maml", "--inner-rate", "1e30"],
      1,
      /no algorithm to compare is left: metaStep: expected .* at meta-step 1, seed 1/,
    ],
  ];

  test.concurrent.each(cases)("%s", async (_, words, code, message) => {
    const result = await rvml(...words, "--json");
    expect(result.err).toMatch(message);
    expect(result.err).toMatch(/^rvml: .+\n$/);
    expect(result.code).toBe(code);
    expect(existsSync(file("report.html"))).toBe(false);
  });
});

test("Ctrl-C leaves nothing half-written", async () => {
  const before = readdirSync(folder);
  const words = [...table, "--steps", "100000", "--report", "never.html", "--plot", "never.svg"];
  const child = spawn(process.execPath, [main, ...words, "--json"], { cwd: folder });
  let err = "";
  child.stderr.on("data", (text) => (err += text));
  child.stdout.once("data", () => child.kill("SIGINT"));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(err).toMatch(
    /^rvml: stopped at step \d+ of 100000 of the maml training; nothing more was written\n$/,
  );
  expect(code).toBe(130);
  expect(readdirSync(folder)).toEqual(before);
});
