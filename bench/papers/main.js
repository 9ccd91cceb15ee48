/**
 * Published results, reproduced.
 *
 *     npm run build && npm run papers [NAME …] [-- [--seeds N] [--short] [--json FILE] [--learners FOLDER]]
 *
 * A name is an experiment's or how several begin: `npm run papers omniglot`. Prints a table in Markdown, a line each figure: theirs,
 * whose it is (a paper's, a paper's from memory, or that of a PyTorch script in the same setting where no paper has one), ours over all runs
 * with the 95 % interval of their mean, and each run with that of its own test tasks. "agrees": theirs lies where one more run of ours would (95 %). Seconds are of processor time, one thread. Fails where one of ours
 * is higher than theirs, or does not hold. `--learners` writes what the runs on Omniglot have learned, a file each.
 *
 * `--short` makes one run of each, of a few thousand meta-steps at the most, and fails where a figure is not below its bound: it shows that all
 * works, and claims nothing.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machine } from "../harness.js";
import { caviaExperiments } from "./cavia.js";
import { learnedOnDigits } from "./digits.js";
import { firstOrderMaml } from "./first-order-maml.js";
import { mamlTable2 } from "./maml.js";
import { metaSgdAgainstMaml } from "./meta-sgd.js";
import { learnedOnQuadratics } from "./quadratics.js";
import { reptileDemo } from "./reptile.js";
import { omniglotAlgorithms } from "./omniglot-algorithms.js";
import { omniglotExperiments } from "./omniglot.js";
import { markdown, summary, verdict } from "./report.js";
import { MOST_RUNS } from "./statistics.js";

/** A new experiment adds its row. @type {readonly import("./experiment.js").Experiment[]} */
const experiments = [
  mamlTable2,
  firstOrderMaml,
  ...caviaExperiments,
  metaSgdAgainstMaml,
  reptileDemo,
  learnedOnQuadratics,
  learnedOnDigits,
  ...omniglotExperiments,
  ...omniglotAlgorithms,
];

const { values: options, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string" },
    short: { type: "boolean", default: false },
    json: { type: "string" },
    learners: { type: "string" },
  },
});
const { short } = options;
const seeds = options.seeds === undefined ? undefined : Number(options.seeds);
if (seeds !== undefined && !(Number.isInteger(seeds) && seeds >= 1 && seeds <= MOST_RUNS))
  throw new RangeError(`papers: expected --seeds from 1 to ${MOST_RUNS}, got ${options.seeds}`);
const names = experiments.map(({ name }) => name);
for (const start of asked)
  if (!names.some((name) => name.startsWith(start)))
    throw new RangeError(`papers: expected names that begin ${names.join(", ")}, got ${start}`);
const chosen = experiments.filter(
  ({ name }) => asked.length === 0 || asked.some((start) => name.startsWith(start)),
);

/** A run from its seed. @param {import("./experiment.js").Experiment} experiment @param {number} seed */
async function runOf(experiment, seed) {
  const before = process.cpuUsage();
  const keep = (/** @type {import("rvml").Learner} */ learner) => {
    if (options.learners === undefined) return;
    mkdirSync(options.learners, { recursive: true });
    const path = join(options.learners, `${experiment.name}-seed${seed}.safetensors`);
    writeFileSync(path, learner.save());
  };
  const figures = await experiment.run({ seed, short, keep });
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  const values = figures.map(({ value }) => value.toFixed(3)).join(", ");
  console.error(`${experiment.name}, seed ${seed}: ${values} (${seconds.toFixed(1)} s)`);
  return { seed, seconds, figures };
}

/** @type {import("./report.js").Result[]} */
const results = [];
for (const experiment of chosen) {
  const lacking = experiment.lacks?.();
  if (lacking) {
    console.error(`${experiment.name}: left out, needs ${lacking}`);
    continue;
  }
  const runs = [];
  for (let seed = 1; seed <= (seeds ?? (short ? 1 : experiment.seeds)); seed++)
    runs.push(await runOf(experiment, seed));
  results.push({ experiment, runs });
}
console.log(markdown(results, short));

/** What is not as it should be. */
const failures = results.flatMap((result) =>
  result.experiment.rows.flatMap((row, i) => {
    const bad = short
      ? !result.runs.every(({ figures }) => figures[i].value < (row.short ?? Infinity))
      : ["higher", "fails"].includes(verdict(row, result, i));
    return bad ? [`${result.experiment.name}: ${row.at}`] : [];
  }),
);
for (const failure of failures) console.error(`FAILED: ${failure}`);
if (failures.length > 0) process.exitCode = 1;

if (options.json) {
  const list = results.map((result) => {
    const { name, paper, settings, rows } = result.experiment;
    const judged = rows.map((row, i) => ({
      ...row,
      ...summary(result, i),
      ...(!short && { verdict: verdict(row, result, i) }),
    }));
    return { name, paper, settings, rows: judged, runs: result.runs };
  });
  const json = JSON.stringify({ machine: machine(), short, experiments: list }, null, 2);
  writeFileSync(options.json, `${json}\n`);
}
