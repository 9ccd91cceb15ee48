/** A model that was adapted is done with adapting; and what `info` tells of it. */
import { writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { brief, range, writeClasses } from "./cli-images-data.ts";
import { file, lines, makeModel, rvml } from "./cli-run.ts";

beforeAll(async () => {
  await makeModel();
  writeFileSync(file("one.csv"), lines(1));
  writeClasses("all", range(8), 4);
  writeClasses("three", range(3), 1);
  const runs = [
    ["adapt", "model.safetensors", "one.csv", "--out", "rows.safetensors"],
    [
      "train",
      "all",
      ...brief,
      "--norm",
      "support",
      "--steps",
      "5",
      "--no-report",
      "--out",
      "all.safetensors",
    ],
    ["adapt", "all.safetensors", "three", "--out", "images.safetensors"],
  ];
  for (const words of runs) {
    const { code, err } = await rvml(...words);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  }
});

const asked = { rows: ["--query", "one.csv"], images: ["three"] };
const given = { rows: "one.csv", images: "three" };

test.each(["rows", "images"] as const)("%s: adapted once", async (kind) => {
  const words = ["predict", `${kind}.safetensors`, ...asked[kind]];
  expect((await rvml(...words)).code).toBe(0);
  const again = await rvml(...words, "--support", given[kind]);
  expect(again.code).toBe(1);
  expect(again.err).toBe(
    `rvml: ${kind}.safetensors: expected a model from rvml train, got one from rvml adapt\n`,
  );
  const steps = await rvml(...words, "--steps", "3");
  expect(steps.code).toBe(2);
  expect(steps.err).toContain("--steps: expected only with --support, got 3");
});

test("info tells of the images adapted on, and does not print them", async () => {
  const { out } = await rvml("info", "images.safetensors", "--json");
  const { adapted } = JSON.parse(out);
  expect(adapted.rows).toBe(3);
  expect(adapted.support).toBeUndefined();
});

test("one row and one step are told in the singular", async () => {
  writeFileSync(file("row.csv"), lines(1).split("\n").slice(0, 2).join("\n"));
  const words = ["row.csv", "--steps", "1", "--out", "row.safetensors"];
  const { out } = await rvml("adapt", "model.safetensors", ...words);
  expect(out).toMatch(/^Adapted to 1 row of site "site 0" in 1 step\. /);
  expect((await rvml("info", "row.safetensors")).out).toMatch(/ to 1 row of "site 0", 1 step$/m);
});
