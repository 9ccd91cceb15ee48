import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "./run.js";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Runtimes and bundlers, as package-lock.json pins them; on first use, and when it has changed. */
export async function installTools() {
  const installed = `${here}node_modules/.package-lock.json`;
  const modified = (/** @type {string} */ path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
  if (modified(installed) >= modified(`${here}package-lock.json`)) return;
  console.log("> npm ci --prefix test/runtimes");
  await run(["npm", "ci", "--no-audit", "--no-fund", "--prefix", here]);
}

/** A program of the tools. @param {string} path in node_modules */
export const program = (path) => `${here}node_modules/${path}`;

/** A library of the tools. By a name that tsc does not follow: on a fresh clone it is not there yet. @param {string} name */
export const library = (name) => import(name);

/** @param {string} name @returns {string} */
export const toolVersion = (name) =>
  JSON.parse(readFileSync(program(`${name}/package.json`), "utf8")).version;
