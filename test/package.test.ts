import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bundled, gzipped, programs } from "../bench/downloads.js";

const root = new URL("..", import.meta.url).pathname;
const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

describe("the tarball", () => {
  let files: string[];
  beforeAll(() => {
    const words = ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel", "error"];
    const told = execFileSync("npm", words, { cwd: root, encoding: "utf8" });
    files = JSON.parse(told)[0].files.map(({ path }: { path: string }) => path);
  });

  test("holds the library, its types, its cores, the demo's table, and nothing else", () => {
    const known =
      /^(LICENSE|README\.md|package\.json|dist\/[\w-]+\.js|dist\/types\/(src|assembly)\/[\w/-]+\.d\.ts|dist\/wasm\/(release|relaxed|adapt)\.wasm|build\/release\.d\.ts|examples\/data\/(README\.md|gapminder\.csv))$/;
    expect(files.filter((path) => !known.test(path))).toEqual([]);
    expect(files).toContain("LICENSE");
    expect(files.filter((path) => path.includes("/cli/"))).toEqual([]);
  });

  test("points at no source map", () => {
    const scripts = files.filter((path) => /\.(js|ts)$/.test(path));
    const mapped = scripts.filter((path) =>
      readFileSync(join(root, path), "utf8").includes("sourceMappingURL"),
    );
    expect(mapped).toEqual([]);
  });

  test("has a file for every entry", () => {
    const targets = Object.values(about.exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry as Record<string, string>),
    );
    const paths = [...targets, ...Object.values(about.bin as object)].map((path) =>
      path.replace("./", ""),
    );
    for (const path of paths.filter((each) => !each.includes("*"))) expect(files).toContain(path);
  });
});

describe("what a page downloads, gzipped, with the core", () => {
  // Three are over their `target`: then what they are.
  const most: Record<string, number> = {
    "to load what any algorithm saved": 46_700,
    "every name there is": 56_600,
    "to adapt alone": 25_500,
  };

  test.each(programs)("$what", async ({ what, code, target }) => {
    const bytes = gzipped(await bundled(code));
    expect(bytes).toBeLessThanOrEqual(most[what] ?? target);
    expect(bytes).toBeGreaterThan(15_000); // the larger core alone has more
  });

  test("maml alone: no core, no other algorithm, no data, no command line, nothing of Node's", async () => {
    const code = await bundled(`import { maml } from "rvml"; console.log(maml);`);
    expect(code).toContain("innerLearningRate");
    for (const word of ["reptile", "learnedOptimizer", "implicitMaml", "readOmniglot", "commander"])
      expect(code).not.toContain(word);
    expect(code).not.toMatch(/H4sI|from\s*"node:|import\("node:/);
  });
});
