/** What the command line says of images where errors have a bound, steps may be none, and folders are not as they should be. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../src/cli/judge.ts";
import { verdict } from "../src/cli/show.ts";
import { brief, className, range, writeClasses } from "./cli-images-data.ts";
import { rvml } from "./cli-run.ts";

describe("the learned start against the best baseline, in a sentence", () => {
  const method = (name: string, error: number) => ({
    name,
    note: "",
    adapts: true,
    errors: [error],
    intervals: [0],
    perGroup: [[error]],
  });
  const outcome = (measure: Outcome["measure"], learned: number, best: number): Outcome => ({
    measure,
    steps: [1],
    innerSteps: 1,
    groups: ["a"],
    methods: [method("learned", learned), method("worse", 0.9), method("best", best)],
  });

  test.each([
    [
      "accuracy",
      0.02,
      0,
      "There its accuracy is 2.0 points below that of the best baseline (best).",
    ],
    ["accuracy", 0, 0, "There its accuracy is as high as that of the best baseline (best)."],
    [
      "accuracy",
      0.1,
      0.3,
      "There its accuracy is 20.0 points above that of the best baseline (best).",
    ],
    ["MSE", 0.03, 0.04, "There its error is 25 % below that of the best baseline (best)."],
    [
      "RMSE",
      0.5,
      0.04,
      "There it is far worse than the best baseline (best): a lower --inner-rate may help.",
    ],
    [
      "MSE",
      NaN,
      0.04,
      "There it is far worse than the best baseline (best): a lower --inner-rate may help.",
    ],
  ] as const)("%s %d, %d", (measure, learned, best, sentence) =>
    expect(verdict(outcome(measure, learned, best))).toBe(sentence),
  );
});

describe("folders", () => {
  const out = ["--no-report", "--out", "words.safetensors"];

  beforeAll(async () => {
    writeClasses("words", range(8), 4);
    writeClasses("words-few", range(4, 8), 4);
    writeClasses("words-few", [12], 2);
    const words = ["--steps", "5", "--algorithm", "prototypical", ...out];
    const { code, err } = await rvml("train", "words", ...brief, ...words);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("an algorithm without steps is spoken of as such", async () => {
    const { out: said } = await rvml("info", "words.safetensors");
    expect(said).toMatch(/adapting\s+no steps on 1 image of each of 3 classes/);
  });

  test.each([
    [
      "one that is not there",
      ["evaluate", "words.safetensors", "word"],
      1,
      "word: expected a file or folder that can be read, got ENOENT",
    ],
    [
      "one that is not there, to train on",
      ["train", "word", "--ways", "3", ...out],
      1,
      "word: expected a file or folder that can be read, got ENOENT",
    ],
    [
      "too much held out",
      ["train", "words", ...brief, ...out, "--holdout", "0.99"],
      2,
      "--holdout: expected at least 3 classes (--ways) to learn from and 3 held out, got 0 and 8",
    ],
    [
      "a class of as few images as queries, which no --shots helps",
      ["evaluate", "words.safetensors", "words-few"],
      1,
      `in class "${className(12)}", got 2; --groups chooses classes`,
    ],
    [
      "a class of few images",
      [
        "evaluate",
        "words.safetensors",
        "words-few",
        "--groups",
        className(8),
        className(9),
        className(10),
        "--shots",
        "3",
      ],
      1,
      `in class "${className(8)}", got 4; --shots takes fewer, --groups chooses classes`,
    ],
  ])("%s", async (_, words, code, message) => {
    const run = await rvml(...words);
    expect(run.code).toBe(code);
    expect(run.err).toContain(message);
    expect(run.err.trimEnd()).not.toContain("\n");
  });
});
