import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * @import { Figures } from "./rounds.js"
 * @typedef {{ task: string, name: string, skipped: string }} Skipped
 * @typedef {Figures & { task: string, skipped?: undefined }} Timed
 * @typedef {{ name: string, version: string, step(): unknown }} Entry
 */

const here = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));
const firstLine = (/** @type {unknown} */ error) => String(error).split("\n")[0];

/**
 * Bench entries of the JavaScript peers, and what could not be loaded: { name, skipped }. They live
 * in a package of their own: `npm ci` in bench/peers brings them.
 */
export async function javaScriptPeers() {
  /** @type {Entry[]} */
  const entries = [];
  /** @type {Skipped[]} */
  const skipped = [];
  for (const { name, file, forms } of [
    { name: "jaxJs", file: "peers/jax-js.js", forms: ["byHand", "vmap"] },
    { name: "tfjs", file: "peers/tfjs.js", forms: ["byHand"] },
  ])
    try {
      const peer = await import(new URL(file, import.meta.url).href);
      for (const form of forms) entries.push(await peer[name]({ form }));
    } catch (error) {
      skipped.push({ task: "sinusoid", name, skipped: firstLine(error) });
    }
  return { entries, skipped };
}

/**
 * The Python peers, in a process of their own, `seconds` each.
 *
 * @param {number} seconds
 * @returns {(Timed | Skipped)[]}
 */
export function pythonPeers(seconds) {
  try {
    const given = [here("peers/peers.py"), "--json", "--seconds", String(seconds)];
    const printed = execFileSync("python3", given, { encoding: "utf8", stdio: "pipe" });
    return JSON.parse(printed).results.map((/** @type {any} */ { minimum, median, ...peer }) =>
      peer.skipped ? peer : { ...peer, min: 1e3 * minimum, median: 1e3 * median },
    );
  } catch (error) {
    return [{ task: "sinusoid", name: "Python peers", skipped: firstLine(error) }];
  }
}
