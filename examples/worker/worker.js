/**
 * An edge worker that adapts per request: it is posted a few points of a curve, learns them from a start that was meta-learned, and answers
 * with the rest. It keeps nothing. README.md tells how to run it, and what it is posted.
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
    const start = await learner; // that fails by no fault of who posted
    try {
      const { support, inputs } = (await request.json()) ?? {};
      const rows = support?.inputs?.length ?? 1; // `adapt` then says what is missing
      const outputs = [...start.adapt({ ...support, rows }, { steps: 5 }).predict(inputs)];
      // JSON has no NaN: what blows up would be sent as null.
      if (outputs.every(Number.isFinite)) return answer(200, { outputs });
      return answer(422, { error: "expected points that can be learned, got ones that diverge" });
    } catch (error) {
      // What the library refuses says what it expected: of use to whoever posted it. JSON that is none ends here, too.
      return answer(400, { error: error instanceof Error ? error.message : String(error) });
    }
  },
};

/** @param {number} status @param {object} body */
const answer = (status, body) => Response.json(body, { status });
