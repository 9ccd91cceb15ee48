import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeImages, makeProject, ways } from "./docs-data.ts";

const root = new URL("..", import.meta.url).pathname;
const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));

/** What a guide's blocks read, made in the folder that they run in; others run in the package itself. */
const data: Record<string, (folder: string) => void> = {
  "images.md": makeImages,
  "quick-start.md": makeProject,
  "reproducibility.md": makeProject,
  "shipping.md": makeProject,
};

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
    for (const { language } of blocks) expect(["js", "html", "sh"]).toContain(language);
  });

  // In the package itself, so that "rvml" means this build; or where the data are.
  let cwd = root;
  beforeAll(() => {
    if (!data[name]) return;
    cwd = mkdtempSync(join(tmpdir(), "rvml-docs-"));
    data[name](cwd);
  });
  afterAll(() => {
    if (cwd !== root) rmSync(cwd, { recursive: true });
  });

  const scripts = blocks
    .filter(({ language }) => language === "js")
    .map(({ code }, i) => ({ number: i + 1, code, online: /\bdownload\w+\(/.test(code) }));
  /** Blocks whose first line is `// FILE` stay as files for those that come after them. */
  const programOf = (code: string, name: string | undefined): string[] => {
    if (name === undefined) return ["--input-type=module", "-e", code];
    const { flags = [], program } = ways[name] ?? {};
    writeFileSync(join(cwd, name), code);
    if (program) writeFileSync(join(cwd, "program.js"), program);
    return [...flags, program ? "program.js" : name];
  };
  const run = (code: string, name = /^\/\/ ([\w-]+\.js)$/m.exec(code.split("\n")[0])?.[1]) => {
    const output = execFileSync(process.execPath, programOf(code, name), { cwd, encoding: "utf8" });
    expect(output).not.toMatch(/NaN|undefined|Infinity|false/);
    expect(output.length).toBeGreaterThan(name === "page.js" ? 3 : 10);
    if (code.includes("photo.png:")) expect(output).toMatch(/^photo\.png: star, \d+ %$/m);
    for (const [, printed] of code.matchAll(/\/\/ prints (\S+)$/gm))
      expect(output).toContain(printed);
    if (name === "worker.js")
      expect(output).toMatch(/^200 .*\n(400 .*adapt: expected.*\n){2}400 .*JSON/);
  };
  const here = scripts.filter(({ online }) => !online);
  test.skipIf(here.length === 0).each(here)("JavaScript block $number", ({ code }) => run(code));
  const elsewhere = scripts.filter(({ online }) => online);
  if (elsewhere.length > 0)
    test.skip.each(elsewhere)("JavaScript block $number (needs the network)", ({ code }) =>
      run(code),
    );

  const pages = blocks.filter(({ language }) => language === "html").map(({ code }) => code);
  test.skipIf(pages.length === 0).each(pages)("HTML block: its import map, its script", (code) => {
    const [, map, script] = /"importmap">(.*?)<\/script>.*"module">(.*?)<\/script>/s.exec(code)!;
    const { imports } = JSON.parse(map) as { imports: Record<string, string> };
    for (const [, entry] of script.matchAll(/from "([^"]+)"/g))
      expect(imports).toHaveProperty([entry]);
    for (const path of Object.values(imports)) expect(existsSync(join(cwd, path)), path).toBe(true);
    run(script, "page.js");
  });

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
