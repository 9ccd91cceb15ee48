import { expect, test } from "vitest";
import * as library from "../src/index.ts";
import { build, core, strict } from "./build.ts";
import { goldenHashes, problems } from "./golden-problems.js";
import golden from "./golden.json" with { type: "json" };

// The relaxed core fuses multiply and add where the machine can: its bits are nobody's promise.
test.skipIf(!strict)(`same seed, same bits as ever, on the ${build} core`, async () => {
  expect(await goldenHashes(library, core)).toEqual(golden);
});

test("fast weights are kept as the problem's name says", async () => {
  const blocks = async (name: string) => {
    const { options } = problems(library)[name];
    return (await library.createLearner({ ...options, seed: 42, core })).memory.blocks;
  };
  expect(await blocks("fast weights of low rank")).toBeGreaterThan(0);
  expect(await blocks("fast weights in full")).toBeUndefined();
});
