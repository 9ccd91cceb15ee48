/**
 * Which algorithm is worth it? All of them on the same tasks with the same budget.
 *
 *     npm run build && npm run compare:algorithms -- [--short] [--seeds 5] [--sets NAME,NAME] [--json FILE]
 *
 * Every algorithm gets the same network, meta-optimizer, meta-steps and tasks a meta-step, and is trained for the same number of inner
 * steps. Its inner rate is what did best on validation tasks, trained from seed 1 (on the smallest table from all seeds), out of the rates
 * that the task set lists; the test tasks have no part in that. Then it is trained from each seed, which also draws the groups and tasks
 * that are tested on.
 *
 * `--json FILE` keeps all figures there, and a table and a plot beside it (.md, .svg); results of sets that are in the file already and are
 * not asked for stay (`--sets none` draws table and plot anew). `--short` trains next to nothing, shows that all works, and claims nothing.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { contenders } from "./algorithms.js";
import { baselines } from "./baselines.js";
import { plot } from "./plot.js";
import { markdown } from "./report.js";
import { MOST_SEEDS } from "./statistics.js";
import { INNER_STEPS, META_BATCH, taskSets } from "./task-sets.js";
import { baselineError, errors, MAX_TASK_NORM, train, tune } from "./trial.js";

/**
 * @typedef {import("./task-sets.js").TaskSet} TaskSet
 * @typedef {import("./algorithms.js").Contender} Contender
 *
 * @typedef {object} Row of an algorithm or a baseline
 * @property {string} name
 * @property {number[][]} errors by seed, after each number of steps; for a baseline one a seed; none for a seed that diverged
 * @property {number[]} seconds of processor time to train, by seed; none for a baseline
 * @property {number} diverged seeds whose training had to stop
 * @property {number} [own] meta-parameters besides θ
 * @property {number} [parameters] θ's
 * @property {import("./algorithms.js").Setting} [setting] that was chosen
 * @property {import("./algorithms.js").Setting[]} [tried] with their errors on validation tasks
 *
 * @typedef {Pick<TaskSet, "name" | "title" | "about" | "measure" | "sizes" | "metaSteps" | "metaRate" | "rates" | "tuningSeeds"> & { rows: Row[] }} SetResults
 *
 * @typedef {object} Results
 * @property {{ cpu: string, cores: number, node: string }} machine
 * @property {boolean} claim whether these figures are worth quoting
 * @property {number} seeds
 * @property {number} innerSteps
 * @property {number} metaBatch
 * @property {number} maxTaskNorm
 * @property {SetResults[]} sets
 */

const USAGE = "[--short] [--seeds N] [--sets NAME,NAME] [--json FILE]";

const HELP = `Usage: npm run compare:algorithms -- ${USAGE}

Trains the library's algorithms on the same tasks with the same budget, and prints their errors on new tasks.

  --short      next to no training: shows that all works, and claims nothing
  --seeds N    runs of each, 1 to ${MOST_SEEDS} (default 5; with --short 2)
  --sets NAME  some of ${setNames().join(", ")} (default all), commas between; none draws table and plot of --json anew
  --json FILE  keeps all figures there, and a table and a plot beside it (.md, .svg); its other sets stay
  --help       shows this`;

const options = readOptions();
if (options.help) {
  console.log(HELP);
  process.exit();
}
const { short } = options;
const seeds = Number(options.seeds ?? (short ? 2 : 5));
if (!(Number.isInteger(seeds) && seeds >= 1 && seeds <= MOST_SEEDS))
  refuse(`--seeds 1 to ${MOST_SEEDS}`, options.seeds);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        short: { type: "boolean", default: false },
        seeds: { type: "string" },
        sets: { type: "string" },
        json: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch {
    return refuse(`${USAGE} (see --help)`, process.argv.slice(2).join(" "));
  }
}

function setNames() {
  return taskSets(true).map(({ name }) => name);
}

/** Wrong use: one line, before anything is trained. @param {string} expected @param {unknown} got @returns {never} */
function refuse(expected, got) {
  console.error(`which-algorithm: expected ${expected}, got ${got}`);
  process.exit(2);
}

/** What `--short` makes of a set. @param {TaskSet} set */
const shortened = (set) => ({ ...set, metaSteps: 10, rates: set.rates.slice(0, 1) });

/** The sets asked for whose data are there. */
function chosenSets() {
  const names = options.sets?.split(",").filter((name) => name !== "none");
  for (const name of names ?? [])
    if (!setNames().includes(name)) refuse(`--sets of ${setNames().join(", ")}`, name);
  const chosen = taskSets(short).filter(({ name }) => names?.includes(name) ?? true);
  for (const { name } of chosen.filter(({ there }) => !there))
    console.log(`${name}: left out, its data are not here`);
  return chosen.filter(({ there }) => there).map((set) => (short ? shortened(set) : set));
}

/** @param {Row} row @param {import("./trial.js").Trained} trained @param {TaskSet} set @param {import("./task-sets.js").Tasks} tasks */
function record(row, { learner, seconds, diverged }, set, tasks) {
  row.own = learner.metaParameters.length - learner.parameters.length;
  row.parameters = learner.parameters.length;
  row.seconds.push(seconds);
  const found = errors(learner, set, tasks, "test");
  if (diverged || !found.every(Number.isFinite)) row.diverged++;
  else row.errors.push(found);
  const shown = found.map((each) => each.toPrecision(3)).join(" → ");
  const at = `rate ${row.setting?.rate}`;
  console.log(`${set.name}: ${row.name}, ${at}: ${shown} (${seconds.toFixed(1)} s)`);
}

/** Everything on one set of tasks. @param {TaskSet} set @returns {Promise<SetResults>} */
async function compare(set) {
  const data = await set.read();
  const drawn = Array.from({ length: seeds }, (_, i) => data.tasks(i + 1));
  const present = contenders.filter(({ applies }) => applies(set));
  /** @type {(Row & { contender: Contender })[]} */
  const rows = [];
  const tuning = Math.min(set.tuningSeeds, seeds);
  for (const contender of present) {
    const { setting, trained, tried } = await tune(contender, set, drawn.slice(0, tuning));
    const { name } = contender;
    const row = { name, contender, setting, tried, errors: [], seconds: [], diverged: 0 };
    rows.push(row);
    trained.forEach((each, i) => record(row, each, set, drawn[i]));
  }
  for (const tasks of drawn.slice(tuning))
    for (const row of rows) {
      const { contender, setting = { rate: 0 } } = row;
      const seed = drawn.indexOf(tasks) + 1;
      record(row, await train(contender, set, tasks, setting, seed), set, tasks);
    }
  const applying = baselines.filter((each) => (set.classes ? each.forClasses : each.forNumbers));
  const simple = applying.map((baseline) => ({
    name: baseline.name,
    errors: drawn.map((tasks) => [baselineError(baseline, set, tasks)]),
    seconds: [],
    diverged: 0,
  }));
  const { name, title, about, measure, sizes, metaSteps, metaRate, rates, tuningSeeds } = set;
  const learned = rows.map(({ contender, ...row }) => ({ ...row, name: contender.name }));
  const words = { name, title, about, measure };
  return {
    ...words,
    sizes,
    metaSteps,
    metaRate,
    rates,
    tuningSeeds,
    rows: [...learned, ...simple],
  };
}

/** What the file has already. @returns {Results | undefined} */
function keptResults() {
  if (!options.json || !existsSync(options.json)) return undefined;
  return JSON.parse(readFileSync(options.json, "utf8"));
}

/** The file's results, with the sets made now in their place. @param {SetResults[]} made @returns {Results} */
function merged(made) {
  const order = setNames();
  const others = (kept?.sets ?? []).filter(({ name }) => !made.some((set) => set.name === name));
  const sets = [...others, ...made].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  if (kept && made.length === 0) return kept;
  return {
    machine: { cpu: cpus()[0].model.trim(), cores: availableParallelism(), node: process.version },
    claim: !short,
    seeds,
    innerSteps: INNER_STEPS,
    metaBatch: META_BATCH,
    maxTaskNorm: MAX_TASK_NORM,
    sets,
  };
}

async function write(/** @type {Results} */ results) {
  if (!options.json) return;
  writeFileSync(options.json, `${JSON.stringify(results, null, 1)}\n`);
  const beside = (/** @type {string} */ ending) =>
    options.json?.replace(/(\.json)?$/, ending) ?? "";
  writeFileSync(beside(".md"), markdown(results));
  writeFileSync(beside(".svg"), await plot(results));
}

const kept = keptResults();
const chosen = chosenSets();
if (kept && chosen.length > 0 && (kept.seeds !== seeds || kept.claim === short))
  refuse(
    `a file with ${seeds} seeds and ${short ? "short" : "whole"} runs in --json`,
    options.json,
  );
const made = [];
for (const set of chosen) {
  made.push(await compare(set));
  await write(merged(made));
}
if (chosen.length === 0) await write(merged(made));
console.log(`\n${markdown(merged(made))}`);
