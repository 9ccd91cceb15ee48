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

/** ‖a − b‖/‖b‖. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export function relativeDifference(a, b) {
  if (a.length !== b.length) return Infinity;
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

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

/** What peers.py prints. @param {...string} options */
function printed(...options) {
  const given = [here("peers/peers.py"), ...options];
  const limits = /** @type {const} */ ({ encoding: "utf8", stdio: "pipe", maxBuffer: 2 ** 26 });
  return JSON.parse(execFileSync("python3", given, limits));
}

/**
 * The Python peers, in a process of their own, `seconds` each.
 *
 * @param {number} seconds
 * @returns {(Timed | Skipped)[]}
 */
export function pythonPeers(seconds) {
  try {
    const { results } = printed("--json", "--seconds", String(seconds));
    return results.map((/** @type {any} */ { minimum, p25, median, p75, ...peer }) => {
      if (peer.skipped) return peer;
      const milliseconds = { min: minimum, p25, median, p75 };
      const times = Object.entries(milliseconds).map(([key, value]) => [key, 1e3 * value]);
      return { ...peer, ...Object.fromEntries(times) };
    });
  } catch (error) {
    return [{ task: "sinusoid", name: "Python peers", skipped: firstLine(error) }];
  }
}

/** Of a meta-gradient in f32 from another's. */
const TOLERANCE = 1e-3;

/**
 * The Python peers of a task, by their names, whose meta-gradient at the start is ours; the others would be timed at something else.
 *
 * @param {string} task
 * @param {Float32Array} gradient
 */
export function pythonAgreeing(task, gradient) {
  /** @type {string[]} */
  const names = [];
  /** @type {Skipped[]} */
  const skipped = [];
  try {
    for (const { name, gradient: packed } of printed("--check", "--task", task)) {
      if (packed === undefined) continue; // it is missing: pythonPeers says so, too
      const theirs = new Float32Array(Uint8Array.from(Buffer.from(packed, "base64")).buffer);
      const difference = relativeDifference(theirs, gradient);
      if (difference <= TOLERANCE) names.push(name);
      else
        skipped.push({ task, name, skipped: `meta-gradient differs from ours by ${difference}` });
    }
  } catch (error) {
    skipped.push({ task, name: `Python peers, ${task}`, skipped: firstLine(error) });
  }
  return { names, skipped };
}
