import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { brief, className, range, writeClasses } from "./cli-images-data.ts";
import { columns, file, folder, lines, makeModel, rvml } from "./cli-run.ts";

beforeAll(async () => {
  await makeModel();
  writeClasses("bars", range(8), 4);
  writeClasses("few", range(8), 4);
  writeClasses("few", [8], 2);
  writeClasses("four", range(4), 4);
  writeClasses("trio", range(3), 1);
  writeClasses("changed", range(8), 4);
  writeClasses("changed", [3], 1, { from: 9 });
  mkdirSync(file("empty"));
  writeClasses("broken", range(8), 4);
  writeFileSync(file(`broken/${className(2)}/1.png`), "no image");
  writeFileSync(file("loose.png"), "no image");
  symlinkSync("round.png", file("round.png"));
  mkdirSync(file("links"));
  symlinkSync("one.png", file("links/one.png"));
  writeFileSync(file("lines.csv"), lines(16));
  const out = ["--no-report", "--out", "bars.safetensors"];
  const { code, err } = await rvml("train", "bars", ...brief, "--steps", "5", ...out);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const adapted = await rvml("adapt", "bars.safetensors", "trio", "--out", "adapted.safetensors");
  expect(adapted.code).toBe(0);
});

const train = (...words: string[]) => ["train", "bars", ...brief, "--out", "no", ...words];
const of = (data: string, ...words: string[]) => ["train", data, ...brief, "--out", "no", ...words];

const cases: [what: string, words: string[], code: 1 | 2, message: string][] = [
  [
    "a table's option",
    train("--group", "site"),
    2,
    "--group: expected only with a table, got it with images",
  ],
  [
    "an option of images with a table",
    ["train", "lines.csv", ...columns, "--ways", "5", "--out", "no"],
    2,
    "--ways: expected only with images, got it with a table",
  ],
  [
    "an option of images with sinusoids",
    ["train", "sinusoids", "--invert", "--out", "no"],
    2,
    "--invert: expected only with images, got it with sinusoids",
  ],
  [
    "support statistics with a table",
    ["train", "lines.csv", ...columns, "--norm", "support", "--out", "no"],
    2,
    "--norm: expected batch, layer or none without images, got support",
  ],
  ["one way", train("--ways", "1"), 2, '--ways: expected a whole number ≥ 2, got "1"'],
  ["two channels", train("--channels", "2"), 2, '--channels: expected 1 or 3, got "2"'],
  [
    "hidden layers of conv4",
    train("--network", "conv4"),
    2,
    "--hidden: expected only with another --network than conv4, got 16",
  ],
  [
    "filters of mlp",
    train("--filters", "3"),
    2,
    "--filters: expected only with another --network than mlp, got 3",
  ],
  [
    "conv4 without a norm",
    ["train", "bars", "--ways", "3", "--query-shots", "2", "--norm", "none", "--out", "no"],
    2,
    "--norm: expected batch, support or layer with conv4, got none",
  ],
  [
    "too many ways to hold some out",
    train("--ways", "5"),
    2,
    "--ways: expected at most half of the 8 classes of bars, to learn from and to hold out, got 5",
  ],
  [
    "too few held out",
    train("--holdout", "0.2"),
    2,
    "--holdout: expected at least 3 classes (--ways) to learn from and 3 held out, got 6 and 2",
  ],
  [
    "an unknown class to hold out",
    train("--holdout", "nobody"),
    2,
    '--holdout: expected a fraction between 0 and 1 or classes of bars, got "nobody"',
  ],
  [
    "too few images of a class",
    of("few"),
    1,
    `few: expected at least 3 images (--shots 1, --query-shots 2) in class "${className(8)}", got 2; --query-shots takes fewer, --drop-small leaves such classes out`,
  ],
  [
    "no images",
    of("empty"),
    1,
    `empty: imageFolder: expected folders of images in empty, got "none"`,
  ],
  [
    "a file that is no image",
    of("broken"),
    1,
    `broken: imageFolder: expected a PNG or JPEG in ${className(2)}/1.png, got "8 bytes of another kind"`,
  ],
  [
    "an algorithm for a context, and convolutions",
    ["train", "bars", "--ways", "3", "--query-shots", "2", "--algorithm", "cavia", "--out", "no"],
    2,
    "--network: expected mlp with cavia, got conv4",
  ],
  [
    "joint training on labels that change",
    train("--algorithm", "pretrain"),
    2,
    "--algorithm: expected one for classes that are others in each task, got pretrain",
  ],
  [
    "compare joint training",
    ["compare", "bars", ...brief, "--algorithms", "maml,pretrain", "--no-report"],
    2,
    "--algorithms: expected one for classes that are others in each task, got pretrain",
  ],
  [
    "resume with other images",
    ["train", "changed", "--resume", "bars.safetensors"],
    1,
    "changed: expected the images that bars.safetensors was trained on, got others",
  ],
  [
    "resume with a table",
    ["train", "lines.csv", "--resume", "bars.safetensors"],
    2,
    "data: expected images as in bars.safetensors, got lines.csv",
  ],
  [
    "resume with another size",
    ["train", "bars", "--resume", "bars.safetensors", "--size", "9"],
    2,
    "--size: expected 8 as in bars.safetensors, got 9",
  ],
  [
    "a table's model for images",
    ["evaluate", "model.safetensors", "bars"],
    2,
    "model: expected one that was trained on images, got model.safetensors (table)",
  ],
  [
    "a model of images for a table",
    ["evaluate", "bars.safetensors", "lines.csv"],
    2,
    "model: expected one that was trained on a table, got bars.safetensors (images)",
  ],
  [
    "tasks of a table",
    ["evaluate", "model.safetensors", "lines.csv", "--tasks", "3"],
    2,
    "--tasks: expected only with a folder of images, got 3",
  ],
  [
    "too few classes for a task",
    ["evaluate", "bars.safetensors", "bars", "--groups", className(0)],
    1,
    "bars: episodes: expected 2 ≤ ways ≤ 1, got 3",
  ],
  [
    "another number of classes to adapt to",
    ["adapt", "bars.safetensors", "four", "--out", "no"],
    1,
    "four: expected 3 class folders, as in the tasks of bars.safetensors, got 4",
  ],
  [
    "predict without support",
    ["predict", "bars.safetensors", "four"],
    2,
    "--support: expected a folder to adapt on, for bars.safetensors is not adapted, got none",
  ],
  [
    "predict with images and a query",
    ["predict", "bars.safetensors", "four", "--query", "lines.csv"],
    2,
    "--query: expected only with a model of a table (images stand by themselves), got lines.csv",
  ],
  [
    "predict without images",
    ["predict", "bars.safetensors"],
    2,
    "images: expected files or folders to name the class of, got none",
  ],
  [
    "an image that is none",
    ["predict", "bars.safetensors", "--support", "trio", `four/${className(0)}/1.png`, "loose.png"],
    1,
    'imageFiles: expected a PNG or JPEG in loose.png, got "8 bytes of another kind"',
  ],
  [
    "predict images with a table's model",
    ["predict", "model.safetensors", "loose.png", "--query", "lines.csv"],
    2,
    "images: expected only with a model of images, got loose.png",
  ],
  [
    "predict a table without a query",
    ["predict", "model.safetensors"],
    2,
    "--query: expected rows to predict, got none",
  ],
  [
    "an image that is not there",
    ["predict", "bars.safetensors", "none.png"],
    1,
    "none.png: expected a file or folder that can be read, got ENOENT",
  ],
  [
    "a link that leads nowhere",
    ["predict", "adapted.safetensors", "round.png"],
    1,
    "round.png: expected a file or folder that can be read, got ELOOP",
  ],
  [
    "such a link in a folder",
    ["predict", "adapted.safetensors", "links"],
    1,
    "links/one.png: expected a file or folder that can be read, got ELOOP",
  ],
  [
    "a folder without images, beside one that has some",
    ["predict", "adapted.safetensors", "trio", "empty"],
    1,
    "empty: expected images, got none",
  ],
  [
    "a table for support",
    ["predict", "bars.safetensors", "trio", "--support", "lines.csv"],
    1,
    "lines.csv: expected a folder that can be read, got ENOTDIR",
  ],
  [
    "adapting what is adapted",
    ["predict", "adapted.safetensors", "trio", "--support", "trio"],
    1,
    "adapted.safetensors: expected a model from rvml train, got one from rvml adapt",
  ],
  [
    "steps without anything to adapt on",
    ["predict", "adapted.safetensors", "trio", "--steps", "3"],
    2,
    "--steps: expected only with --support, got 3",
  ],
];

test.concurrent.each(cases)("%s", async (_, words, code, message) => {
  const before = readdirSync(folder);
  expect(await rvml(...words)).toEqual({ code, out: "", err: `rvml: ${message}\n` });
  expect(readdirSync(folder)).toEqual(before);
});

// Root may read all.
test.skipIf(process.getuid?.() === 0)("a folder that may not be read", async () => {
  mkdirSync(file("closed/inner"), { recursive: true });
  chmodSync(file("closed/inner"), 0);
  const { code, err } = await rvml("predict", "adapted.safetensors", "closed");
  expect(code).toBe(1);
  expect(err).toBe("rvml: closed/inner: expected a folder that can be read, got EACCES\n");
});

test("--drop-small leaves out what has too few, and says so", async () => {
  const { code, out, err } = await rvml(
    ...of("few"),
    "--drop-small",
    "--steps",
    "2",
    "--no-report",
  );
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("8 classes, 5 to learn from and 3 held out");
  expect(out).toContain("Left out for having too few images: 1 class.");
});
