import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { byteImages, readOmniglot, rotated, rotatedClasses } from "rvml";
import { omniglotArchives } from "rvml/images";
import { rasterize, SIDE } from "../page/raster.js";
import { trace } from "./trace.js";

/** @import { Dataset, Omniglot, Random } from "rvml" */
/** @import { Drawing } from "../page/strokes.js" */

/** Of a training drawing: turned by up to so many radians, its sides changed by up to a share, its line between so wide. */
const JITTER = { angle: 0.15, stretch: 0.12, halfWidth: /** @type {const} */ ([0.65, 1]) };

/**
 * Omniglot from a folder: the packed form (`omniglot28-b1.bin.gz` and `index.json`), or the two official archives.
 *
 * @param {string} folder
 */
export async function omniglot(folder) {
  const read = (/** @type {string} */ name) => readFile(join(folder, name));
  try {
    return await readOmniglot(
      await read("omniglot28-b1.bin.gz"),
      JSON.parse(String(await read("index.json"))),
    );
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT") throw error;
  }
  const [background, evaluation] = await Promise.all([
    read("images_background.zip"),
    read("images_evaluation.zip"),
  ]);
  return omniglotArchives({ background, evaluation }, { size: SIDE });
}

/** The drawings of some characters, as the pen drew them: a list for each. @param {Omniglot} images @param {readonly number[]} classes */
export function drawingsOf(images, classes) {
  const pixels = new Float32Array(SIDE * SIDE);
  /** @type {Map<number, Drawing[]>} */
  const drawings = new Map(classes.map((one) => [one, []]));
  for (let row = 0; row < images.rows; row++) {
    const list = drawings.get(images.labels[row]);
    if (!list) continue;
    images.row(row, pixels, 0);
    list.push(trace(pixels, SIDE));
  }
  return [...drawings.values()];
}

/**
 * Some characters as the page would see them, had they been drawn there.
 *
 * @param {Omniglot} images @param {readonly number[]} classes
 * @param {Random} [random] distorts every drawing a little, for training
 */
export function asDrawn(images, classes, random) {
  const drawings = drawingsOf(images, classes);
  const labels = drawings.flatMap((list, label) => list.map(() => label));
  const bytes = new Uint8Array(labels.length * SIDE * SIDE);
  drawings.flat().forEach((drawing, row) => {
    const pixels = random
      ? rasterize(distorted(drawing, random), { halfWidth: random.uniform(...JITTER.halfWidth) })
      : rasterize(drawing);
    bytes.set(
      pixels.map((value) => Math.round(255 * value)),
      row * pixels.length,
    );
  });
  return byteImages({ bytes, labels, width: SIDE, height: SIDE });
}

/** Each character turned by quarters, too, as characters of their own. @param {Dataset} images @param {number} classes */
export function turned(images, classes) {
  const all = Array.from({ length: classes }, (_, one) => one);
  return { images: rotated(images), classes: rotatedClasses(all) };
}

/** Turned and stretched. @param {Drawing} drawing @param {Random} random @returns {Drawing} */
function distorted(drawing, random) {
  const angle = random.uniform(-JITTER.angle, JITTER.angle);
  const [a, b] = [1, 2].map(() => 1 + random.uniform(-JITTER.stretch, JITTER.stretch));
  const shear = random.uniform(-JITTER.stretch, JITTER.stretch);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return drawing.map((stroke) =>
    stroke.map(([x, y]) => [a * (cos * x - sin * y) + shear * y, b * (sin * x + cos * y)]),
  );
}
