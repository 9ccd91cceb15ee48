// An edge worker that hands over the core itself.
import core from "rvml/wasm/release.wasm";
import relaxed from "rvml/wasm/relaxed.wasm";
import { input } from "./input.js";
import { prove } from "./proof.js";

export default { fetch: async () => Response.json(await prove(input, { core, relaxed })) };
