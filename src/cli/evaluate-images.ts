import { type Dataset, episodes } from "../index.ts";
import type { EvaluateOptions } from "./command-evaluate.ts";
import { Failure, fromFile, UsageError } from "./errors.ts";
import { classesWith, onlyClasses, readImages } from "./image-classes.ts";
import { type ImageModel, loadImageModel, withRoom } from "./image-model.ts";
import { drawTasks, judgedTasks } from "./image-source.ts";
import { judgeImages } from "./judge-images.ts";
import { measures, measureTitle } from "./measure.ts";
import { alignedTable, count, emit, stepName } from "./print.ts";
import { protocolNotes, toldProtocols } from "./protocols.ts";
import type { Protocol } from "./report-data.ts";
import { stepsToShow } from "./steps-to-show.ts";

/** Accuracy on tasks of classes that training never saw: of the folder that it was of, or of another. */
export async function evaluateImages(
  path: string,
  folder: string,
  options: EvaluateOptions,
): Promise<void> {
  const model = await loadImageModel(path);
  const { settings } = model;
  const { norm, ways, queryShots, innerSteps } = settings;
  const { shots = settings.shots, seed = settings.seed, tasks: many = judgedTasks } = options;
  const all = await readImages(folder, settings);
  const { classes, which } = choose(model, folder, all, options.groups);
  const advice = (got: number) =>
    `${got > queryShots ? "--shots takes fewer, " : ""}--groups chooses classes`;
  const images = classesWith(onlyClasses(all, classes), folder, { shots, queryShots }, { advice });
  const distribution = fromFile(folder, () => episodes(images, { ways, shots, queryShots }));
  const tasks = drawTasks(distribution, many, seed, "judged");
  const learner = await withRoom(model.learner, ways * (shots + queryShots));
  const steps = options.steps ?? stepsToShow(innerSteps);
  const { protocols, ...own } = judgeImages(learner, tasks, { steps, norm });
  if (options.json)
    return emit("result", {
      measure: "accuracy",
      tasks: many,
      classes: classes.length,
      steps,
      ...measures.accuracy.told(own.errors),
      intervals: own.intervals,
      protocols: toldProtocols(protocols),
    });
  const of = `${ways} of the ${count(classes.length, "class")} of ${folder}${which}`;
  console.log(
    `${measureTitle("accuracy", "")} on ${count(many, "task")} of ${of}, by steps of adapting:\n`,
  );
  console.log(table(steps, protocols.length > 0 ? protocols : [{ name: "accuracy", ...own }]));
  for (const { name, own: trained } of protocols)
    console.log(`  ${name}: ${protocolNotes[name]}${trained ? "; so it was trained" : ""}`);
}

interface Choice {
  readonly classes: readonly number[];
  /** Which of the folder's they are, for people. */
  readonly which: string;
}

/** By name; or those held out, where they are all there, or else all that training did not see under their names. */
function choose(
  { record: { train, heldOut } }: ImageModel,
  folder: string,
  { classNames = [] }: Dataset,
  asked?: readonly string[],
): Choice {
  const strange = asked?.find((name) => !classNames.includes(name));
  if (strange !== undefined)
    throw new UsageError(`--groups: expected classes of ${folder}, got "${strange}"`);
  const numbers = (wanted: (name: string) => boolean) =>
    classNames.map((_, one) => one).filter((one) => wanted(classNames[one]));
  if (asked) return { classes: numbers((name) => asked.includes(name)), which: ", by name" };
  if (heldOut.every((name) => classNames.includes(name)))
    return {
      classes: numbers((name) => heldOut.includes(name)),
      which: " that were held out of training",
    };
  const classes = numbers((name) => !train.includes(name));
  if (classes.length === 0)
    throw new Failure(`${folder}: expected classes that training did not see, got none`);
  const all = classes.length === classNames.length;
  return { classes, which: all ? "" : " whose names training did not see" };
}

type Line = Pick<Protocol, "errors" | "intervals"> & { readonly name: string };

function table(steps: readonly number[], lines: readonly Line[]): string {
  const { cell } = measures.accuracy.figures([]);
  return `${alignedTable([
    ["", ...steps.map(stepName)],
    ...lines.map(({ name, errors, intervals }) => [
      name,
      ...steps.map((_, s) => cell(errors[s], intervals[s])),
    ]),
  ])}\n`;
}
