import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The README's blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code);
}

describe("the README's code runs", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "rvml-readme-"));
    const table = join(folder, "data.csv");
    copyFileSync(join(root, "examples/data/gapminder.csv"), table);
    const [header, ...lines] = readFileSync(table, "utf8").trim().split("\n");
    writeFileSync(join(folder, "new.csv"), [header, ...lines.slice(0, 3), ""].join("\n"));
    writeFileSync(join(folder, "rest.csv"), [header, ...lines.slice(3, 11), ""].join("\n"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(blocks("js").map((code, i) => [i + 1, code]))("JavaScript block %i", (_, code) => {
    // In the package itself, so that "rvml" means this build.
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", String(code)], {
      cwd: root,
      encoding: "utf8",
    });
    if (String(code).includes("conv4")) {
      const [, share] = /^kinds never seen, right: ([\d.]+) by/m.exec(output) ?? [];
      return expect(Number(share)).toBeGreaterThan(0.7);
    }
    expect(output).toContain("meta-step 1000: loss");
    expect(output).toMatch(/Float32Array\(2\)/);
    if (String(code).includes("adaptOnline")) expect(output).toMatch(/^row 6\d: another curve$/m);
  });

  test("the two commands are scripts of the package", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(blocks("sh")[0].match(/^npm \w+/gm)).toEqual(["npm start", "npm test"]);
    for (const script of ["start", "test", "prestart", "pretest"])
      expect(scripts).toHaveProperty(script);
  });

  test("the command lines", () => {
    const lines = blocks("sh")[1].trim().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const words = line.replace(/^npx rvml /, "").split(" ");
      if (words[0] === "train") words.push("--steps", "20");
      const output = execFileSync(process.execPath, [join(root, "dist/cli.js"), ...words], {
        cwd: folder,
        encoding: "utf8",
      });
      expect(output.length, line).toBeGreaterThan(50);
    }
  });
});
