import { type Batch, createLearner, type Dataset, type Learner } from "../index.ts";
import { checkNotAdapted, type ImageRecord, load, type Loaded, recordOf } from "./saved.ts";
import { type ForImages, ofImages } from "./settings.ts";

/** A model file of images. */
export interface ImageModel extends Loaded {
  readonly record: ImageRecord;
  readonly settings: ForImages;
}

/** One that is not adapted yet. */
export const loadImageModel = async (path: string): Promise<ImageModel> =>
  imageModel(checkNotAdapted(await load(path)));

export function imageModel(loaded: Loaded): ImageModel {
  const record = recordOf(loaded, "images");
  return { ...loaded, record, settings: ofImages(loaded.saved.settings) };
}

/** The same learner, with room for batches of that many rows. */
export async function withRoom(learner: Learner, rows: number): Promise<Learner> {
  if (rows <= learner.maxRows) return learner;
  const { model, loss, algorithm, metaOptimizer, seed, metaParameters } = learner;
  const options = { model, loss, algorithm, metaOptimizer, seed, maxRows: rows };
  const roomy = await createLearner(options);
  roomy.metaParameters.set(metaParameters);
  return roomy;
}

/** All rows of a dataset as one batch; classes keep their numbers. */
export function batchOf({ rows, inSize, labels, row }: Dataset): Batch {
  const inputs = new Float32Array(rows * inSize);
  for (let i = 0; i < rows; i++) row(i, inputs, i * inSize);
  return { inputs, targets: Float32Array.from(labels), rows };
}
