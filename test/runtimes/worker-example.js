import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withWorker } from "./workerd.js";

const EXAMPLE = "examples/worker";
const REQUESTS = 200;

/**
 * The example of an edge worker, under Miniflare: it has to answer as the library does here, and to refuse what it cannot learn from.
 *
 * @param {import("./project.js").Project} project
 * @param {string} root of the repository
 * @returns {Promise<{ wrong: string[], latency: { minimum: number, median: number } }>} milliseconds from request to answer
 */
export async function tryWorkerExample(project, root) {
  const folder = join(project.folder, EXAMPLE);
  cpSync(join(root, EXAMPLE), folder, { recursive: true });
  const { loadLearner } = await import(pathToFileURL(join(project.package, "dist/index.js")).href);
  const learner = await loadLearner(readFileSync(join(folder, "model.safetensors")));
  /** @type {string[]} */
  const wrong = [];
  /** @type {number[]} */
  const times = [];
  await withWorker(join(folder, "worker.js"), join(folder, "bundle"), async (ask) => {
    for (let i = 0; i < REQUESTS; i++) {
      const { support, inputs } = curve(i);
      const start = performance.now();
      const body = JSON.stringify({ support, inputs });
      const response = await ask("http://worker/", { method: "POST", body });
      const answer = await response.text();
      times.push(performance.now() - start);
      const outputs = [...learner.adapt({ ...support, rows: 5 }, { steps: 5 }).predict(inputs)];
      if (answer !== JSON.stringify({ outputs }))
        wrong.push(`${EXAMPLE}: expected ${JSON.stringify({ outputs })}, got ${answer}`);
    }
    for (const body of ["{}", "{", '{ "support": {} }']) {
      const { status } = await ask("http://worker/", { method: "POST", body });
      if (status !== 400) wrong.push(`${EXAMPLE}: expected 400 to ${body}, got ${status}`);
    }
  });
  times.sort((a, b) => a - b);
  return { wrong, latency: { minimum: times[0], median: times[times.length >> 1] } };
}

/** Five points of a sine wave, and where it is asked for. @param {number} i */
function curve(i) {
  const inputs = [-4, -2, 0, 2, 4];
  const targets = inputs.map((x) => (1 + (i % 4)) * Math.sin(x - 0.1 * i));
  return { support: { inputs, targets }, inputs: [-3, -1, 1, 3] };
}
