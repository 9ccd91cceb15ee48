/** What model files hold, what they may take the place of, and what is not predicted into. */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { loadLearner, standardization, table } from "../src/index.ts";
import { brief, range, writeClasses } from "./cli-images-data.ts";
import { file, lines, makeModel, quick, rvml } from "./cli-run.ts";

const adapt = (model: string, rows: string, out: string) =>
  rvml("adapt", model, rows, "--out", out);

beforeAll(async () => {
  await makeModel();
  writeFileSync(file("one.csv"), lines(1, 40));
  writeClasses("all", range(8), 4);
  writeClasses("three", range(3), 1);
  const words = ["--steps", "5", "--no-report", "--out", "all.safetensors"];
  const runs = [
    adapt("model.safetensors", "one.csv", "rows.safetensors"),
    rvml("train", "all", ...brief, ...words),
  ];
  for (const { code, err } of await Promise.all(runs))
    expect({ code, err }).toEqual({ code: 0, err: "" });
});

test("a model of a table serves a page as docs/shipping.md tells", async () => {
  const learner = await loadLearner(readFileSync(file("model.safetensors")));
  const units = standardization(JSON.parse(learner.metadata.standardization));
  const known = table({ columns: { day: [0, 6, 10], load: [80, 94, 110] } });
  const asked = table({ columns: { day: [4] } });
  const support = {
    inputs: units.encode(known),
    targets: units.encodeTarget(known),
    rows: known.rows,
  };
  const [output] = learner.adapt(support).predict(units.encode(asked));

  writeFileSync(file("known.csv"), "day,load\n0,80\n6,94\n10,110\n");
  writeFileSync(file("asked.csv"), "day\n4\n");
  const words = ["--support", "known.csv", "--query", "asked.csv"];
  const { out } = await rvml("predict", "model.safetensors", ...words);
  expect(out).toBe(`day,load_predicted\n4,${Number(units.unscale(output).toPrecision(7))}\n`);
});

test("the units of a table are in its file once, and info tells them", async () => {
  const { "rvml.cli": own, standardization: units } = (
    await loadLearner(readFileSync(file("model.safetensors")))
  ).metadata;
  expect(JSON.parse(own).source).not.toHaveProperty("standardization");
  const { out } = await rvml("info", "model.safetensors", "--json");
  expect(JSON.parse(out).source.standardization).toEqual(JSON.parse(units));
});

test("a file without its units, or with others, is refused", async () => {
  const learner = await loadLearner(readFileSync(file("model.safetensors")));
  for (const units of [[], [["standardization", "{}"]], [["standardization", "{"]]]) {
    const metadata = { "rvml.cli": learner.metadata["rvml.cli"], ...Object.fromEntries(units) };
    writeFileSync(file("bare.safetensors"), learner.save({ metadata }));
    const { code, err } = await rvml("info", "bare.safetensors");
    expect(code).toBe(1);
    expect(err).toMatch(/^rvml: bare.safetensors: expected "rvml.cli" of version 1 .*\n$/);
  }
});

describe("adapting", () => {
  test.each([
    ["rows", "rows.safetensors", "one.csv"],
    ["images", "images.safetensors", "three"],
  ])(
    "%s: what is adapted does not adapt again, and keeps no optimizer",
    async (kind, out, data) => {
      if (kind === "images") expect((await adapt("all.safetensors", data, out)).code).toBe(0);
      const adapted = await loadLearner(readFileSync(file(out)));
      expect(adapted.step).toBeGreaterThan(0);
      expect(adapted.optimizerStep).toBe(0);
      expect(await adapt(out, data, "again.safetensors")).toEqual({
        code: 1,
        out: "",
        err: `rvml: ${out}: expected a model from rvml train, got one from rvml adapt\n`,
      });
    },
  );
});

describe("what is there already", () => {
  const train = (out: string) => ["train", "lines.csv", ...quick, "--out", out];
  const kept: [string, string | Uint8Array][] = [
    ["table.csv", lines(3)],
    ["short", "a"],
    ["text.safetensors", "\u0008\0\0\0\0\0\0\0{}      and no metadata"],
    ["foreign.safetensors", '\u0018\0\0\0\0\0\0\0{"__metadata__":{"a":""}}'],
    ["cut.safetensors", '\u0018\u0001\0\0\0\0\0\0{"__metadata__":{"rvml":""}}'],
  ];

  test.each(kept)("%s is no model, and stays", async (name, content) => {
    writeFileSync(file(name), content);
    const commands = [train(name), ["adapt", "model.safetensors", "one.csv", "--out", name]];
    for (const words of commands)
      expect(await rvml(...words)).toEqual({
        code: 2,
        out: "",
        err: `rvml: --out: expected a new file or a model to replace, got ${name}\n`,
      });
    expect(readFileSync(file(name), "utf8")).toBe(content);
  });

  test("a model is replaced, as is an empty file", async () => {
    const [old, model] = ["rows", "model"].map((name) => readFileSync(file(`${name}.safetensors`)));
    writeFileSync(file("old.safetensors"), old);
    writeFileSync(file("empty"), "");
    for (const out of ["old.safetensors", "empty"]) {
      expect((await rvml(...train(out))).code).toBe(0);
      expect(readFileSync(file(out)).equals(model)).toBe(true);
    }
  });

  test("what is resumed from is no model", async () => {
    const { code, err } = await rvml("train", "lines.csv", "--resume", "one.csv");
    expect(code).toBe(1);
    expect(err).toMatch(
      /^rvml: one.csv: loadLearner: expected a whole safetensors file, got "\d+ bytes that begin with /,
    );
    expect(readFileSync(file("one.csv"), "utf8")).toBe(lines(1, 40));
  });
});

test("predict does not predict into its own output", async () => {
  const words = ["predict", "rows.safetensors", "--query"];
  expect((await rvml(...words, "one.csv", "--out", "predicted.csv")).code).toBe(0);
  expect(await rvml(...words, "predicted.csv")).toEqual({
    code: 2,
    out: "",
    err: 'rvml: --query: expected no column "load_predicted", which predict writes, got one in predicted.csv\n',
  });
});
