// The one script of all runtimes: meta-trains, adapts, saves, loads. Nothing here is one runtime's own.
import * as rvml from "rvml";
import { loadAdapter } from "rvml/adapt";
import { goldenHashes, sha256 } from "../../golden-problems.js";
import { problems } from "./problems.js";
import { tryRelaxed } from "./relaxed.js";
import { trainByPool } from "./threads.js";
import { learnerOf, train } from "./train.js";

const { loadLearner, Random } = rvml;

/**
 * @param {import("./input.js").Input} input
 * @param {Ways} [ways]
 * @returns {Promise<Proof>}
 */
export async function prove({ digits, files: others = {} }, ways = {}) {
  const { core } = ways;
  const hashes = await goldenHashes(rvml, core);
  /** @type {Record<string, string>} */
  const files = {};
  const rows = digits === undefined ? undefined : fromBase64(digits);
  for (const [name, problem] of Object.entries(problems(rows))) {
    const { file, ...made } = await life(problem, others[name], core);
    for (const [what, hash] of Object.entries(made.hashes)) hashes[`${name}: ${what}`] = hash;
    files[name] = toBase64(file);
  }
  const { hash, ...pool } = await trainByPool(ways);
  hashes["sinusoids: metaParameters by a pool"] = hash;
  const strict = await loadLearner(fromBase64(files.sinusoids), core ? { core } : {});
  return { ...pool, relaxed: await tryRelaxed(strict, ways.relaxed), hashes, files };
}

/**
 * What a runtime has to be handed.
 *
 * @typedef {object} Ways
 * @property {WebAssembly.Module} [core] where the package cannot compile its own
 * @property {WebAssembly.Module} [relaxed] likewise
 * @property {() => Worker} [worker] where the package's own is not found
 */

/**
 * @typedef {object} Proof
 * @property {boolean} relaxed whether the engine has relaxed SIMD; the core for it ran, then
 * @property {number} threads of a pool of two
 * @property {boolean} byWorkers whether its workers computed
 * @property {Record<string, string>} hashes SHA-256 of everything that has to be the same everywhere
 * @property {Record<string, string>} files base64: of each problem, what learner.save() gave
 */

/**
 * A learner's: trains, adapts, is saved, and goes on; and the loaded one does the same from there.
 *
 * @param {import("./problems.js").Problem} problem
 * @param {string} [elsewhere] what another runtime saved; without it, the learner's own file is loaded
 * @param {WebAssembly.Module} [core]
 */
async function life({ options, source, metaBatchSize, steps }, elsewhere, core) {
  const learner = await learnerOf(options, core);
  await train(learner, source, { steps, metaBatchSize });
  const file = learner.save();
  const trained = await sha256(learner.metaParameters);
  const bytes = elsewhere ? fromBase64(elsewhere) : file;
  const loaded = await loadLearner(bytes, core ? { core } : {});
  const adapter = await loadAdapter(bytes);
  const further = { steps: 10, metaBatchSize };
  return {
    file,
    hashes: {
      metaParameters: trained,
      predictions: await predictions(learner, source),
      "saved file": await sha256(file),
      "metaParameters 10 steps later": await train(learner, source, further),
      "predictions of the loaded learner": await predictions(loaded, source),
      "predictions of an adapter": await predictions(adapter, source),
      "metaParameters of the loaded learner 10 steps later": await train(loaded, source, further),
    },
  };
}

/** Of a model adapted to one task. @param {Pick<import("rvml").Learner, "adapt">} learner @param {import("rvml").TaskDistribution} source */
function predictions(learner, source) {
  const { support, query } = source.sample(new Random(3));
  return sha256(learner.adapt(support, { steps: 3 }).predict(query.inputs));
}

/** @param {Uint8Array} bytes */
const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** @param {string} text */
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
