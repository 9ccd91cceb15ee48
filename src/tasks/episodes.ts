import { checkArray, checkInteger, checkOptions, refuse } from "../check.ts";
import { checkDataset } from "../data/dataset.ts";
import type { Dataset } from "../data/dataset.ts";
import { rowsBy } from "../data/rows-by.ts";
import type { Random } from "../random.ts";
import type { Batch, Task, TaskDistribution } from "../task.ts";
import { splitParts } from "../data/split.ts";
import type { Parts, Split } from "../data/split.ts";

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
}

/** N-way classification tasks, drawn by {@link episodes}. */
export interface Episodes extends TaskDistribution {
  /** Classes in a task: the network's outSize. */
  readonly ways: number;
  /** The classes that tasks are drawn from, ascending. */
  readonly classes: readonly number[];
}

/**
 * Few-shot classification: a task is `ways` different classes, each with `shots` support rows and
 * `queryShots` query rows; no row is in both. Classes, then the rows of each class, are drawn
 * without replacement, all alike.
 *
 * Rows stand class by class, the support's and the query's alike: first all of label 0, then all of
 * label 1 … A label (0 … ways − 1) is the class's place in this task; it says nothing about which
 * class it is.
 *
 * Cost: (shots + queryShots)·ways rows are unpacked for a task.
 *
 * @returns inSize as in the dataset, targetSize 1; targets are the labels, Float32Array
 * @throws {RangeError} `episodes: expected 2 ≤ ways ≤ 20, got 21`; a class that does not exist, or
 * has fewer rows than `shots` + `queryShots`: `episodes: expected at least 6 rows in class 3, got
 * 5`
 * @see Vinyals et al. 2016, arXiv:1606.04080, section 4
 * @example
 * const { train, test } = omniglot.splits.random1200;
 * const distribution = episodes(omniglot, { ways: 5, shots: 1, classes: train });
 */
export function episodes(dataset: Dataset, options: EpisodesOptions): Episodes {
  checkDataset("episodes", dataset);
  checkOptions("episodes", options, ["ways", "shots", "queryShots", "classes"]);
  const { ways, shots, queryShots = shots } = options;
  checkInteger("episodes", "shots", shots, { min: 1 });
  checkInteger("episodes", "queryShots", queryShots, { min: 1 });
  const rowsOf = rowsBy(dataset.labels);
  const classes = checkClasses(rowsOf, options.classes, shots + queryShots);
  checkInteger("episodes", "ways", ways, { min: 2, max: classes.length });

  function blank(rows: number) {
    const inputs = new Float32Array(rows * dataset.inSize);
    return { inputs, targets: new Float32Array(rows), rows } satisfies Batch;
  }

  function sample(random: Random): Task {
    const support = blank(ways * shots);
    const query = blank(ways * queryShots);
    const chosen = random.choose(ways, classes.length);
    for (let label = 0; label < ways; label++) {
      const rows = rowsOf.get(classes[chosen[label]])!;
      const picked = random.choose(shots + queryShots, rows.length);
      for (let i = 0; i < picked.length; i++) {
        const batch = i < shots ? support : query;
        const place = i < shots ? label * shots + i : label * queryShots + i - shots;
        dataset.row(rows[picked[i]], batch.inputs, place * dataset.inSize);
        batch.targets[place] = label;
      }
    }
    return { support, query };
  }

  return Object.freeze({ inSize: dataset.inSize, targetSize: 1, ways, classes, sample });
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
