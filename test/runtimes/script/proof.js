// The one script of all runtimes: meta-trains, adapts, saves, loads. Nothing here is one runtime's own.
import * as rvml from "rvml";
import { loadAdapter } from "rvml/adapt";
import { hasRelaxedSimd } from "rvml/relaxed";
import { goldenHashes, sha256 } from "../../golden-problems.js";

const { adam, byteImages, createLearner, crossEntropy, episodes, loadLearner, maml } = rvml;
const { meanSquaredError, metaTrain, mlp, Random, sinusoids } = rvml;

/**
 * @param {import("./input.js").Input} input
 * @param {WebAssembly.Module} [core] where the package cannot compile its own
 * @returns {Promise<Proof>}
 */
export async function prove({ digits, files = {} }, core) {
  /** @type {Proof} */
  const proof = { relaxed: hasRelaxedSimd(), hashes: {}, files: {} };
  Object.assign(proof.hashes, await goldenHashes(rvml, core));
  for (const [name, problem] of Object.entries(problems(digits))) {
    const { hashes, file } = await life(problem, files[name], core);
    for (const [what, hash] of Object.entries(hashes)) proof.hashes[`${name}: ${what}`] = hash;
    proof.files[name] = toBase64(file);
  }
  return proof;
}

/**
 * @typedef {object} Proof
 * @property {boolean} relaxed whether the engine has relaxed SIMD
 * @property {Record<string, string>} hashes SHA-256 of everything that has to be the same everywhere
 * @property {Record<string, string>} files base64: of each problem, what learner.save() gave
 */

/** @typedef {import("../../golden-problems.js").Problem & { steps: number }} Problem */

/** @param {string} [digits] @returns {Record<string, Problem>} */
function problems(digits) {
  return { sinusoids: ofSinusoids(), ...(digits && { digits: ofDigits(fromBase64(digits)) }) };
}

/** @returns {Problem} */
function ofSinusoids() {
  return {
    options: {
      model: mlp({ sizes: [1, 40, 40, 1] }),
      loss: meanSquaredError(),
      algorithm: maml({ innerLearningRate: 0.01 }),
      metaOptimizer: adam({ learningRate: 0.001 }),
    },
    source: sinusoids(),
    metaBatchSize: 25,
    steps: 200,
  };
}

/** @param {Uint8Array} rows 64 pixels of 0 … 16, then the label @returns {Problem} */
function ofDigits(rows) {
  const labels = rows.filter((_, i) => i % 65 === 64);
  const bytes = rows.filter((_, i) => i % 65 < 64).map((value) => Math.min(255, 16 * value));
  return {
    options: {
      model: mlp({ sizes: [64, 48, 32, 5], norm: "batch" }),
      loss: crossEntropy(),
      algorithm: maml({ innerLearningRate: 0.1, innerSteps: 2 }),
      metaOptimizer: adam({ learningRate: 0.001 }),
    },
    source: episodes(byteImages({ bytes, labels, width: 8, height: 8 }), { ways: 5, shots: 2 }),
    metaBatchSize: 16,
    steps: 50,
  };
}

/**
 * A learner's: trains, adapts, is saved, and goes on; and the loaded one does the same from there.
 *
 * @param {Problem} problem
 * @param {string} [elsewhere] what another runtime saved; without it, the learner's own file is loaded
 * @param {WebAssembly.Module} [core]
 */
async function life({ options, source, metaBatchSize, steps }, elsewhere, core) {
  const learner = await createLearner({ ...options, seed: 1, ...(core && { core }) });
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

/**
 * @param {import("rvml").Learner} learner
 * @param {import("rvml").TaskDistribution} source
 * @param {import("rvml").TrainOptions} options
 */
async function train(learner, source, options) {
  const run = metaTrain(learner, source, options);
  while (!(await run.next()).done);
  return sha256(learner.metaParameters);
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
