import { type Adapted, type Batch, createLearner, maml, sgd } from "../index.ts";
import { supportOf } from "./adapt-images.ts";
import type { PredictOptions } from "./command-predict.ts";
import { csvLine } from "./csv.ts";
import { Failure, fromFile, UsageError } from "./errors.ts";
import { writeWhole } from "./files.ts";
import { filesIn, readFiles } from "./image-files.ts";
import { type ImageModel, withRoom } from "./image-model.ts";
import type { AdaptedNote } from "./saved.ts";
import { transductive } from "./settings-words.ts";
import { finite } from "./use.ts";

/** Rows judged in one go, where they do not depend on each other. */
const piece = 128;

/** Prints the class of every image, with its probability, as CSV. */
export async function predictImages(
  model: ImageModel,
  given: readonly string[],
  options: PredictOptions,
): Promise<void> {
  if (given.length === 0)
    throw new UsageError("images: expected files or folders to name the class of, got none");
  if (options.query !== undefined)
    throw new UsageError(
      `--query: expected only with a model of a table (images stand by themselves), got ${options.query}`,
    );
  const { path, settings } = model;
  const paths = await filesIn(given);
  if (settings.norm === "batch") process.stderr.write(`rvml: ${transductive(settings)}\n`);
  const together = settings.norm === "batch" ? paths.length : Math.min(paths.length, piece);
  const { adapted, classes } = await adaptedOf(model, options, together);
  const lines: string[] = [];
  for (let first = 0; first < paths.length; first += together) {
    const files = paths.slice(first, first + together);
    const inputs = await readFiles(files, settings);
    const outputs = finite(
      path,
      fromFile(path, () => adapted.predict(inputs)),
    );
    files.forEach((file, i) => {
      const { way, probability } = likeliest(
        outputs.subarray(i * classes.length, (i + 1) * classes.length),
      );
      lines.push(csvLine([file, classes[way], Number(probability.toPrecision(4))]));
    });
  }
  const text = [csvLine(["file", "class", "probability"]), ...lines].join("");
  if (options.out) writeWhole(options.out, text);
  else process.stdout.write(text);
}

interface Namer {
  readonly adapted: Pick<Adapted, "predict">;
  readonly classes: readonly string[];
}

/** What names the classes: adapted here, or by `rvml adapt` before. */
async function adaptedOf(
  model: ImageModel,
  options: PredictOptions,
  together: number,
): Promise<Namer> {
  if (options.support !== undefined) return adaptedHere(model, options.support, options, together);
  const { path, saved, settings } = model;
  if (!saved.adapted)
    throw new UsageError(
      `--support: expected a folder to adapt on, for ${path} is not adapted, got none`,
    );
  const { classes = [] } = saved.adapted;
  if (classes.length !== settings.ways)
    throw new Failure(`${path}: expected ${settings.ways} classes, got ${classes.length}`);
  return { classes, adapted: await adaptedBefore(model, saved.adapted, together) };
}

async function adaptedHere(
  model: ImageModel,
  folder: string,
  { steps }: PredictOptions,
  together: number,
): Promise<Namer> {
  const { support, classes } = await supportOf(folder, model);
  const roomy = await withRoom(model.learner, support.rows + together);
  return { classes, adapted: fromFile(folder, () => roomy.adapt(support, { steps })) };
}

/** θ is what was adapted to; a network that normalizes by the images adapted on takes them up again. */
async function adaptedBefore(
  { path, learner, settings }: ImageModel,
  note: AdaptedNote,
  together: number,
): Promise<Namer["adapted"]> {
  if (settings.norm !== "support") return withRoom(learner, together);
  const support = batchFrom(path, note, settings.ways);
  // Whatever the algorithm, its result is all there: no step, and no start that is made anew from the images.
  const frozen = await createLearner({
    model: learner.model,
    loss: learner.loss,
    algorithm: maml({ innerLearningRate: 0, innerSteps: 0 }),
    metaOptimizer: sgd({ learningRate: 0 }),
    seed: 0,
    parameters: learner.parameters,
    maxRows: support.rows + together,
  });
  return fromFile(path, () => frozen.adapt(support, { steps: 0 }));
}

/** The images adapted on, for the statistics of batch norm; their classes no longer matter. */
function batchFrom(path: string, { support = "", rows }: AdaptedNote, ways: number): Batch {
  const bytes = Buffer.from(support, "base64");
  if (!(rows > 0) || bytes.length === 0 || bytes.length % rows !== 0)
    throw new Failure(`${path}: expected the ${rows} images adapted on, got ${bytes.length} bytes`);
  const targets = Float32Array.from({ length: rows }, (_, row) => row % ways);
  return { inputs: Float32Array.from(bytes, (byte) => byte / 255), targets, rows };
}

/** The class of the largest output, and the softmax there. */
function likeliest(outputs: Float32Array): { way: number; probability: number } {
  const top = Math.max(...outputs);
  const sum = outputs.reduce((total, output) => total + Math.exp(output - top), 0);
  return { way: outputs.indexOf(top), probability: 1 / sum };
}
