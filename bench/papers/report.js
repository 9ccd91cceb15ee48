import { prediction } from "./statistics.js";

/**
 * @import { Experiment, Figure, Row } from "./experiment.js"
 *
 * @typedef {object} Run
 * @property {number} seed
 * @property {number} seconds
 * @property {Figure[]} figures
 *
 * @typedef {object} Result
 * @property {Experiment} experiment
 * @property {Run[]} runs
 */

/** Of fewer runs an interval says nothing: Student's t of one degree of freedom is 12.7. */
const LEAST_RUNS = 3;

/** Three decimals; of small or vast numbers two digits. @param {number} value */
function shown(value) {
  const size = Math.abs(value);
  return size === 0 || (size >= 0.01 && size < 1e4) ? value.toFixed(3) : value.toPrecision(2);
}

const withInterval = (/** @type {number} */ value, /** @type {number | undefined} */ interval) =>
  interval === undefined || Number.isNaN(interval)
    ? shown(value)
    : `${shown(value)} ± ${shown(interval)}`;

/**
 * One figure of all runs.
 *
 * @param {Result} result
 * @param {number} i
 */
export function summary({ runs }, i) {
  const values = runs.map(({ figures }) => figures[i].value);
  return { values, ...prediction(values) };
}

/**
 * Whether a figure is reproduced: theirs has to lie where one more run of ours would, with 95 % certainty, their own interval included.
 * Runs that differ in nothing but the seed differ by more than the interval over a run's test tasks. A bound has to hold in every run.
 *
 * @param {Row} row
 * @param {Result} result
 * @param {number} i
 * @returns {"agrees" | "lower" | "higher" | "holds" | "fails" | ""}
 */
export function verdict({ theirs, interval = 0, below }, result, i) {
  const figures = result.runs.map((run) => run.figures[i]);
  if (below !== undefined)
    return figures.every(({ value, interval: own = 0 }) => value + own < below) ? "holds" : "fails";
  const { mean, ofRun } = summary(result, i);
  if (theirs === undefined || figures.length < LEAST_RUNS) return "";
  if (Math.abs(mean - theirs) <= Math.sqrt(ofRun ** 2 + interval ** 2)) return "agrees";
  return mean < theirs ? "lower" : "higher";
}

/** All results as a table in Markdown; a line each figure. @param {readonly Result[]} results @param {boolean} short */
export function markdown(results, short) {
  const head = [
    "experiment",
    "figure",
    "theirs",
    "whose",
    "rvml",
    "each run",
    "",
    "s a run",
    "settings",
  ];
  const lines = results.flatMap((result) =>
    result.experiment.rows.map((row, i) => cells(result, row, i, short)),
  );
  return [head, head.map(() => "---"), ...lines]
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n");
}

/** One run's. @param {Figure} figure @param {boolean} withMedian */
function shownFigure({ value, interval, median, note }, withMedian = false) {
  const more = [note, withMedian && median !== undefined && `median ${shown(median)}`];
  const words = more.filter(Boolean).join(", ");
  return withInterval(value, interval) + (words && ` (${words})`);
}

/** @param {Result} result @param {Row} row @param {number} i @param {boolean} short */
function cells(result, row, i, short) {
  const { experiment, runs } = result;
  const { mean, ofMean } = summary(result, i);
  const { theirs, interval, below, source = "" } = row;
  const reference = theirs === undefined ? "" : withInterval(theirs, interval);
  const each = runs.map(({ figures }) => shownFigure(figures[i], row.median));
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0) / runs.length;
  return [
    i === 0 ? experiment.paper : "",
    row.at,
    below === undefined ? reference : `< ${below}`,
    source,
    withInterval(mean, runs.length < LEAST_RUNS ? undefined : ofMean),
    each.join(", "),
    short ? "" : verdict(row, result, i),
    i === 0 ? seconds.toFixed(seconds < 10 ? 1 : 0) : "",
    i === 0 ? experiment.settings : "",
  ];
}
