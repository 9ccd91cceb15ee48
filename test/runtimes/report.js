/**
 * What became of a runtime.
 *
 * @typedef {object} Outcome
 * @property {string} version
 * @property {string} entry the package's file that it got
 * @property {number} seconds
 * @property {import("./script/proof.js").Proof} [proof]
 * @property {string[]} wrong
 */

const HEADINGS = ["runtime", "version", "entry", "relaxed SIMD", "threads", "seconds", "hashes"];

/** A table, what went wrong, and a line of counts; whether all went well. @param {Map<string, Outcome>} outcomes */
export function report(outcomes) {
  console.log(`\n${table([HEADINGS, ...Array.from(outcomes, row)])}\n`);
  for (const [name, { wrong }] of outcomes)
    for (const each of new Set(wrong)) console.error(`${name}: ${each}`);
  const failed = [...outcomes.values()].filter(({ wrong }) => wrong.length).length;
  console.log(`${outcomes.size - failed} passed, ${failed} failed`);
  return failed === 0;
}

/** @param {[string, Outcome]} entry */
function row([name, { version, entry, seconds, proof, wrong }]) {
  const relaxed = proof ? (proof.relaxed ? "yes, runs" : "no") : "";
  const threads = proof ? (proof.byWorkers ? String(proof.threads) : "1, in place") : "";
  const hashes = proof && !wrong.length ? `${Object.keys(proof.hashes).length} equal` : "FAILED";
  return [name, version, entry, relaxed, threads, seconds.toFixed(1), hashes];
}

/** @param {string[][]} rows the first: headings */
function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const line = (/** @type {string[]} */ row) => row.map((cell, i) => cell.padEnd(widths[i]));
  return rows.map((row) => line(row).join("  ").trimEnd()).join("\n");
}
