/**
 * Adapts and predicts with what was meta-trained and saved elsewhere; small, for pages and edge workers.
 *
 * @module rvml/adapt
 */

import { wasm } from "#core/adapt.js";
import { compiledOnce } from "./core.ts";
import { adaptersOn, type LoadAdapter } from "./load-adapter.ts";

export type { Adapted, Adapter } from "./adapter.ts";
export type { LoadAdapter } from "./load-adapter.ts";
export type { Batch } from "./task.ts";

/**
 * Brings back what `save` wrote, to adapt and to predict with: see {@link LoadAdapter}.
 *
 * @function
 */
export const loadAdapter: LoadAdapter = /* @__PURE__ */ adaptersOn(
  /* @__PURE__ */ compiledOnce(wasm),
);
