import { checkArray, checkInteger, refuse, refuseKind } from "../check.ts";
import { type NamedDataset, packedImages } from "../data/dataset.ts";
import { readPacked } from "../data/packed.ts";

const WHERE = "readQuickDraw";

/** The parts of index.json that are read. */
interface QuickDrawIndex {
  readonly width: number;
  readonly height: number;
  readonly classes: readonly string[];
  readonly per_class: number;
}

/**
 * Drawings of Quick, Draw! in their packed form: one-bit images, first pixel in the highest bit,
 * class after class, and an index that names the classes. 1 is stroke, 0 is paper. The images stay
 * packed.
 *
 * @param packed the images, gzip or not
 * @param index the parsed index.json that comes with them: width, height, classes, per_class
 * @returns a dataset of shape [height, width, 1] with the classes' names
 * @throws {RangeError} sizes that do not fit each other: `readQuickDraw: expected packed.length
 * 3381000 (34500 images of 98 bytes), got 12`; broken gzip data
 * @throws {TypeError} packed bytes that are no Uint8Array; an index without the fields named here
 * @see Ha, Eck 2017, arXiv:1704.03477
 * @example
 * const index = JSON.parse(await readFile("index.json", "utf8"));
 * const drawings = await readQuickDraw(await readFile("quickdraw28-b1.bin.gz"), index);
 */
export async function readQuickDraw(packed: Uint8Array, index: object): Promise<NamedDataset> {
  const { width, height, classes, per_class: each } = checkIndex(index);
  const sizes = { width, height, images: classes.length * each, each };
  const images = await readPacked(WHERE, packed, sizes);
  return packedImages({ ...images, classNames: classes }) as NamedDataset;
}

function checkIndex(value: object): QuickDrawIndex {
  if (typeof value !== "object" || value === null) refuseKind(WHERE, "index an object", value);
  const index = value as QuickDrawIndex;
  for (const name of ["width", "height", "per_class"] as const)
    checkInteger(WHERE, `index.${name}`, index[name], { min: 1, max: 0xffff });
  checkArray(WHERE, "index.classes", index.classes);
  if (index.classes.length === 0) refuse(WHERE, "at least one class in index.classes", 0);
  for (const name of index.classes)
    if (typeof name !== "string") refuseKind(WHERE, "text in index.classes", name);
  return index;
}
