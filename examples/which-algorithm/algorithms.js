import {
  alfa,
  anil,
  boil,
  cavia,
  implicitMaml,
  innerAdam,
  innerMomentum,
  maml,
  mamlPlusPlus,
  metaCurvature,
  metaSgd,
  multiTask,
  pretrain,
  protoMaml,
  prototypical,
  reptile,
  tNet,
  warpGrad,
} from "rvml";
import { INNER_STEPS } from "./task-sets.js";

/**
 * @typedef {import("./task-sets.js").TaskSet} TaskSet
 * @typedef {import("./task-sets.js").Tasks} Tasks
 *
 * @typedef {object} Setting what is chosen on validation tasks
 * @property {number} rate the inner rate
 * @property {number} [damping] implicitMaml's
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {(rates: readonly number[]) => readonly Setting[]} settings
 * @property {(setting: Setting, set: TaskSet, tasks: Tasks) => import("rvml").Algorithm} make
 * @property {(set: TaskSet) => boolean} applies
 * @property {number} [context] inputs of its own that the network gets
 * @property {boolean} [allRows] trains on all rows of a task as support, as its paper has no query set
 * @property {boolean} [rateless] its training does not depend on the rate, only its adapting does
 */

const everywhere = () => true;
const eachRate = (/** @type {readonly number[]} */ rates) => rates.map((rate) => ({ rate }));
/** For steps that are longer than rate times gradient: momentum adds up, and Adam's are about as long as the rate. */
const lowerRates = (/** @type {readonly number[]} */ rates) =>
  eachRate(rates.map((rate) => Number((rate / 3).toPrecision(1))));

/** Options that all with an inner loop have. @param {Setting} setting */
const loop = ({ rate }) => ({ innerLearningRate: rate, innerSteps: INNER_STEPS });

/**
 * @param {string} name
 * @param {Contender["make"]} make
 * @param {Partial<Contender>} rest
 * @returns {Contender}
 */
const row = (name, make, rest = {}) => ({
  name,
  make,
  settings: eachRate,
  applies: everywhere,
  ...rest,
});

/** All that the library has, but for learned optimizers (see docs/which-algorithm.md). @type {readonly Contender[]} */
export const contenders = [
  row("maml", (setting) => maml(loop(setting))),
  row("maml, order 1", (setting) => maml({ ...loop(setting), order: 1 })),
  row("anil", (setting) => anil(loop(setting))),
  row("boil", (setting) => boil(loop(setting))),
  row("tNet", (setting) => tNet(loop(setting))),
  row("warpGrad", (setting) => warpGrad(loop(setting))),
  row("metaSgd", (setting) => metaSgd(loop(setting))),
  row("mamlPlusPlus", (setting, { metaSteps }) =>
    mamlPlusPlus({ ...loop(setting), multiStepLoss: metaSteps / 10 }),
  ),
  row("alfa", (setting) => alfa(loop(setting))),
  row("metaCurvature", (setting) => metaCurvature(loop(setting)), {
    // With 196 inputs a training takes thirteen times as long as maml's.
    applies: ({ classes }) => !classes,
  }),
  row("innerMomentum", (setting) => innerMomentum(loop(setting)), { settings: lowerRates }),
  row("innerAdam", (setting) => innerAdam(loop(setting)), { settings: lowerRates }),
  row("cavia", (setting) => cavia(loop(setting)), { context: 5 }),
  row(
    "implicitMaml",
    (setting) => implicitMaml({ ...loop(setting), damping: setting.damping ?? 0 }),
    {
      settings: (rates) => [0, 1000].flatMap((damping) => rates.map((rate) => ({ rate, damping }))),
    },
  ),
  row(
    "reptile",
    (setting, { supportRows }) => reptile({ ...loop(setting), innerBatchSize: supportRows }),
    { allRows: true },
  ),
  row("pretrain", (setting) => pretrain(loop(setting)), { rateless: true }),
  row(
    "multiTask",
    (setting, _set, { groups = 0 }) => multiTask({ ...loop(setting), tasks: groups }),
    { rateless: true, applies: ({ name }) => name === "gapminder" || name === "sleepstudy" },
  ),
  row("protoMaml", (setting) => protoMaml(loop(setting)), { applies: ({ classes }) => classes }),
  row("prototypical", () => prototypical(), {
    applies: ({ classes }) => classes,
    settings: () => [{ rate: 0 }],
  }),
];
