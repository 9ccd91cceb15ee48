import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { loadLearner } from "../src/index.ts";
import { brief, className, range, writeClasses } from "./cli-images-data.ts";
import { file, type Result, rvml } from "./cli-run.ts";

const last = ({ out }: Result) => JSON.parse(out.trim().split("\n").at(-1)!);

async function fine(...words: string[]): Promise<Result> {
  const done = await rvml(...words);
  expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: "" });
  return done;
}

const lines = ({ out }: Result) => out.trim().split("\n");

let trained: Result;
beforeAll(async () => {
  writeClasses("bars", range(20), 5);
  const words = ["--out", "bars.safetensors", "--no-report", "--json"];
  const heldOut = ["--holdout", ...range(5, 15).map(className)];
  trained = await fine("train", "bars", ...brief, ...heldOut, ...words);
  writeClasses("new", [15, 17, 19], 2);
  writeClasses("ask", [15, 17, 19], 2, { from: 3 });
});

describe("evaluate", () => {
  test("on the folder that it was trained on: the figures of train", async () => {
    const judged = last(await fine("evaluate", "bars.safetensors", "bars", "--json"));
    const { methods, steps, protocols } = last(trained);
    expect(judged).toMatchObject({ classes: 5, tasks: 200, steps, protocols });
    methods[0].accuracies.forEach((share: number, s: number) =>
      expect(judged.accuracies[s]).toBeCloseTo(share, 12),
    );
  });

  test("on another folder, on all of it, after other steps, with other shots", async () => {
    writeClasses("other", range(5), 4, { nameOf: (one) => `shapes/${one}` });
    const words = ["--tasks", "20", "--steps", "0,2", "--shots", "2"];
    const judged = last(await fine("evaluate", "bars.safetensors", "other", ...words, "--json"));
    expect(judged).toMatchObject({ classes: 5, tasks: 20, steps: [0, 2] });
    expect(judged.accuracies[1]).toBeGreaterThan(judged.accuracies[0]);
    const { out } = await fine("evaluate", "bars.safetensors", "other", ...words);
    expect(out).toMatch(/Accuracy \(%\) on 20 tasks of 3 of the 5 classes of other, by steps/);
    expect(out).toMatch(/inductive +[\d.]+ ± [\d.]+ +[\d.]+ ± [\d.]+\n +transductive/);
  });

  test("on classes of given names", async () => {
    const words = ["--groups", ...range(3).map(className), "--tasks", "5"];
    expect(
      last(await fine("evaluate", "bars.safetensors", "bars", ...words, "--json")),
    ).toMatchObject({ classes: 3 });
  });
});

test("compare ranks by accuracy, to the figures of train", async () => {
  const heldOut = ["--holdout", ...range(5, 15).map(className)];
  const words = [
    "--algorithms",
    "maml,prototypical",
    "--report",
    "compare.html",
    "--plot",
    "c.svg",
  ];
  const done = await fine("compare", "bars", ...brief, ...heldOut, ...words, "--json");
  const { entries, measure } = JSON.parse(lines(done)[lines(done).length - 3]);
  expect(measure).toBe("accuracy");
  const shares: number[] = entries.map(({ accuracy }: { accuracy: number }) => accuracy);
  expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  const { methods } = last(trained);
  const maml = entries.find(({ name }: { name: string }) => name === "maml");
  expect(maml.accuracies).toEqual(methods[0].accuracies);
  expect(entries).toHaveLength(2 + 4);
  const page = readFileSync(file("compare.html"), "utf8");
  expect(page).toContain("higher is better");
  expect(page).toContain(`${(100 * shares[0]).toFixed(1)} <i>±`);
  expect(page).not.toMatch(/lower is better|NaN|undefined|logarithmic/);
  expect(readFileSync(file("c.svg"), "utf8")).toContain("accuracy, %");
});

test("info says what the images are, and what was adapted to", async () => {
  const { out } = await fine("info", "bars.safetensors");
  expect(out).toMatch(/^data +bars\nclasses +15 to learn from, 5 held out$/m);
  expect(out).toMatch(/^images +8×8 pixels, grey, inverted$/m);
  expect(out).toMatch(/^network +16 hidden, relu, batch norm by the images adapted on$/m);
});

describe("adapt and predict", () => {
  test("name images as predict --support does, each by itself", async () => {
    const { out } = await fine("adapt", "bars.safetensors", "new", "--out", "adapted.safetensors");
    expect(out).toMatch(/ in adapted.safetensors; it holds these images, too, to normalize by/);
    const all = await fine("predict", "adapted.safetensors", "ask");
    expect(await fine("predict", "bars.safetensors", "--support", "new", "ask")).toEqual(all);
    const [head, ...rest] = lines(all).map((line) => line.split(","));
    expect(head).toEqual(["file", "class", "probability"]);
    const named = rest.map(([path, name]) => [path.split("/").at(-2), name]);
    expect(named.map(([name]) => name)).toEqual([15, 15, 17, 17, 19, 19].map(className));
    expect(named.filter(([actual, name]) => actual === name).length).toBeGreaterThanOrEqual(5);
    for (const [, , probability] of rest) {
      expect(Number(probability)).toBeGreaterThan(1 / 3);
      expect(Number(probability)).toBeLessThanOrEqual(1);
    }
    const one = `ask/${className(17)}/4.png`;
    const alone = await fine("predict", "adapted.safetensors", one);
    expect(lines(alone)[1]).toBe(lines(all).find((line) => line.startsWith(one)));
    expect((await fine("info", "adapted.safetensors")).out).toMatch(
      /^adapted +to 6 images of bars & p, bars & r, bars & t \(new\), 1 step$/m,
    );
  });

  test.each([
    ["layer norm", ["--norm", "layer"]],
    ["batch norm", ["--norm", "batch"]],
    ["a context that adapts", ["--algorithm", "cavia", "--norm", "none"]],
  ])("%s: no image is kept, and none is needed", async (_, words) => {
    const few = [...brief, ...words, "--steps", "20", "--no-report", "--out", "few.safetensors"];
    await fine("train", "bars", ...few);
    const { out } = await fine("adapt", "few.safetensors", "new", "--out", "few-new.safetensors");
    expect(out).toMatch(/^Adapted to 6 images .+ The adapted model is in few-new.safetensors.\n$/);
    const { adapted } = last(await fine("info", "few-new.safetensors", "--json"));
    expect(Object.keys(adapted)).toEqual(["group", "rows", "steps", "classes"]);
    const before = await rvml("predict", "few-new.safetensors", "ask");
    expect(before.code).toBe(0);
    expect(lines(before)).toHaveLength(7);
    expect(await rvml("predict", "few.safetensors", "--support", "new", "ask")).toEqual(before);
  });

  test("folders without images are passed over where others have some", async () => {
    const words = ["predict", "bars.safetensors", "--support", "new", "some"];
    writeClasses("some/deep", [15], 1);
    const without = await fine(...words);
    mkdirSync(file("some/empty/er"), { recursive: true });
    expect(lines(without)).toHaveLength(2);
    expect(await fine(...words)).toEqual(without);
  });

  test("write a file; more steps change what it says", async () => {
    const words = ["predict", "bars.safetensors", "ask", "--support", "new", "--out"];
    expect((await fine(...words, "one.csv")).out).toBe("");
    await fine(...words, "ten.csv", "--steps", "10");
    const [one, ten] = ["one.csv", "ten.csv"].map((name) => readFileSync(file(name), "utf8"));
    expect(one.split("\n")).toHaveLength(8);
    expect(ten).not.toBe(one);
  });
});

test("batch norm by the images judged together says so; conv4, color", async () => {
  writeClasses("color", range(8), 3, { color: true });
  const words = ["--ways", "2", "--query-shots", "1", "--channels", "3", "--size", "8"];
  const few = ["--filters", "2", "--steps", "4", "--meta-batch", "2", "--norm", "batch"];
  const out = ["--out", "color.safetensors", "--report", "color.html"];
  const said = /depends on the images that are judged together/;
  expect((await fine("train", "color", ...words, ...few, ...out)).out).toMatch(said);
  const [, text] = /src="data:image\/png;base64,([^"]+)"/.exec(
    readFileSync(file("color.html"), "utf8"),
  )!;
  expect(Buffer.from(text, "base64")[25]).toBe(2); // PNG's color type: red, green, blue
  writeClasses("pair", [0, 1], 1, { color: true });
  const asked = await rvml("predict", "color.safetensors", "--support", "pair", "color");
  expect(asked.code).toBe(0);
  expect(asked.err).toMatch(said);
  expect(lines(asked)).toHaveLength(25);
  expect((await fine("info", "color.safetensors")).out).toMatch(said);
});

test("a model whose note on what it was adapted to is odd is refused", async () => {
  await fine("adapt", "bars.safetensors", "new", "--out", "odd.safetensors");
  const bytes = readFileSync(file("odd.safetensors"), "latin1");
  writeFileSync(file("odd.safetensors"), bytes.replace('\\"rows\\":6', '\\"rows\\":7'), "latin1");
  const { code, err } = await rvml("predict", "odd.safetensors", "ask");
  expect(code).toBe(1);
  expect(err).toBe("rvml: odd.safetensors: expected the 7 images adapted on, got 384 bytes\n");
});

test.each(["constructor", "toString", "video"])(
  'a model of data of the kind "%s" is refused',
  async (kind) => {
    const learner = await loadLearner(readFileSync(file("bars.safetensors")));
    const saved = JSON.parse(learner.metadata["rvml.cli"]);
    const text = JSON.stringify({ ...saved, source: { ...saved.source, kind } });
    const metadata = { "rvml.cli": text };
    writeFileSync(file(`${kind}.safetensors`), learner.save({ metadata }));
    const { code, err } = await rvml("info", `${kind}.safetensors`);
    expect(code).toBe(1);
    expect(err).toMatch(/: expected "rvml.cli" of version 1 in its metadata, got {"version":1/);
  },
);
