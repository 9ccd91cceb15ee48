// For edge workers: the proof is the answer to a request.
import relaxed from "rvml/wasm/relaxed.wasm";
import { input } from "./input.js";
import { prove } from "./proof.js";

export default { fetch: async () => Response.json(await prove(input, { relaxed })) };
