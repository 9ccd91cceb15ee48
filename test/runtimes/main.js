// Proof that the package runs, and gives the same bits, wherever JavaScript runs: packs it, installs it in a project of its own, and runs
// one script in every runtime of runtimes.js.
//
//     node test/runtimes/main.js [--tarball FILE] [--write] [names…]
//
// --tarball: a package that is packed already. --write: golden.json anew, from the first runtime. Needs, besides the tools that it
// installs itself, Debian's chromium, firefox-esr, libwebkit2gtk-4.1-0, xvfb and xauth.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { entryOf } from "./conditions.js";
import { differences, readGolden, writeGolden } from "./golden.js";
import { makeProject, pack, readDigits, writeInput } from "./project.js";
import { report } from "./report.js";
import { runtimes } from "./runtimes.js";
import { installTools } from "./tools.js";
import { tryWorkerExample } from "./worker-example.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DIGITS = "../shared/data/digits8x8/digits.csv.gz";

/** @typedef {import("./report.js").Outcome} Outcome */

const { values, positionals } = parseArgs({
  options: { tarball: { type: "string" }, write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const names = positionals.length ? positionals : Object.keys(runtimes);
const unknown = names.find((name) => !Object.hasOwn(runtimes, name));
if (unknown) {
  console.error(`runtimes: expected ${Object.keys(runtimes).join(", ")}, got ${unknown}`);
  process.exit(2);
}

const temporary = mkdtempSync(join(tmpdir(), "rvml-runtimes-"));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

await installTools();
if (!values.tarball) console.log("> npm pack");
const tarball = values.tarball ? resolve(values.tarball) : await pack(ROOT, temporary);
console.log(`> npm install ${basename(tarball)}`);
const project = await makeProject(tarball, ROOT, temporary);
const digits = readDigits(join(ROOT, DIGITS));
if (!digits) console.log(`digits: skipped, needs ${DIGITS}`);

const outcomes = await outcomesOf();
const first = outcomes.get(names[0])?.proof;
if (values.write && first) writeGolden(first);
const golden = readGolden(digits !== undefined);
for (const { proof, wrong } of outcomes.values())
  if (proof) wrong.push(...differences(golden, proof));
const workerd = outcomes.get("workerd");
if (workerd?.proof) {
  try {
    const { wrong, latency } = await tryWorkerExample(project, ROOT);
    workerd.wrong.push(...wrong);
    const [minimum, median] = [latency.minimum, latency.median].map((ms) => ms.toFixed(2));
    console.log(
      `examples/worker in workerd: ${minimum} ms from request to answer, median ${median}`,
    );
  } catch (error) {
    workerd.wrong.push(`examples/worker: ${messageOf(error)}`);
  }
}
// Not by process.exitCode: bundlers leave threads behind that would keep the process waiting.
process.exit(report(outcomes) ? 0 : 1);

/**
 * Every runtime loads what the one before it saved; the first, run once more, what the last one saved. Saved files have hashes, too: where
 * those agree, loading one is loading all.
 */
async function outcomesOf() {
  /** @type {Map<string, Outcome>} */
  const outcomes = new Map();
  /** @type {Record<string, string> | undefined} */
  let files;
  for (const name of [...names, names[0]]) {
    console.log(`> ${name}`);
    writeInput(project, { digits, files });
    const outcome = await outcomeOf(name);
    outcome.wrong.unshift(...(outcomes.get(name)?.wrong ?? []));
    outcomes.set(name, outcome);
    files = outcome.proof?.files ?? files;
  }
  return outcomes;
}

/** @param {string} name @returns {Promise<Outcome>} */
async function outcomeOf(name) {
  const { conditions, version, packages, threads = 2, prove } = runtimes[name];
  /** @type {Outcome} */
  const outcome = {
    version: "",
    entry: entryOf(project.package, conditions),
    seconds: 0,
    wrong: [],
  };
  try {
    outcome.version = /\d+(\.\d+)+/.exec(await version())?.[0] ?? "";
  } catch (error) {
    const install = packages ? `apt-get install ${packages}` : "npm ci --prefix test/runtimes";
    outcome.wrong.push(`expected it on this machine (${install}), got ${messageOf(error)}`);
    return outcome;
  }
  const start = performance.now();
  try {
    outcome.proof = await prove(project);
    outcome.wrong.push(...wrongOfPool(threads, outcome.proof));
  } catch (error) {
    outcome.wrong.push(messageOf(error));
  }
  outcome.seconds = (performance.now() - start) / 1000;
  return outcome;
}

/**
 * Where there are workers a pool of two has to have two threads, and to leave to them what it may.
 *
 * @param {number} expected
 * @param {import("./script/proof.js").Proof} proof
 */
function wrongOfPool(expected, { threads, byWorkers }) {
  const wrong = [];
  if (threads !== expected) wrong.push(`pool: expected ${expected} threads, got ${threads}`);
  if (byWorkers !== expected > 1)
    wrong.push(`pool: expected ${expected > 1 ? "workers" : "this thread"} to compute`);
  return wrong;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
