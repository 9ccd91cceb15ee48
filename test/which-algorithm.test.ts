import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contenders } from "../examples/which-algorithm/algorithms.js";
import { baselines } from "../examples/which-algorithm/baselines.js";
import { digits, markdown, summaries } from "../examples/which-algorithm/report.js";
import { meanAndInterval } from "../examples/which-algorithm/statistics.js";
import { taskSets } from "../examples/which-algorithm/task-sets.js";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const example = here("../examples/which-algorithm/main.js");
const kept = here("../examples/which-algorithm/results.json");

describe("the short form, as a user runs it", () => {
  let folder: string;
  let printed: string;
  const beside = (ending: string) => readFileSync(join(folder, `results.${ending}`), "utf8");
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "rvml-which-"));
    const json = join(folder, "results.json");
    const sets = "sinusoids,gapminder";
    const options = { encoding: "utf8" } as const;
    const words = [example, "--short", "--sets", sets, "--json", json];
    printed = execFileSync(process.execPath, words, options);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("every algorithm that applies, and the baselines, on each set", () => {
    const { sets, claim, seeds } = JSON.parse(beside("json"));
    expect([claim, seeds]).toEqual([false, 2]);
    expect(sets.map((set: { name: string }) => set.name)).toEqual(["sinusoids", "gapminder"]);
    for (const { name, rows } of sets) {
      const set = taskSets(true).find((each) => each.name === name)!;
      const wanted = contenders.filter(({ applies }) => applies(set)).map((each) => each.name);
      const names = rows.map((row: { name: string }) => row.name);
      expect(names).toEqual([...wanted, ...baselines.map((each) => each.name)]);
      for (const { name, errors, seconds, diverged } of rows) {
        expect([name, errors.length, diverged]).toEqual([name, 2, 0]);
        for (const error of errors.flat()) expect(error).toBeGreaterThan(0);
        for (const spent of seconds) expect(spent).toBeGreaterThan(0);
      }
    }
  });

  test("a table, a plot, and no claim", () => {
    expect(printed).toContain(beside("md"));
    expect(beside("md")).toMatch(/^A short run: it claims nothing/);
    for (const { name } of contenders.filter((each) => each.applies(taskSets(true)[1])))
      for (const text of [beside("md"), beside("svg")]) expect(text).toContain(name);
    expect(beside("svg")).toMatch(/^<svg[^>]*xmlns=/);
  });
});

describe("fair play", () => {
  const gapminder = taskSets(true)[1];

  test("what rates are chosen on is the same for every seed, and never tested on", async () => {
    const { tasks } = await gapminder.read();
    const drawn = [1, 2, 3, 4, 5].map((seed) => tasks(seed));
    for (const { names, groups, validation, test } of drawn) {
      const all = [...names!.train, ...names!.validation, ...names!.test];
      expect([all.length, new Set(all).size]).toEqual([62, 62]);
      expect([groups, validation.length, test.length]).toEqual([30, 12, 20]);
      expect(names!.validation).toEqual(drawn[0].names!.validation);
    }
    expect(new Set(drawn.map(({ names }) => names!.test.join())).size).toBe(5);
    expect(tasks(1).test).toEqual(drawn[0].test);
  });

  test("test tasks carry no index: they are not among those with a head of their own", async () => {
    const { test: held } = (await gapminder.read()).tasks(1);
    for (const task of held) expect(task.index).toBeUndefined();
  });
});

describe("figures", () => {
  test("95 % intervals by Student's t", () => {
    // s = 1, n = 3: 4.303/√3.
    const { mean, interval } = meanAndInterval([1, 2, 3]);
    expect(mean).toBe(2);
    expect(interval).toBeCloseTo(2.4843, 3);
    expect(meanAndInterval([5])).toEqual({ mean: 5, interval: null });
  });

  test("three digits, and no exponent", () => {
    const values = [0, 0.01234, 0.5, -1.2345, 23.456, 1234.5];
    expect(values.map(digits)).toEqual(["0.00", "0.012", "0.500", "−1.23", "23.5", "1235"]);
  });

  test("differences from maml are taken seed by seed; the lowest error comes first", () => {
    const row = (name: string, finals: number[], seconds: number[]) => ({
      name,
      errors: finals.map((final) => [9, 5, final]),
      seconds,
      diverged: 0,
    });
    const rows = [row("maml", [1, 11], [2, 1]), row("other", [0, 10], [6, 3]), row("none", [], [])];
    const words = { name: "", title: "", about: "", measure: "" };
    const settings = { sizes: [], metaSteps: 1, metaRate: 1, rates: [], tuningSeeds: 1 };
    const [best, maml, ...rest] = summaries({ ...words, ...settings, rows });
    expect(rest).toEqual([]);
    expect(maml).toMatchObject({ name: "maml", overMaml: undefined, timesMaml: 1 });
    expect(best).toMatchObject({ name: "other", final: { mean: 5 }, timesMaml: 3, seconds: 3 });
    expect(best.overMaml).toEqual({ mean: -1, interval: 0 });
  });

  test("least squares is exact on a line, and flat through one point", () => {
    const { predict } = baselines.find(({ name }) => name === "least squares")!;
    const support = { inputs: [1, 2, 4], targets: [5, 7, 11], rows: 3 };
    expect(predict(support, [0, 10])).toEqual([3, 23]);
    expect(predict({ inputs: [1], targets: [5], rows: 1 }, [0, 10])).toEqual([5, 5]);
  });
});

describe("the results that are kept", () => {
  const results = () => JSON.parse(readFileSync(kept, "utf8"));

  test("table and guide say what the figures say", () => {
    const table = readFileSync(kept.replace(/json$/, "md"), "utf8");
    expect(table).toBe(markdown(results()));
    const guide = readFileSync(here("../docs/which-algorithm.md"), "utf8");
    for (const line of table.split("\n")) expect(guide).toContain(line);
  });

  test("claim something", () => {
    expect(results().claim).toBe(true);
    expect(results().seeds).toBeGreaterThanOrEqual(5);
  });
});
