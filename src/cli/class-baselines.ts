import {
  type Batch,
  type Dataset,
  type Learner,
  nearestNeighbor,
  type Random,
  type Task,
  type TaskDistribution,
} from "../index.ts";
import { atBestRate } from "./at-best-rate.ts";
import { learned } from "./baselines.ts";
import type { Contender } from "./judge.ts";
import { headLength } from "./network.ts";
import { newLearner } from "./new-learner.ts";
import { type Defaults, defaultsOf, jointSettings, type Settings } from "./settings.ts";
import type { Source } from "./source.ts";
import { trainJoint } from "./train-joint.ts";

/** What a learned start has to beat where images are told apart. */
export async function classBaselines(
  source: Source,
  images: Dataset,
  classes: readonly number[],
  settings: Settings,
  quiet: boolean,
): Promise<Contender[]> {
  const joint = jointSettings(settings, defaultsOf("images"));
  const untrained = await newLearner(joint, source);
  const pretrained = await pretrainedStart(source, images, classes, joint, quiet);
  return [
    await atBestRate(pretrained, source, joint, (learner, rate) =>
      learned(
        learner,
        "pretrained, fine-tuned",
        `The same network, first trained to tell the ${classes.length} training classes apart; then a new last layer, and gradient steps on the new task's images, at the rate that did best on the training side (${rate}).`,
      ),
    ),
    await nearestMeans(pretrained, source, joint),
    await atBestRate(untrained, source, joint, (learner, rate) =>
      learned(
        learner,
        "untrained, fine-tuned",
        `The same network from random weights, at the rate that did best on the training side (${rate}).`,
      ),
    ),
    nearestPixels(images.inSize),
  ];
}

/** The pretrained network's features, and the class whose mean of them is nearest (Snell et al. 2017, without their training). */
async function nearestMeans(
  pretrained: Learner,
  source: Source,
  settings: Defaults,
): Promise<Contender> {
  const learner = await newLearner({ ...settings, algorithm: "prototypical" }, source);
  learner.parameters.set(pretrained.parameters);
  const note =
    "The pretrained network's features, without a gradient step: the class whose mean features are nearest.";
  return learned(learner, "pretrained, nearest mean", note);
}

/** The class of the support image that is nearest, pixel by pixel. */
function nearestPixels(inSize: number): Contender {
  return {
    name: "nearest neighbor of pixels",
    note: "The class of the given image that is most alike, pixel by pixel; it learns nothing.",
    adapts: false,
    predict: ({ support, query }) => nearestNeighbor(support, inSize).predict(query.inputs),
  };
}

/** Trained as a classifier of all training classes, as long as the learner under test; its last layer then gives way to an untrained one. */
async function pretrainedStart(
  source: Source,
  images: Dataset,
  classes: readonly number[],
  settings: Defaults,
  quiet: boolean,
): Promise<Learner> {
  const train = jointRows(images, classes, settings);
  const classifier = await trainJoint({ ...source, ways: classes.length, train }, settings, quiet);
  const start = await newLearner(settings, source);
  const body = start.parameters.length - headLength(start.model);
  start.parameters.set(classifier.parameters.subarray(0, body));
  return start;
}

/** Rows of all those classes, as many as a task has, each under its class's place among them. */
function jointRows(
  images: Dataset,
  classes: readonly number[],
  { ways = 0, shots, queryShots = 0 }: Settings,
): TaskDistribution {
  const { inSize, labels } = images;
  const places = new Map(classes.map((one, place) => [one, place]));
  const rows = Array.from(labels, (_, row) => row).filter((row) => places.has(labels[row]));
  function draw(count: number, random: Random): Batch {
    const inputs = new Float32Array(count * inSize);
    const targets = Float32Array.from({ length: count }, (_, i) => {
      const row = rows[random.integer(rows.length)];
      images.row(row, inputs, i * inSize);
      return places.get(labels[row])!;
    });
    return { inputs, targets, rows: count };
  }
  return {
    inSize,
    targetSize: 1,
    sample: (random): Task => ({
      support: draw(ways * shots, random),
      query: draw(ways * queryShots, random),
    }),
  };
}
