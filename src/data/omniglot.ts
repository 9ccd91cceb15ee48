import { checkArray, checkInteger, refuse, refuseKind } from "../check.ts";
import { type NamedDataset, packedImages } from "./dataset.ts";
import { type Packed, readPacked } from "./packed.ts";
import type { Parts } from "./split.ts";

/** One character of one alphabet: a class. */
export interface OmniglotCharacter {
  readonly alphabet: string;
  /** Its number in the alphabet, from 1. */
  readonly number: number;
}

/**
 * Omniglot's images: 1 is stroke, 0 is paper. Class = character; 20 rows a class, one for each
 * drawer.
 */
export interface Omniglot extends NamedDataset {
  readonly width: number;
  readonly height: number;
  readonly alphabets: readonly { readonly name: string; readonly set: string }[];
  readonly characters: readonly OmniglotCharacter[];
  /**
   * Classes to train, validate and test with, by the name of the split: `vinyals`, `random1200`.
   */
  readonly splits: Readonly<Record<string, Parts<number>>>;
}

/** The parts of index.json that are read. */
interface OmniglotIndex {
  readonly width: number;
  readonly height: number;
  readonly images: number;
  readonly drawers: number;
  readonly alphabets: Omniglot["alphabets"];
  readonly characters: readonly (readonly [alphabet: number, number: number])[];
  readonly splits: Readonly<Record<string, string>>;
}

const WHERE = "readOmniglot";
const LETTERS = { train: "t", validation: "v", test: "e" } as const;

/**
 * Reads Omniglot from its packed form: one-bit images, first pixel in the highest bit, and an index
 * that names alphabets, characters and splits. The images stay packed: 3 MB for 32,460 of 28×28;
 * unpacking one takes about a microsecond.
 *
 * @param packed the images, gzip or not; kept, not copied, when it is not gzip
 * @param index the parsed index.json that comes with them
 * @throws {RangeError} sizes that do not fit each other; an unknown letter in a split; broken gzip
 * data
 * @throws {TypeError} packed bytes that are no Uint8Array; an index without the fields named here
 * @see Lake, Salakhutdinov, Tenenbaum 2015, Science 350(6266), 1332–1338; splits: Vinyals et al.
 * 2016, arXiv:1606.04080
 * @example
 * const index = JSON.parse(await readFile("index.json", "utf8"));
 * const omniglot = await readOmniglot(await readFile("omniglot28-b1.bin.gz"), index);
 */
export async function readOmniglot(packed: Uint8Array, index: object): Promise<Omniglot> {
  const { drawers: each, alphabets, characters, splits, ...sizes } = checkIndex(index);
  return omniglotOf(
    await readPacked(WHERE, packed, { ...sizes, each }),
    alphabets,
    characters.map(([a, number]) => ({ alphabet: alphabets[a].name, number })),
    Object.fromEntries(Object.entries(splits).map(([name, s]) => [name, readSplit(s)])),
  );
}

/** The value that all readers of Omniglot give. */
export function omniglotOf(
  images: Packed,
  alphabets: Omniglot["alphabets"],
  characters: Omniglot["characters"],
  splits: Omniglot["splits"],
): Omniglot {
  const { width, height } = images;
  const classNames = characters.map(({ alphabet, number }) => `${alphabet} ${number}`);
  const named = packedImages({ ...images, classNames }) as NamedDataset;
  return Object.freeze({ ...named, width, height, alphabets, characters, splits });
}

/** One letter a character: t to train with, v to validate, e to test. */
export function readSplit(letters: string): Parts<number> {
  const classes = (letter: string) => [...letters].flatMap((l, c) => (l === letter ? [c] : []));
  return {
    train: classes(LETTERS.train),
    validation: classes(LETTERS.validation),
    test: classes(LETTERS.test),
  };
}

function checkIndex(value: object): OmniglotIndex {
  if (typeof value !== "object" || value === null) refuseKind(WHERE, "index an object", value);
  const index = value as OmniglotIndex;
  for (const name of ["width", "height", "images", "drawers"] as const)
    checkInteger(WHERE, `index.${name}`, index[name], { min: 1 });
  const { images, drawers, alphabets, characters, splits } = index;
  checkArray(WHERE, "index.alphabets", alphabets);
  const why = `${images} images by ${drawers} drawers`;
  checkArray(WHERE, "index.characters", characters, images / drawers, why);
  for (const character of characters)
    if (typeof alphabets[character?.[0]]?.name !== "string")
      refuse(WHERE, "index.characters of known alphabets", character);
  if (typeof splits !== "object" || splits === null)
    refuseKind(WHERE, "index.splits an object", splits);
  for (const [name, letters] of Object.entries(splits)) {
    if (typeof letters !== "string") refuseKind(WHERE, `text in index.splits.${name}`, letters);
    if (letters.length !== characters.length || /[^tve]/.test(letters))
      refuse(WHERE, `${characters.length} letters t, v, e in index.splits.${name}`, letters);
  }
  return index;
}
