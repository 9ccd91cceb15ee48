import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundled, gzipped, programs } from "./downloads.js";

const here = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * @typedef {{ imported: number, adapted: number }} Times
 *
 * @typedef {object} Size
 * @property {string} what
 * @property {number} bytes
 * @property {number} gzip
 * @property {number} target the most that `gzip` should be
 */

/**
 * @param {string} what
 * @param {Uint8Array} bytes
 * @param {number} target
 * @returns {Size}
 */
const sized = (what, bytes, target) => ({
  what,
  bytes: bytes.length,
  gzip: gzipped(bytes),
  target,
});

/** What a user downloads. @returns {Promise<Size[]>} */
export async function sizes() {
  const core = readFileSync(here("../build/release.wasm"));
  const downloads = programs.map(async ({ what, code, target }) =>
    sized(`${what} (minified)`, Buffer.from(await bundled(code)), target),
  );
  return [sized("core (build/release.wasm)", core, 32_768), ...(await Promise.all(downloads))];
}

/**
 * Milliseconds from import to the first adapted prediction, each in a process of its own.
 *
 * @param {number} processes
 */
export function firstAdapt(processes) {
  const once = () =>
    /** @type {Times} */
    JSON.parse(execFileSync(process.execPath, [here("first-adapt.js")], { encoding: "utf8" }));
  const times = Array.from({ length: processes }, once).sort((a, b) => a.adapted - b.adapted);
  return { minimum: times[0], median: times[times.length >> 1], processes };
}
