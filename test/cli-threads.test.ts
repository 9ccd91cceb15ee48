import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { file, rvml } from "./cli-run.ts";

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

test.each(["0", "two", "1.5"])("--threads %s is refused", async (threads) => {
  const { code, err } = await train("none.safetensors", "--threads", threads);
  expect(code).toBe(2);
  expect(err).toContain(`expected a whole number ≥ 1`);
});
