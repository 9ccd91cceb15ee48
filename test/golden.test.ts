import { expect, test } from "vitest";
import * as library from "../src/index.ts";
import { build, core, strict } from "./build.ts";
import { goldenHashes, readGolden } from "./golden.js";

// The relaxed core fuses multiply and add where the machine can: its bits are nobody's promise.
test.skipIf(!strict)(`same seed, same bits as ever, on the ${build} core`, async () => {
  expect(await goldenHashes(library, core)).toEqual(readGolden());
});
