import { chromium, firefox, inBrowser, webkit } from "./browsers.js";
import { bundledBy, esbuild, rollup, vite, viteDev, webpack } from "./bundlers.js";
import { inProgram } from "./programs.js";
import { inWorkerd } from "./workerd.js";

/**
 * Where the script runs.
 *
 * @typedef {object} Runtime
 * @property {readonly string[]} conditions by which it chooses among the package's entries
 * @property {string} [packages] Debian's, where it is not among the tools
 * @property {1} [threads] where there are no workers: a pool of two is this thread
 * @property {() => Promise<string>} version text with the version in it
 * @property {(project: import("./project.js").Project) => Promise<import("./script/proof.js").Proof>} prove runs the script
 */

const node = ["node", "import"];

/** A new runtime is one row. @type {Record<string, Runtime>} */
export const runtimes = {
  node20: inProgram("node20/bin/node", [], node),
  node22: inProgram("node22/bin/node", [], node),
  node24: inProgram("node24/bin/node", [], node),
  node26: inProgram("node26/bin/node", [], node),
  // Without any --allow: no files, no network.
  deno: inProgram("@deno/linux-x64-glibc/deno", ["run", "--no-prompt"], ["deno", "node", "import"]),
  bun: inProgram(".bin/bun", ["run"], ["bun", "node", "import"]),
  workerd: inWorkerd("worker.js"),
  "workerd-core": inWorkerd("worker-with-core.js"),
  chromium: inBrowser(chromium),
  firefox: inBrowser(firefox),
  webkitgtk: inBrowser(webkit),
  esbuild: bundledBy(esbuild),
  rollup: bundledBy(rollup),
  webpack: bundledBy(webpack),
  vite: bundledBy(vite),
  "vite-dev": viteDev,
};
