import { existsSync, readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import {
  crossEntropy,
  episodes,
  groups,
  meanSquaredError,
  Random,
  readOmniglot,
  sinusoids,
  tableFromRows,
} from "rvml";

/**
 * @typedef {import("rvml").Task} Task
 * @typedef {import("rvml").Dataset} Dataset
 *
 * @typedef {object} Tasks what a seed draws
 * @property {import("rvml").TaskDistribution} train
 * @property {readonly Task[]} validation what the inner rates are chosen on
 * @property {readonly Task[]} test what the figures are about, and nothing else
 * @property {number} scale from the network's units to the data's own
 * @property {number} [groups] how many there are to train on, where tasks have an index
 * @property {Record<"train" | "validation" | "test", string[]>} [names] of a table's groups
 *
 * @typedef {object} Data read once
 * @property {(seed: number) => Tasks} tasks
 *
 * @typedef {object} TaskSet
 * @property {string} name
 * @property {string} title
 * @property {string} about
 * @property {string} measure how errors are counted, and their unit
 * @property {readonly number[]} sizes of the network
 * @property {"tanh" | "relu"} activation
 * @property {"layer" | undefined} norm
 * @property {import("rvml").Loss} loss
 * @property {boolean} classes whether targets are classes
 * @property {number} metaSteps
 * @property {number} metaRate where the meta-optimizer's rate begins; it falls to a twentieth
 * @property {number} supportRows
 * @property {readonly number[]} rates inner rates to choose from
 * @property {number} tuningSeeds how many seeds choose among them
 * @property {() => Promise<Data> | Data} read
 * @property {boolean} there whether its data are
 */

/** Tasks a meta-step, for all. */
export const META_BATCH = 10;
/** Inner steps that all are trained for. */
export const INNER_STEPS = 5;

const shared = new URL("../../../shared/data/", import.meta.url);
const gapminderFile = new URL("../data/gapminder.csv", import.meta.url);
const sleepFile = new URL("grouped-regression/sleepstudy.csv", shared);
const omniglotFiles = ["omniglot28-b1.bin.gz", "index.json"].map(
  (name) => new URL(`omniglot28/${name}`, shared),
);

const regression = {
  sizes: [1, 40, 40, 1],
  activation: /** @type {const} */ ("tanh"),
  norm: undefined,
  loss: meanSquaredError(),
  classes: false,
};

/** How many tasks to judge by; `short` is for tests. @param {boolean} short */
const counts = (short) => (short ? { sinusoids: 5, draws: 1 } : { sinusoids: 300, draws: 10 });

/** That many tasks, each from a stream of its own. */
const drawTasks = (
  /** @type {(random: Random) => Task} */ sample,
  /** @type {Random} */ random,
  /** @type {number} */ count,
) => Array.from({ length: count }, (_, i) => sample(random.fork(i)));

/** Sine waves of Finn et al. 2017. @param {boolean} short */
function sinusoidTasks(short) {
  const judged = sinusoids({ shots: 10, queryShots: 50 });
  return {
    tasks(/** @type {number} */ seed) {
      const [validation, test] = [1, 2].map((part) =>
        // Far from the streams that training draws from.
        drawTasks(judged.sample, new Random(seed).fork(0x5eed, part), counts(short).sinusoids),
      );
      return { train: sinusoids({ shots: 10, queryShots: 10 }), validation, test, scale: 1 };
    },
  };
}

/**
 * Groups of a table. Those to validate on are the same for every seed and are never tested on; the seed draws which of the others are
 * tested on. Each group is tried `draws` times, each time with other support rows.
 *
 * @param {URL} file
 * @param {{ group: string, inputs: string[], target: string, shots: number }} columns
 * @param {{ validation: number, test: number, draws: number }} counts
 */
function tableTasks(file, columns, { validation, test, draws }) {
  /** @type {string[][]} */
  const [header, ...rows] = parse(readFileSync(file, "utf8"));
  const table = tableFromRows(header, rows);
  const names = new Random(0).shuffle([...new Set(table.texts(columns.group))].sort());
  const kept = names.slice(0, validation);
  return {
    tasks(/** @type {number} */ seed) {
      const others = new Random(seed).shuffle(names.slice(validation));
      const split = { train: others.slice(test), validation: kept, test: others.slice(0, test) };
      const parts = groups(table, { ...columns, split });
      const [validating, testing] = [parts.validation, parts.test].map((part, i) => {
        const random = new Random(seed).fork(0x5eed, i);
        return Array.from({ length: draws }, (_, draw) => part.tasks(random.fork(draw))).flat();
      });
      return {
        train: parts.train,
        validation: validating,
        test: testing,
        scale: parts.standardization.target.scale,
        groups: parts.train.groups.length,
        names: split,
      };
    },
  };
}

/** Images of half the width and height, each pixel the mean of four. @param {import("rvml").Omniglot} images */
function halved({ rows, labels, width, height, row }) {
  const whole = new Float32Array(width * height);
  const [w, h] = [width / 2, height / 2];
  return {
    rows,
    labels,
    inSize: w * h,
    shape: [h, w, 1],
    row(/** @type {number} */ index, /** @type {Float32Array} */ into, /** @type {number} */ at) {
      row(index, whole, 0);
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
          const corner = 2 * y * width + 2 * x;
          const upper = whole[corner] + whole[corner + 1];
          const lower = whole[corner + width] + whole[corner + width + 1];
          into[at + y * w + x] = (upper + lower) / 4;
        }
    },
  };
}

/** Omniglot's characters, 5 ways, 1 shot. @param {boolean} short */
async function omniglotTasks(short) {
  const [packed, index] = omniglotFiles.map((file) => readFileSync(file));
  const omniglot = await readOmniglot(packed, JSON.parse(index.toString()));
  const images = halved(omniglot);
  const { train, validation, test } = omniglot.splits.random1200;
  const from = (/** @type {readonly number[]} */ classes) =>
    episodes(images, { ways: 5, shots: 1, queryShots: 2, classes });
  const count = counts(short).sinusoids;
  return {
    tasks(/** @type {number} */ seed) {
      const [validating, testing] = [validation, test].map((classes, part) =>
        drawTasks(from(classes).sample, new Random(seed).fork(0x5eed, part), count),
      );
      return { train: from(train), validation: validating, test: testing, scale: 1 };
    },
  };
}

/** @param {boolean} short for tests: a few tasks to judge by @returns {readonly TaskSet[]} */
export function taskSets(short) {
  const { draws } = counts(short);
  return [
    {
      name: "sinusoids",
      title: "Sine waves, 10 points",
      about: "y = A sin(x − φ) from 10 points (Finn et al. 2017)",
      measure: "RMSE",
      ...regression,
      metaSteps: 2000,
      metaRate: 0.005,
      supportRows: 10,
      rates: [0.001, 0.003, 0.01, 0.03, 0.1],
      tuningSeeds: 1,
      read: () => sinusoidTasks(short),
      there: true,
    },
    {
      name: "gapminder",
      title: "Life expectancy, 3 years known",
      about: "a country's life expectancy from 3 of its 11 years; 30 countries to train on",
      measure: "RMSE, years",
      ...regression,
      metaSteps: 2000,
      metaRate: 0.003,
      supportRows: 3,
      rates: [0.01, 0.03, 0.1, 0.3, 1],
      tuningSeeds: 1,
      read: () =>
        tableTasks(
          gapminderFile,
          { group: "country", inputs: ["year"], target: "life_expect", shots: 3 },
          { validation: 12, test: 20, draws },
        ),
      there: true,
    },
    {
      name: "sleepstudy",
      title: "Reaction times, 3 days known",
      about: "a subject's reaction time from 3 of 10 days; 9 subjects to train on",
      measure: "RMSE, ms",
      ...regression,
      metaSteps: 2000,
      metaRate: 0.003,
      supportRows: 3,
      rates: [0.01, 0.03, 0.1, 0.3, 1],
      // From one seed and four subjects, chance decides: it chose a rate for maml that went astray from another seed.
      tuningSeeds: 5,
      read: () =>
        tableTasks(
          sleepFile,
          { group: "Subject", inputs: ["Days"], target: "Reaction", shots: 3 },
          { validation: 4, test: 5, draws },
        ),
      there: existsSync(sleepFile),
    },
    {
      name: "omniglot",
      title: "Omniglot 14×14, 5-way 1-shot",
      about: "which of five characters, from one drawing of each; 1,100 characters to train on",
      measure: "wrong, %",
      sizes: [196, 64, 64, 5],
      activation: "relu",
      norm: "layer",
      loss: crossEntropy(),
      classes: true,
      metaSteps: 1000,
      metaRate: 0.003,
      supportRows: 5,
      rates: [0.03, 0.1, 0.3, 1],
      tuningSeeds: 1,
      read: () => omniglotTasks(short),
      there: omniglotFiles.every((file) => existsSync(file)),
    },
  ];
}
