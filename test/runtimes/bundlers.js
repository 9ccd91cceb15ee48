import { join, relative } from "node:path";
import { chromium, proofIn } from "./browsers.js";
import { library, toolVersion } from "./tools.js";

/**
 * @typedef {object} Bundler
 * @property {string[]} conditions
 * @property {string} name of its package
 * @property {(library: any, script: string, outdir: string) => Promise<unknown>} bundle writes page.js, or a page of its own
 */

/** Of bundlers that leave `new URL(file, import.meta.url)` alone: the worker's file is one more to bundle. @param {string} script */
const withWorker = (script) => ({
  page: join(script, "page-with-worker.js"),
  "pool-worker": join(script, "pool-worker.js"),
});

/** @type {Bundler} */
export const esbuild = {
  name: "esbuild",
  conditions: ["browser", "import", "module"],
  bundle: ({ build }, script, outdir) =>
    build({
      entryPoints: withWorker(script),
      outdir,
      bundle: true,
      minify: true,
      format: "esm",
      logLevel: "silent",
    }),
};

/** @type {Bundler} */
export const rollup = {
  // Its build that is the same on every machine.
  name: "@rollup/wasm-node",
  conditions: ["browser", "import", "module"],
  async bundle({ rollup }, script, outdir) {
    const { nodeResolve } = await library("@rollup/plugin-node-resolve");
    const plugins = [nodeResolve({ browser: true })];
    const bundle = await rollup({ input: withWorker(script), plugins });
    await bundle.write({ dir: outdir, format: "es" });
  },
};

/** @type {Bundler} */
export const webpack = {
  name: "webpack",
  conditions: ["browser", "import", "module", "webpack", "production"],
  bundle: ({ default: webpack }, script, outdir) =>
    new Promise((resolve, reject) => {
      const output = { path: outdir, filename: "page.js" };
      const options = { mode: "production", entry: join(script, "page.js"), output };
      webpack(options, (/** @type {Error | null} */ error, /** @type {any} */ stats) => {
        if (!error && !stats.hasErrors()) resolve(undefined);
        else reject(error ?? new Error(stats.toString()));
      });
    }),
};

/** @type {Bundler} */
export const vite = {
  name: "vite",
  conditions: ["browser", "import", "module", "production"],
  bundle: ({ build }, script, outDir) =>
    build({ root: script, configFile: false, logLevel: "silent", build: { outDir } }),
};

/**
 * The script bundled, in Chromium.
 *
 * @param {Bundler} bundler
 * @returns {import("./runtimes.js").Runtime}
 */
export const bundledBy = ({ name, conditions, bundle }) => ({
  conditions,
  packages: chromium.packages,
  version: async () => toolVersion(name),
  async prove({ folder, script }) {
    const outdir = join(folder, "bundles", name);
    await bundle(await library(name), script, outdir);
    return proofIn(chromium, { roots: [outdir, script], page: "/index.html" });
  },
});

/**
 * The script through Vite's server for development, which bundles packages and leaves the project's own files apart. In Chromium.
 *
 * @type {import("./runtimes.js").Runtime}
 */
export const viteDev = {
  conditions: ["browser", "import", "module", "development"],
  packages: chromium.packages,
  version: async () => toolVersion("vite"),
  async prove({ folder, script }) {
    const { createServer } = await library("vite");
    const server = await createServer({
      root: folder,
      configFile: false,
      logLevel: "silent",
      server: { middlewareMode: true, hmr: false },
    });
    const page = `/${relative(folder, join(script, "index.html"))}`;
    try {
      return await proofIn(chromium, { server: server.middlewares, page });
    } finally {
      await server.close();
    }
  },
};
