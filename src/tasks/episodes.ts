import { checkArray, checkInteger, checkOneOf, checkOptions, refuse } from "../check.ts";
import { checkDataset, type Dataset } from "../data/dataset.ts";
import { rowsBy } from "../data/rows-by.ts";
import { turnOf } from "../data/turn.ts";
import { checkRandom, type Random } from "../random.ts";
import type { Shape } from "../shape.ts";
import type { Batch, Task, TaskDistribution } from "../task.ts";
import { type Parts, type Split, splitParts } from "../data/split.ts";

/** Options of {@link episodes}. */
export interface EpisodesOptions {
  /** Classes in a task. */
  readonly ways: number;
  /** Support rows of each class. */
  readonly shots: number;
  /** Query rows of each class; default: as many as `shots`. */
  readonly queryShots?: number;
  /**
   * Classes to draw from; default: all. From `splitClasses`, so that training and test share none.
   */
  readonly classes?: ArrayLike<number>;
  /**
   * "perTask": each class of each task is turned by a random multiple of 90 degrees, its support and
   * query rows alike; square images only. Default "none". To have turned images as classes of their
   * own, see `rotated`.
   */
  readonly rotations?: "none" | "perTask";
}

/** An N-way classification task, and what its labels stand for. */
export interface EpisodeTask extends Task {
  /** The dataset's class of label 0, 1 … ways − 1. */
  readonly classes: readonly number[];
}

/** N-way classification tasks, drawn by {@link episodes}. */
export interface Episodes extends TaskDistribution {
  /** Classes in a task: the network's outSize. */
  readonly ways: number;
  /** The classes that tasks are drawn from, ascending. */
  readonly classes: readonly number[];
  /** The names of all the dataset's classes, where it has them. */
  readonly classNames?: readonly string[];
  /** What a row of inputs is, as in the dataset: [height, width, channels] of an image. */
  readonly shape: Shape;
  sample(random: Random): EpisodeTask;
}

/**
 * Few-shot classification: a task is `ways` different classes, each with `shots` support rows and
 * `queryShots` query rows; no row is in both. Classes, then the rows of each class, are drawn
 * without replacement, all alike.
 *
 * Row r of the support set, and of the query set, is of label r mod ways, so that any run of a multiple of `ways` rows, such as a step's of
 * `reptile`'s inner batches, has the classes in equal parts. A label (0 … ways − 1) is the class's place in this task; it says nothing
 * about which class it is. `task.classes[label]` does.
 *
 * With `rotations: "perTask"` the same rows are drawn as without, and each class is then turned.
 * This is how the code of Finn et al. 2017 draws Omniglot, in training and in testing.
 *
 * Cost: (shots + queryShots)·ways rows are unpacked for a task.
 *
 * @returns inSize and shape as in the dataset, targetSize 1; targets are the labels, Float32Array
 * @throws {RangeError} `episodes: expected 2 ≤ ways ≤ 20, got 21`; a class that does not exist, or
 * has fewer rows than `shots` + `queryShots`: `episodes: expected at least 6 rows in class 3, got
 * 5`; images to turn that are not square
 * @see Vinyals et al. 2016, arXiv:1606.04080, section 4; Finn, Abbeel, Levine 2017,
 * arXiv:1703.03400, and its data_generator.py for the rotations
 * @example
 * const { train, test } = omniglot.splits.random1200;
 * const distribution = episodes(omniglot, { ways: 5, shots: 1, classes: train });
 */
export function episodes(dataset: Dataset, options: EpisodesOptions): Episodes {
  const { inSize, shape = [inSize], classNames } = checkDataset("episodes", dataset);
  checkOptions("episodes", options, ["ways", "shots", "queryShots", "classes", "rotations"]);
  const { ways, shots, queryShots = shots, rotations = "none" } = options;
  checkInteger("episodes", "shots", shots, { min: 1 });
  checkInteger("episodes", "queryShots", queryShots, { min: 1 });
  checkOneOf("episodes", "rotations", rotations, ["none", "perTask"]);
  const rowsOf = rowsBy(dataset.labels);
  const classes = checkClasses(rowsOf, options.classes, shots + queryShots);
  checkInteger("episodes", "ways", ways, { min: 2, max: classes.length });

  const turn = rotations === "perTask" ? turnOf("episodes", shape) : undefined;
  const upright = new Float32Array(inSize);

  function blank(rows: number) {
    const inputs = new Float32Array(rows * inSize);
    return { inputs, targets: new Float32Array(rows), rows } satisfies Batch;
  }

  function write(row: number, quarters: number, into: Float32Array, offset: number): void {
    if (!turn) return dataset.row(row, into, offset);
    dataset.row(row, upright, 0);
    turn(upright, quarters, into, offset);
  }

  function sample(random: Random): EpisodeTask {
    checkRandom("sample", random);
    const support = blank(ways * shots);
    const query = blank(ways * queryShots);
    const chosen = random.choose(ways, classes.length);
    const turns = turn && random.fork(0); // of its own: the rows drawn are the same either way
    for (let label = 0; label < ways; label++) {
      const rows = rowsOf.get(classes[chosen[label]])!;
      const picked = random.choose(shots + queryShots, rows.length);
      const quarters = turns ? turns.integer(4) : 0;
      for (let i = 0; i < picked.length; i++) {
        const batch = i < shots ? support : query;
        const place = (i < shots ? i : i - shots) * ways + label;
        write(rows[picked[i]], quarters, batch.inputs, place * inSize);
        batch.targets[place] = label;
      }
    }
    return { support, query, classes: Array.from(chosen, (one) => classes[one]) };
  }

  const described = { inSize, shape, targetSize: 1, ways, classes };
  return Object.freeze({ ...described, ...(classNames && { classNames }), sample });
}

/**
 * Parts a dataset's classes, so that no class is met in training and in testing. See {@link Split}
 * for the ways to say how; the seed decides the shuffle.
 *
 * @throws {RangeError} too few classes for the split; a listed class that does not exist, or is
 * listed twice
 * @example
 * const { train, test } = splitClasses(digits, { validation: 0.2, test: 0.2, seed: 1 });
 */
export function splitClasses(
  dataset: Dataset,
  options: Split<number> & { readonly seed?: number },
): Parts<number> {
  checkDataset("splitClasses", dataset);
  checkOptions("splitClasses", options, ["train", "validation", "test", "seed"]);
  const { seed = 0, ...split } = options;
  const all = [...rowsBy(dataset.labels).keys()].sort((a, b) => a - b);
  return splitParts("splitClasses", "classes", all, split, seed);
}

/** The classes to draw from, ascending, each with `least` rows or more. */
function checkClasses(
  rowsOf: ReadonlyMap<number, readonly number[]>,
  given: ArrayLike<number> | undefined,
  least: number,
): readonly number[] {
  const listed = given && Array.from(checkArray("episodes", "classes", given));
  const classes = (listed ?? [...rowsOf.keys()]).sort((a, b) => a - b);
  classes.forEach((one, i) => {
    const rows = rowsOf.get(one);
    if (!rows) refuse("episodes", "existing classes in classes", one);
    if (one === classes[i - 1]) refuse("episodes", "each class once in classes", one);
    if (rows.length < least)
      refuse("episodes", `at least ${least} rows in class ${one}`, rows.length);
  });
  return Object.freeze(classes);
}
