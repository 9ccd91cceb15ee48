import { join } from "node:path";
import { library, toolVersion } from "./tools.js";

/** As wrangler has them. */
const conditions = ["workerd", "worker", "browser", "import"];

/**
 * workerd, the runtime of Cloudflare's workers, under Miniflare. It compiles no wasm at run time: a module is bundled as a file.
 *
 * @param {string} entry of the script's folder
 * @returns {import("./runtimes.js").Runtime}
 */
export const inWorkerd = (entry) => ({
  conditions,
  version: async () => toolVersion("workerd"),
  prove: ({ folder, script }) =>
    withWorker(join(script, entry), join(folder, "bundles", entry), async (ask) => {
      const response = await ask("http://worker/");
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    }),
});

/**
 * What `use` makes of a worker, which it may ask for answers.
 *
 * @template T
 * @param {string} entry
 * @param {string} outdir for its bundle
 * @param {(ask: (url: string, request?: RequestInit) => Promise<Response>) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withWorker(entry, outdir, use) {
  const scriptPath = await bundle(entry, outdir);
  const { Miniflare } = await library("miniflare");
  const miniflare = new Miniflare({
    // No compatibilityDate: the runtime behaves as the first ones did, who had no MessageChannel (until 2025-08-15).
    modules: true,
    modulesRoot: outdir,
    modulesRules: [
      { type: "CompiledWasm", include: ["**/*.wasm"] },
      { type: "Data", include: ["**/*.safetensors"] },
      { type: "ESModule", include: ["**/*.js"] },
    ],
    scriptPath,
  });
  try {
    return await use((url, request) => miniflare.dispatchFetch(url, request));
  } finally {
    await miniflare.dispose();
  }
}

/** @param {string} entry @param {string} outdir */
async function bundle(entry, outdir) {
  const { build } = await library("esbuild");
  await build({
    entryPoints: { worker: entry },
    outdir,
    bundle: true,
    format: "esm",
    conditions,
    loader: { ".wasm": "copy", ".safetensors": "copy" },
    logLevel: "silent",
  });
  return join(outdir, "worker.js");
}
