import { type Batch, dataset, type Dataset, type EpisodeTask, type Learner } from "../index.ts";
import { resized } from "../images/index.ts";
import { answers } from "./baselines.ts";
import { bytesOf, namesOf } from "./image-classes.ts";
import type { HeldOutImages } from "./image-source.ts";
import { judgeImages } from "./judge-images.ts";
import { pngAddress } from "./png.ts";
import type { Confusion, ImageTasks, Pair, SampleTask } from "./report-data.ts";
import type { Settings } from "./settings.ts";
import { stepsToShow } from "./steps-to-show.ts";

/** Tasks drawn, and query images of each class drawn in them, at most. */
const shownTasks = 4;
const shownQueries = 3;

interface Judged {
  /** The dataset's class of each way. */
  readonly classes: readonly number[];
  /** True ways of the query rows, and what they are taken for: −1 for nothing. */
  readonly targets: ArrayLike<number>;
  readonly before: ArrayLike<number>;
  readonly after: ArrayLike<number>;
}

/** What becomes of held-out tasks before and after adapting. */
export function imageTasks(
  learner: Learner,
  heldOut: readonly HeldOutImages[],
  images: Dataset,
  { innerSteps, invert = false, ways = 0, norm }: Settings,
): ImageTasks {
  const all = heldOut.map(({ tasks: [{ support, query, classes }] }): Judged => {
    const predict = (steps: number) =>
      answers(learner, learner.adapt(support, { steps }).predict(query.inputs), query.rows);
    return { classes, targets: query.targets, before: predict(0), after: predict(innerSteps) };
  });
  const pictures = pictureOf(images, invert);
  const shown = heldOut.slice(0, shownTasks);
  return {
    kind: "images",
    samples: shown.map(({ tasks: [task] }, i) => sample(task, all[i], images, pictures)),
    confusion: confusion(all, images, ways),
    protocols: judgeImages(learner, heldOut, { norm, steps: stepsToShow(innerSteps) }).protocols,
  };
}

/** Row by row as PNG files, 48 pixels a side at most, in their own light and dark. */
function pictureOf({ shape, inSize }: Dataset, invert: boolean) {
  const side = Math.min(shape[0], 48);
  return ({ inputs, rows }: Batch): string[] => {
    const values = Float32Array.from(inputs, (value) => (invert ? 1 - value : value));
    const labels = new Array<number>(rows).fill(0);
    const small = resized(dataset({ inputs: values, labels, inSize, shape }), {
      width: side,
      height: side,
    });
    const pixels = new Float32Array(small.inSize);
    return labels.map((_, row) => {
      small.row(row, pixels, 0);
      return pngAddress(side, side, shape[2], bytesOf(pixels));
    });
  };
}

function sample(
  task: EpisodeTask,
  { before, after }: Judged,
  images: Dataset,
  pictures: (batch: Batch) => string[],
): SampleTask {
  const { support, query } = task;
  const [given, asked] = [pictures(support), pictures(query)];
  const rowsOf = ({ targets }: Batch, way: number) =>
    Array.from(targets, (_, row) => row).filter((row) => targets[row] === way);
  const right = (predicted: ArrayLike<number>) =>
    Array.from(predicted).filter((way, row) => way === query.targets[row]).length;
  return {
    ways: namesOf(images, task.classes).map((name, way) => ({
      name,
      support: rowsOf(support, way)
        .slice(0, shownQueries)
        .map((row) => given[row]),
      query: rowsOf(query, way)
        .slice(0, shownQueries)
        .map((row) => ({ image: asked[row], before: before[row], after: after[row] })),
    })),
    rows: query.rows,
    rightBefore: right(before),
    rightAfter: right(after),
  };
}

function confusion(all: readonly Judged[], images: Dataset, ways: number): Confusion {
  const blank = () => Array.from({ length: ways }, () => new Array<number>(ways).fill(0));
  const [before, after] = [blank(), blank()];
  const taken = new Map<string, { actual: number; predicted: number; count: number; of: number }>();
  for (const { classes, targets, ...predicted } of all)
    Array.from(targets, (actual, row) => {
      if (predicted.before[row] >= 0) before[actual][predicted.before[row]]++;
      if (predicted.after[row] >= 0) after[actual][predicted.after[row]]++;
      classes.forEach((other, way) => {
        if (way === actual) return;
        const key = `${classes[actual]} ${other}`;
        const pair = taken.get(key) ?? {
          actual: classes[actual],
          predicted: other,
          count: 0,
          of: 0,
        };
        pair.of++;
        if (way === predicted.after[row]) pair.count++;
        taken.set(key, pair);
      });
    });
  const pairs = [...taken.values()]
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count || b.count / b.of - a.count / a.of)
    .slice(0, 8)
    .map(({ actual, predicted, ...counts }): Pair => {
      const [one, other] = namesOf(images, [actual, predicted]);
      return { actual: one, predicted: other, ...counts };
    });
  return { rows: all.reduce((sum, { targets }) => sum + targets.length, 0), before, after, pairs };
}
