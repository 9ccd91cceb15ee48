import { basename, resolve } from "node:path";
import type { Batch, Dataset } from "../index.ts";
import type { AdaptOptions } from "./command-adapt.ts";
import { Failure, fromFile, UsageError } from "./errors.ts";
import { writeWhole } from "./files.ts";
import { bytesOf, readImages } from "./image-classes.ts";
import { batchOf, type ImageModel, loadImageModel, withRoom } from "./image-model.ts";
import { count, emit } from "./print.ts";
import { saveAdapted } from "./saved.ts";
import { finite } from "./use.ts";

/** Adapts to a folder with as many class folders as a task has classes, and writes the result with what it needs to predict. */
export async function adaptImages(
  path: string,
  folder: string,
  { out, only, json, steps: asked }: AdaptOptions,
): Promise<void> {
  if (only !== undefined) throw new UsageError(`--only: expected only with a table, got "${only}"`);
  const model = await loadImageModel(path);
  const { learner, saved, settings } = model;
  const { support, classes } = await supportOf(folder, model);
  const steps = asked ?? settings.innerSteps;
  const roomy = await withRoom(learner, support.rows);
  const adapted = fromFile(folder, () => roomy.adapt(support, { steps }));
  learner.parameters.set(finite(folder, adapted.parameters));
  const note = { group: basename(resolve(folder)), rows: support.rows, steps, classes };
  const kept = settings.norm === "support" ? base64Of(support) : undefined;
  writeWhole(out, saveAdapted(learner, saved, { ...note, support: kept }));
  if (json) return emit("saved", { path: out, ...note });
  const also = kept === undefined ? "" : "; it holds these images, too, to normalize by them";
  console.log(
    `Adapted to ${count(note.rows, "image")} of ${classes.join(", ")} in ${count(steps, "step")}. The adapted model is in ${out}${also}.`,
  );
}

const base64Of = ({ inputs }: Batch): string => Buffer.from(bytesOf(inputs)).toString("base64");

/** The images to adapt on, and their classes in the order of the outputs. */
export async function supportOf(
  folder: string,
  { path, settings }: ImageModel,
): Promise<{ support: Batch; classes: readonly string[] }> {
  const images: Dataset = await readImages(folder, settings);
  const classes = images.classNames!;
  if (classes.length !== settings.ways)
    throw new Failure(
      `${folder}: expected ${settings.ways} class folders, as in the tasks of ${path}, got ${classes.length}`,
    );
  return { support: batchOf(images), classes };
}
