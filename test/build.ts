import { compileCore } from "../src/core.ts";

/** Which build of the core the tests run on: RVML_CORE=release (default) | relaxed | debug (checks its asserts). */
export const build = process.env.RVML_CORE ?? "release";

const { wasm } = (await import(`../build/${build}.js`)) as { wasm: string };

/** That build, compiled: from what the library carries, which needs no file system. */
export const core = await compileCore(wasm);

/** Only the strict builds promise the same bits; the relaxed one fuses. */
export const strict = build !== "relaxed";
