import { wasm } from "#core/release.js";
import { compiledOnce } from "./core.ts";

/** The strict core, inlined. */
export const releaseCore = /* @__PURE__ */ compiledOnce(wasm);
