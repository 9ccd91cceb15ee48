import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * @typedef {{ imported: number, adapted: number }} Times
 *
 * @typedef {object} Size
 * @property {string} what
 * @property {number} [bytes]
 * @property {number} [gzip]
 * @property {number} [target] the most that `gzip` should be
 * @property {string} [skipped] why there is none
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
  gzip: gzipSync(bytes, { level: 9 }).length,
  target,
});

/** The library, its core and the loader in one minified file, by the bundler that vitest brings. */
async function bundle() {
  const { build, VERSION } = await import("rolldown");
  const made = await build({
    input: here("../dist/index.js"),
    platform: "browser",
    write: false,
    logLevel: "silent",
    output: { format: "esm", minify: true },
  });
  const code = made.output.map((part) => ("code" in part ? part.code : "")).join("");
  return sized(`library, core inlined (rolldown ${VERSION}, minified)`, Buffer.from(code), 40960);
}

/** What a user downloads. @returns {Promise<Size[]>} */
export async function sizes() {
  const core = sized(
    "core (build/release.wasm)",
    readFileSync(here("../build/release.wasm")),
    32768,
  );
  try {
    return [core, await bundle()];
  } catch (error) {
    return [core, { what: "library", skipped: String(error).split("\n")[0] }];
  }
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
