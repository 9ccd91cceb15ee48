import {
  activation,
  adam,
  conv2d,
  cosine,
  createLearner,
  crossEntropy,
  dense,
  episodes,
  evaluate,
  flatten,
  groupNorm,
  maxPool,
  metaTrain,
  prototypical,
  Random,
  sequential,
} from "rvml";
import { SIDE } from "../page/raster.js";
import { MOST_SYMBOLS } from "../page/symbols.js";
import { asDrawn, omniglot, turned } from "./omniglot.js";

/** @import { Dataset, Learner } from "rvml" */

const SEED = 1;
const STEPS = 1500;
const META_BATCH_SIZE = 4;
/** More classes than the page has: harder tasks make better features (Snell et al. 2017, section 3.1). */
const TRAINING = { ways: 20, shots: 1, queryShots: 2 };
const REPORT_EVERY = 250;
const [VALIDATION_TASKS, TEST_TASKS] = [200, 1000];
/** What the page is for: few symbols, drawn once or twice. */
const CASES = [
  { ways: 3, shots: 1 },
  { ways: 5, shots: 1 },
  { ways: 8, shots: 1 },
  { ways: 3, shots: 2 },
  { ways: 5, shots: 2 },
  { ways: 8, shots: 2 },
];

/**
 * Four convolutions of 32 filters, the first three max-pooled: 28×28 → 14×14 → 7×7 → 3×3, and 288 features. Group norm: a drawing is judged by
 * itself, whatever it comes with.
 *
 * @param {number} ways
 */
function modelFor(ways) {
  const block = (/** @type {number} */ i) => [
    conv2d({
      ...(i === 0 && { inShape: [SIDE, SIDE, 1] }),
      filters: 32,
      kernel: 3,
      padding: "same",
    }),
    groupNorm({ groups: 8 }),
    activation("relu"),
    ...(i < 3 ? [maxPool({ kernel: 2 })] : []),
  ];
  return sequential([...[0, 1, 2, 3].flatMap(block), flatten(), dense({ outSize: ways })]);
}

/** @param {number} ways */
const optionsFor = (ways) => ({
  model: modelFor(ways),
  loss: crossEntropy(),
  algorithm: prototypical(),
  seed: SEED,
  maxRows: 256,
});

/** The same features for another number of classes: the last layer is made of the prototypes, and its own weights have no part. @param {Learner} learner @param {number} ways */
async function withWays(learner, ways) {
  const other = await createLearner({ ...optionsFor(ways), metaOptimizer: adam() });
  const features = learner.parameters.length - 289 * learner.model.outSize;
  other.parameters.set(learner.parameters.subarray(0, features));
  return other;
}

/** The share of right answers in tasks of some characters. @param {Learner} learner @param {Dataset} images @param {number} tasks */
async function accuracies(learner, images, tasks) {
  const all = [];
  for (const { ways, shots } of CASES) {
    const distribution = episodes(images, { ways, shots, queryShots: 3 });
    const [{ accuracy = NaN, accuracyInterval = NaN }] = evaluate(
      await withWays(learner, ways),
      distribution,
      { tasks, steps: [0] },
    );
    all.push(
      `${ways} symbols, ${shots} drawn each: ${(100 * accuracy).toFixed(1)} ± ${(100 * accuracyInterval).toFixed(1)} %`,
    );
  }
  return all.join("; ");
}

/** Meta-trains on Omniglot's training characters; gives the file's name and what goes into it. @param {string} folder @param {(line: string) => void} print */
export async function symbolModel(folder, print) {
  const images = await omniglot(folder);
  const { train, validation, test } = images.splits.vinyals;
  const training = turned(asDrawn(images, train, new Random(SEED)), train.length);
  const validating = asDrawn(images, validation);
  const learner = await createLearner({
    ...optionsFor(TRAINING.ways),
    metaOptimizer: adam({ learningRate: cosine({ from: 0.003, to: 1e-5, steps: STEPS }) }),
  });
  const tasks = episodes(training.images, { ...TRAINING, classes: training.classes });
  for await (const { step } of metaTrain(learner, tasks, {
    steps: STEPS,
    metaBatchSize: META_BATCH_SIZE,
  }))
    if (step % REPORT_EVERY === 0 && step < STEPS)
      print(`step ${step}, validation: ${await accuracies(learner, validating, VALIDATION_TASKS)}`);
  print(`validation: ${await accuracies(learner, validating, TEST_TASKS)}`);
  print(`test: ${await accuracies(learner, asDrawn(images, test), TEST_TASKS)}`);
  return { file: "symbols.safetensors", learner: await withWays(learner, MOST_SYMBOLS) };
}
