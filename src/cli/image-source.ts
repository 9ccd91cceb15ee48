import { basename, resolve } from "node:path";
import {
  type Dataset,
  episodes,
  type Episodes,
  type EpisodeTask,
  Random,
  splitClasses,
} from "../index.ts";
import { classBaselines } from "./class-baselines.ts";
import { Failure, fromOptions, UsageError } from "./errors.ts";
import { classesWith, fingerprint, namesOf, onlyClasses, readImages } from "./image-classes.ts";
import { imageTasks } from "./image-tasks.ts";
import type { HeldOut } from "./judge.ts";
import type { DataOptions } from "./kind.ts";
import { fractionOf } from "./options.ts";
import { count } from "./print.ts";
import type { ImageRecord } from "./saved.ts";
import type { ForImages } from "./settings.ts";
import { pixelWords } from "./settings-words.ts";
import type { Source, Words } from "./source.ts";

/** How many tasks to judge by, and to choose the baselines' settings by. */
export const judgedTasks = 200;
const tuningTasks = 50;

/** Training classes, and those that it never sees, by their numbers in the dataset. */
interface Parts {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** A folder of class folders. */
export async function newImageSource(
  folder: string,
  { holdout, dropSmall }: Pick<DataOptions, "holdout" | "dropSmall">,
  settings: ForImages,
): Promise<Source> {
  const all = await readImages(folder, settings);
  const advice = (got: number) =>
    `${got > settings.shots ? "--query-shots takes fewer, " : ""}--drop-small leaves such classes out`;
  const images = classesWith(all, folder, settings, { dropSmall, advice });
  const parts = splitOf(images, folder, holdout, settings);
  const left = all.classNames!.length - parts.train.length - parts.test.length;
  return imageSource(images, folder, parts, settings, left);
}

/** The one that a model was trained on. */
export async function sameImages(
  folder: string,
  path: string,
  record: ImageRecord,
  settings: ForImages,
): Promise<Source> {
  const images = await readImages(folder, settings);
  const numbers = (names: readonly string[]) =>
    names.map((name) => images.classNames!.indexOf(name));
  const parts = { train: numbers(record.train), test: numbers(record.heldOut) };
  const known = [...parts.train, ...parts.test];
  if (known.includes(-1) || fingerprint(images, known) !== record.fingerprint)
    throw new Failure(`${folder}: expected the images that ${path} was trained on, got others`);
  return imageSource(onlyClasses(images, known), folder, parts, settings, 0);
}

function splitOf(
  images: Dataset,
  folder: string,
  holdout: DataOptions["holdout"],
  { ways, seed }: ForImages,
): Parts {
  const total = new Set(Array.from(images.labels)).size;
  if (!holdout && total < 2 * ways)
    throw new UsageError(
      `--ways: expected at most half of the ${count(total, "class")} of ${folder}, to learn from and to hold out, got ${ways}`,
    );
  const fraction = holdout ? fractionOf(holdout) : 0.25;
  const least = holdout ? 0 : ways;
  const test =
    fraction === undefined
      ? named(images, folder, holdout!)
      : Math.max(least, Math.round(fraction * total));
  const held = typeof test === "number" ? test : test.length;
  if (held >= ways && total - held >= ways) return splitClasses(images, { test, seed });
  const got = `${total - held} and ${held}`;
  throw new UsageError(
    `--holdout: expected at least ${ways} classes (--ways) to learn from and ${ways} held out, got ${got}`,
  );
}

/** Classes of those names, and of folders of those names. */
function named(images: Dataset, folder: string, names: readonly string[]): number[] {
  const usable = [...new Set(Array.from(images.labels))];
  const within = (one: number, name: string) => {
    const path = images.classNames![one];
    return path === name || path.startsWith(`${name}/`);
  };
  const strange = names.find((name) => !usable.some((one) => within(one, name)));
  if (strange !== undefined)
    throw new UsageError(
      `--holdout: expected a fraction between 0 and 1 or classes of ${folder}, got "${strange}"`,
    );
  return usable.filter((one) => names.some((name) => within(one, name)));
}

function imageSource(
  images: Dataset,
  folder: string,
  { train, test }: Parts,
  settings: ForImages,
  leftOut: number,
): Source {
  const { ways, shots, queryShots, rotations, seed } = settings;
  const tasks = { ways, shots, queryShots };
  const held = fromOptions(() => episodes(images, { ...tasks, classes: test }));
  const learnable = { ...tasks, classes: train };
  const heldOut = drawTasks(held, judgedTasks, seed, "judged");
  const source: Source = {
    inShape: images.shape,
    ways,
    maxRows: ways * (shots + queryShots),
    train: fromOptions(() => episodes(images, { ...learnable, rotations })),
    tuning: drawTasks(episodes(images, learnable), tuningTasks, seed, "tuning"),
    heldOut,
    record: {
      kind: "images",
      name: basename(resolve(folder)),
      train: namesOf(images, train),
      heldOut: namesOf(images, test),
      fingerprint: fingerprint(images, [...train, ...test]),
    },
    words: wordsOf(folder, images, { train, test }, settings, leftOut),
    unit: 1,
    baselines: (chosen, quiet) => classBaselines(source, images, train, chosen, quiet),
    pictures: (learner, chosen) => imageTasks(learner, heldOut, images, chosen),
  };
  return source;
}

const streams = { tuning: 0, judged: 1 };

/** A held-out task, drawn again whenever it is asked for: of large images, all of them at once would fill the memory. */
export interface HeldOutImages extends HeldOut {
  readonly tasks: readonly [EpisodeTask];
}

/** The same tasks for the same seed; training draws from other streams. */
export function drawTasks(
  distribution: Episodes,
  tasks: number,
  seed: number,
  part: keyof typeof streams,
): HeldOutImages[] {
  const random = new Random(seed).fork(0x5eed);
  return Array.from({ length: tasks }, (_, i) => ({
    name: `task ${i + 1}`,
    get tasks() {
      return [distribution.sample(random.fork(streams[part], i))] as const;
    },
  }));
}

function wordsOf(
  folder: string,
  images: Dataset,
  { train, test }: Parts,
  settings: ForImages,
  leftOut: number,
): Words {
  const { ways, shots, queryShots } = settings;
  const name = basename(resolve(folder));
  const each = `${count(shots, "image")} of each`;
  const left =
    leftOut > 0 ? ` Left out for having too few images: ${count(leftOut, "class")}.` : "";
  const known = train.length + test.length;
  return {
    title: `Telling ${ways} new classes apart from ${each}`,
    lead:
      `${name} has ${count(images.rows, "image")} of ${known} classes. From ${train.length} of them the network learned how to learn new ones ` +
      `from ${each}; the other ${test.length} it never saw. The figures are about tasks of ${ways} of those ${test.length}, ` +
      `with ${count(ways * queryShots, "further image")} to name.${left}`,
    intro:
      `${name}: ${count(images.rows, "image")} of ${known} classes, ${train.length} to learn from and ${test.length} held out; ${pixelWords(settings)}.${left}\n` +
      `To learn: tell ${ways} new classes apart, after seeing ${each}.`,
    group: "task",
    row: "image",
    measure: "accuracy",
    unit: "",
    judged: `Each task here is ${ways} of the ${test.length} classes that were kept away from training, drawn anew. ${count(shots, "image")} of each class ${shots === 1 ? "is" : "are"} given to adapt on; ${count(queryShots, "other")} of each ${queryShots === 1 ? "is" : "are"} to be named. Guessing gets ${Number((100 / ways).toFixed(1))} % right.`,
    loss: `cross-entropy; guessing gives ${Math.log(ways).toFixed(2)}`,
  };
}
