import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));

/** A guide's blocks of code: their language and what is in them. */
const blocksOf = (text: string) =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
    language,
    code,
  }));

describe.each(guides)("docs/%s", (name) => {
  const text = readFileSync(join(root, "docs", name), "utf8");
  const blocks = blocksOf(text);

  test("every block of code is one that runs", () => {
    for (const { language } of blocks) expect(["js", "sh"]).toContain(language);
  });

  const scripts = blocks.filter(({ language }) => language === "js");
  test.skipIf(scripts.length === 0).each(scripts.map(({ code }, i) => [i + 1, code]))(
    "JavaScript block %i",
    (_, code) => {
      // In the package itself, so that "rvml" means this build.
      const words = ["--input-type=module", "-e", String(code)];
      const output = execFileSync(process.execPath, words, { cwd: root, encoding: "utf8" });
      expect(output).not.toMatch(/NaN|undefined|Infinity/);
      expect(output.length).toBeGreaterThan(10);
    },
  );

  test("commands are scripts of the package", () => {
    const known = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;
    const lines = blocks.filter(({ language }) => language === "sh").flatMap(({ code }) => code);
    for (const [, script] of lines.join("\n").matchAll(/^npm run ([\w:]+)/gm))
      expect(known).toHaveProperty([script]);
  });

  test("what it links to is there", () => {
    for (const [, target] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g))
      if (!/^https?:/.test(target))
        expect(existsSync(join(root, "docs", dirname(name), target)), target).toBe(true);
  });
});
