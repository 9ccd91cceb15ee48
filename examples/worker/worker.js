/**
 * An edge worker that adapts per request: it is posted a few points of a curve, learns them from a start that was meta-learned, and answers
 * with the rest. It keeps nothing.
 *
 *     curl -d '{ "support": { "inputs": [-4, -2, 0, 2, 4], "targets": [0.8, -0.9, 0, 0.9, -0.8] }, "inputs": [1, 3] }' http://localhost:8787
 *
 * For Cloudflare's workers and what is like them: the core comes as a `.wasm` module, by the package's `workerd` entry.
 */
import { loadLearner } from "rvml";
import model from "./model.safetensors";

/** Once a worker, not once a request. */
const learner = loadLearner(new Uint8Array(model));

export default {
  /** @param {Request} request */
  async fetch(request) {
    if (request.method !== "POST") return answer(405, { error: "expected POST" });
    try {
      const { support, inputs } = await request.json();
      const rows = support.inputs.length;
      const adapted = (await learner).adapt({ ...support, rows }, { steps: 5 });
      return answer(200, { outputs: [...adapted.predict(inputs)] });
    } catch (error) {
      // What the library refuses says what it expected: of use to whoever posted it.
      return answer(400, { error: error instanceof Error ? error.message : String(error) });
    }
  },
};

/** @param {number} status @param {object} body */
const answer = (status, body) => Response.json(body, { status });
