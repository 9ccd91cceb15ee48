import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { file, folder, main, rvml } from "./cli-run.ts";

const train = (out: string, ...words: string[]) =>
  rvml(
    "train",
    "sinusoids",
    "--no-report",
    "--out",
    out,
    "--steps",
    "40",
    "--hidden",
    "30",
    ...words,
  );

test("train: the same model with any number of threads", async () => {
  const models: Buffer[] = [];
  for (const threads of ["1", "3", "auto"]) {
    const { code, err } = await train(`${threads}.safetensors`, "--threads", threads);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    models.push(readFileSync(file(`${threads}.safetensors`)));
  }
  expect(models[1].equals(models[0])).toBe(true);
  expect(models[2].equals(models[0])).toBe(true);
});

/** Prints how many workers were started. */
const counting = `data:text/javascript,${encodeURIComponent(`
  import { isMainThread } from "node:worker_threads";
  let workers = 0;
  process.on("worker", () => workers++);
  if (isMainThread) process.on("exit", () => console.error(workers + " workers"));
`)}`;

test.each([
  // This one computes, too.
  ["--steps 3 --meta-batch 4 --threads 1000", 3],
  // Long enough for `auto` to start some.
  ["--steps 30000 --meta-batch 1 --threads auto", 0],
])("no more threads than a meta-step has tasks: %s", async (options, workers) => {
  const words = `train sinusoids --no-report --out many.safetensors ${options}`.split(" ");
  const args = ["--import", counting, main, ...words];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder });
  expect(stderr).toBe(`${workers} workers\n`);
});

test.each(["0", "two", "1.5"])("--threads %s is refused", async (threads) => {
  const { code, err } = await train("none.safetensors", "--threads", threads);
  expect(code).toBe(2);
  expect(err).toContain(`expected a whole number ≥ 1`);
});
