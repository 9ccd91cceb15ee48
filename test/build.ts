import { readFileSync } from "node:fs";

/** Which build of the core the tests run on: RVML_CORE=release (default) | relaxed | debug (checks its asserts). */
export const build = process.env.RVML_CORE ?? "release";

/** That build, compiled. */
export const core = new WebAssembly.Module(
  readFileSync(new URL(`../build/${build}.wasm`, import.meta.url)),
);

/** Only the strict builds promise the same bits; the relaxed one fuses. */
export const strict = build !== "relaxed";
