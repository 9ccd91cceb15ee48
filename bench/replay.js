/**
 * How much of a meta-step is TypeScript?
 *
 * All calls that one meta-step makes into the core are recorded, names and arguments, and written
 * out as a function that makes them again, one behind the other, on the same learner's memory: the
 * same passes over the same parameters, without anything between. Then
 *
 *     TypeScript's share = 1 − (replay − calls × crossing)/(meta-step),
 *
 * where the crossing, the time of a call that does nothing, counts as TypeScript's. All three are
 * measured side by side. (The replay's batches are the last task's for every task, since copying
 * rows into the core is TypeScript's work; the time of a pass does not depend on the numbers.)
 */

/**
 * @import { MetaStep } from "./learners.js"
 * @typedef {{ name: string, values: number[] }} Call
 */

/** The calls that one meta-step makes, in order. @param {MetaStep} entry @returns {Call[]} */
function record({ learner, tasks }) {
  /** @type {{ core: any }} */
  const memory = learner.internal.network.memory;
  const { core } = memory;
  /** @type {Call[]} */
  const calls = [];
  const recorder = (/** @type {[string, any]} */ [name, value]) => {
    if (typeof value !== "function") return [name, value];
    const recorded = (/** @type {number[]} */ ...values) => {
      calls.push({ name, values });
      return value(...values);
    };
    return [name, recorded];
  };
  memory.core = Object.fromEntries(Object.entries(core).map(recorder));
  try {
    learner.metaStep(tasks);
  } finally {
    memory.core = core;
  }
  return calls;
}

/** JavaScript's form of a number, −0 included. */
const literal = (/** @type {number} */ value) => (Object.is(value, -0) ? "-0" : String(value));

/**
 * Those calls as straight code: no loop, no lookup, no spread of arguments.
 *
 * @param {object} core
 * @param {Call[]} calls
 * @returns {() => void}
 */
function straight(core, calls) {
  const names = [...new Set(calls.map(({ name }) => name))].join(", ");
  const lines = calls.map(({ name, values }) => `${name}(${values.map(literal).join(", ")});`);
  // oxlint-disable-next-line no-new-func -- anything else would add a cost of its own to each call
  return new Function("core", `const { ${names} } = core; return () => { ${lines.join("\n")} };`)(
    core,
  );
}

const EMPTY_CALLS = 1000;

/**
 * Bench entries: `replay` of one meta-step of `entry`, which must be its own (it goes on training),
 * and `crossing`, of 1000 calls that do nothing.
 *
 * @param {MetaStep} entry
 */
export function replayEntries(entry) {
  for (let warmUp = 0; warmUp < 200; warmUp++) entry.step();
  const calls = record(entry);
  const { core } = entry.learner.internal.network.memory;
  const empty = Array.from({ length: EMPTY_CALLS }, () => ({ name: "fill", values: [0, 0, 1024] }));
  return {
    calls: calls.length,
    replay: { name: "rvml, core calls only", step: straight(core, calls) },
    crossing: { name: `${EMPTY_CALLS} empty calls`, step: straight(core, empty) },
  };
}

/**
 * The share, from µs a step of the three.
 *
 * @param {{ calls: number, metaStep: number, replay: number, crossing: number }} figures
 */
export function typescriptShare({ calls, metaStep, replay, crossing }) {
  return 1 - (replay - (calls * crossing) / EMPTY_CALLS) / metaStep;
}
