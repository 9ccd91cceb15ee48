import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = new URL("../examples/worker/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");
const readme = read("README.md");
const [, posted, answered] = /^curl -d '(.*)' \S+\n# (.*)$/m.exec(readme)!;

/** The worker's answers to what is posted, by an edge worker's rules. */
function answersTo(bodies: readonly string[]): { status: number; body: string }[] {
  const program = `
    import worker from ${JSON.stringify(new URL("worker.js", folder).href)};
    const answers = [];
    for (const body of ${JSON.stringify(bodies)}) {
      const response = await worker.fetch(new Request("http://worker/", { method: "POST", body }));
      answers.push({ status: response.status, body: await response.text() });
    }
    console.log(JSON.stringify(answers));
  `;
  const edge = new URL("stand-ins/edge.js", import.meta.url).href;
  const flags = ["--conditions=workerd", "--import", edge, "--input-type=module", "-e", program];
  return JSON.parse(execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" }));
}

describe("examples/worker", () => {
  test("answers the README's request as it says", () => {
    expect(answersTo([posted])).toEqual([{ status: 200, body: answered }]);
  });

  const noInputs = "adapt: expected array support.inputs, got undefined";
  const refused: [body: string, status: number, error: string | RegExp][] = [
    ["{", 400, /JSON/],
    ["null", 400, noInputs],
    ["{}", 400, noInputs],
    [`{ "support": 3, "inputs": [1] }`, 400, noInputs],
    [
      `{ "support": { "inputs": [1, 2], "targets": [1] }, "inputs": [1] }`,
      400,
      "adapt: expected support.targets.length 2 (2 rows of 1), got 1",
    ],
    [
      `{ "support": { "inputs": [1], "targets": [1] } }`,
      400,
      "predict: expected array inputs, got undefined",
    ],
    // Not 200 with null for NaN.
    [`{ "support": { "inputs": [3e38], "targets": [3e38] }, "inputs": [1] }`, 422, /diverge/],
  ];

  test("refuses what it cannot learn from, in the library's words", () => {
    const answers = answersTo(refused.map(([body]) => body));
    const found = answers.map(({ status, body }) => [status, JSON.parse(body).error]);
    const expected = refused.map(([, status, error]) => [
      status,
      typeof error === "string" ? error : expect.stringMatching(error),
    ]);
    expect(found).toEqual(expected);
    expect(readme).toContain(`{ "error": "${noInputs}" }`);
  });

  test("wrangler's settings name the worker, and a rule for each file that it imports", () => {
    const settings = ts.parseConfigFileTextToJson("wrangler.jsonc", read("wrangler.jsonc")).config;
    expect(settings.compatibility_date).toMatch(/^20\d\d-\d\d-\d\d$/);
    const files = [...read(settings.main).matchAll(/from "\.\/(.+)"/g)].map(([, name]) => name);
    expect(files).toEqual(["model.safetensors"]);
    for (const name of files) {
      expect(existsSync(new URL(name, folder)), name).toBe(true);
      const rule = { type: "Data", globs: [`**/*.${name.split(".").at(-1)}`], fallthrough: true };
      expect(settings.rules).toContainEqual(rule);
    }
  });

  test("the README's links are there", () => {
    for (const [, target] of readme.matchAll(/\]\(([^)#]+)[^)]*\)/g))
      expect(existsSync(new URL(target, folder)), target).toBe(true);
    expect(readme).toContain("--config examples/worker/wrangler.jsonc\n");
  });
});
