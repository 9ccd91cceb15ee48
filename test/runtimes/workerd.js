import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { library, toolVersion } from "./tools.js";

/** The bundle's name. */
const ENTRY = "worker.js";

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
  threads: 1,
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
  await bundle(entry, outdir);
  const { Miniflare } = await library("miniflare");
  const miniflare = new Miniflare({
    // No compatibilityDate: the runtime behaves as the first ones did, who had no MessageChannel (until 2025-08-15).
    modulesRoot: outdir,
    modules: modulesIn(outdir),
  });
  try {
    return await use((url, request) => miniflare.dispatchFetch(url, request));
  } finally {
    await miniflare.dispose();
  }
}

/** @type {Record<string, string>} */
const TYPES = { ".js": "ESModule", ".wasm": "CompiledWasm", ".safetensors": "Data" };

/** All that stands there, the entry first: where Miniflare looks for modules by itself it refuses any `import(name)`. @param {string} folder */
function modulesIn(folder) {
  const names = [ENTRY, ...readdirSync(folder).filter((name) => name !== ENTRY)];
  return names.map((name) => ({ type: TYPES[extname(name)], path: join(folder, name) }));
}

/** @param {string} entry @param {string} outdir */
async function bundle(entry, outdir) {
  const { build } = await library("esbuild");
  await build({
    entryPoints: { [basename(ENTRY, ".js")]: entry },
    outdir,
    bundle: true,
    format: "esm",
    conditions,
    loader: { ".wasm": "copy", ".safetensors": "copy" },
    logLevel: "silent",
  });
}
