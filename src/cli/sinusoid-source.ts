import { Random, sinusoids } from "../index.ts";
import { fromOptions } from "./errors.ts";
import type { Axes } from "./axes.ts";
import type { HeldOut } from "./judge.ts";
import { numberBaselines } from "./number-baselines.ts";
import { panels } from "./panels.ts";
import type { Source, Words } from "./source.ts";
import { keptAway, standardizedLoss } from "./table-source.ts";

const axes: Axes = {
  input: { name: "x", unscale: (value) => value },
  target: { name: "y", scale: 1, unscale: (value) => value },
};

/** The built-in task family, y = A sin(x − φ). New tasks never end, so all of those to judge by are held out. */
export function sinusoidSource({ shots, seed }: { shots: number; seed: number }): Source {
  const train = fromOptions(() => sinusoids({ shots, queryShots: shots }));
  const judged = fromOptions(() => sinusoids({ shots, queryShots: 50 }));
  // Training draws from other streams of the same seed; ones this far apart never meet.
  const random = new Random(seed).fork(0x5eed);
  const draw = (count: number, part: number): HeldOut[] =>
    Array.from({ length: count }, (_, i) => {
      const task = judged.sample(random.fork(part, i));
      const name = `${task.amplitude.toFixed(1)} sin(x − ${task.phase.toFixed(1)})`;
      return { name, tasks: [task] };
    });
  const heldOut = draw(200, 1);
  const words = wordsOf(shots);
  const source: Source = {
    inShape: [1],
    train,
    tuning: draw(100, 0),
    heldOut,
    record: { kind: "sinusoids" },
    words,
    unit: 1,
    baselines: (settings, quiet) => numberBaselines(source, settings, quiet),
    pictures: (learner, { innerSteps: steps }) => panels(learner, heldOut, axes, { steps, words }),
  };
  return source;
}

const wordsOf = (shots: number): Words => ({
  title: `Learning a new sine wave from ${shots} points`,
  lead:
    "Every task is a sine wave of its own height (0.1 to 5) and shift (0 to π), seen at a few points. One network for all waves can " +
    "only predict their mean, which is nearly flat; a learned start bends into the right wave after a step or two of gradient descent. " +
    "This is the first benchmark of the field (Finn, Abbeel, Levine 2017).",
  intro: `To learn: predict a sine wave of unknown height and shift, after seeing ${shots} points of it.`,
  group: "sine wave",
  row: "row",
  measure: "MSE",
  unit: "",
  judged: keptAway("sine wave", shots),
  loss: standardizedLoss,
});
