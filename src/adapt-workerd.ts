import core from "./wasm/adapt.wasm";
import { adaptersOn, type LoadAdapter } from "./load-adapter.ts";

export type { Adapted, Adapter } from "./adapter.ts";
export type { LoadAdapter } from "./load-adapter.ts";
export type { Batch } from "./task.ts";

/** As `loadAdapter` of `rvml/adapt`. */
export const loadAdapter: LoadAdapter = /* @__PURE__ */ adaptersOn(() => Promise.resolve(core));
