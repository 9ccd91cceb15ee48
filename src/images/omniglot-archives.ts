import { checkInteger, checkOptions, refuse, refuseKind } from "../check.ts";
import { type Omniglot, type OmniglotCharacter, omniglotOf } from "../data/omniglot.ts";
import { decodeImage } from "./decode.ts";
import { omniglotSplits } from "./omniglot-splits.ts";
import type { Pixels } from "./pixels.ts";
import { unzip } from "./unzip.ts";

const WHERE = "omniglotArchives";
/** Pixels a side of the published images. */
const SIDE = 105;
const DRAWERS = 20;
const PATH = /(?:^|\/)([^/]+)\/character(\d{1,4})\/[^/]*_(\d{1,4})\.png$/;
/** The published images have 150 to 490 bytes; uncompressed grey would have 11,000. */
const MOST_BYTES = 0x10000;

/** The two published archives, images_background.zip and images_evaluation.zip. */
export interface OmniglotArchives {
  readonly background: Uint8Array;
  readonly evaluation: Uint8Array;
}

/** The 20 files of a character, by drawer, and what they are. */
interface Character extends OmniglotCharacter {
  readonly files: readonly Uint8Array[];
  readonly path: string;
}

/**
 * Omniglot from its two published archives of 105×105 images: the same value that `readOmniglot`
 * gives, with the same order of classes and rows.
 *
 * Output pixel i of a side of `size` is the input's nearest, ⌊(i + ½)·105/size⌋, and stroke is 1. At
 * 28 these are the pixels of Finn et al. 2017, bit for bit: their script asks Pillow for its best
 * filter, but of one-bit images Pillow takes the nearest pixel whatever it is asked for.
 *
 * `splits` has `vinyals` and `random1200` where all 1623 characters are there, and is empty for
 * other archives of the same form (images_background_small1.zip).
 *
 * Cost: all of it is read at once, about four seconds; 3 MB are kept at size 28.
 *
 * @param options `size`: pixels a side, 1 … 105; default 28
 * @throws {RangeError} `omniglotArchives: expected a whole zip archive in background, got "invalid
 * zip data"`; an image that is broken or not 105×105; a character without its 20 drawers; a gap in
 * an alphabet's numbers; an alphabet in both
 * @throws {TypeError} an archive that is no Uint8Array
 * @see Lake, Salakhutdinov, Tenenbaum 2015, Science 350(6266), 1332–1338
 * @example
 * const background = await readFile("images_background.zip");
 * const evaluation = await readFile("images_evaluation.zip");
 * const omniglot = omniglotArchives({ background, evaluation });
 */
export function omniglotArchives(
  archives: OmniglotArchives,
  options: { readonly size?: number } = {},
): Omniglot {
  checkOptions(WHERE, archives, ["background", "evaluation"]);
  const { size = 28 } = checkOptions(WHERE, options, ["size"]);
  checkInteger(WHERE, "size", size, { min: 1, max: SIDE });
  const sets = (["background", "evaluation"] as const).map((set) => readSet(set, archives[set]));
  const characters = sets.flat();
  const alphabets = sets.flatMap((set, i) => {
    const names = [...new Set(set.map(({ alphabet }) => alphabet))];
    return names.map((name) => ({ name, set: i === 0 ? "background" : "evaluation" }));
  });
  const names = new Set(alphabets.map(({ name }) => name));
  if (names.size < alphabets.length) refuse(WHERE, "no alphabet in both archives", [...names]);
  const whole = sets[0].length === 964 && sets[1].length === 659;
  return omniglotOf(
    pack(characters, size),
    alphabets,
    characters.map(({ alphabet, number }) => ({ alphabet, number })),
    whole ? omniglotSplits() : {},
  );
}

/** An archive's characters: alphabets by name, within an alphabet by number. */
function readSet(set: string, archive: Uint8Array): Character[] {
  if (!(archive instanceof Uint8Array)) refuseKind(WHERE, `${set} a Uint8Array`, archive);
  const files = unzip(WHERE, set, archive, (path) => PATH.test(path), MOST_BYTES);
  const alphabets = new Map<string, Map<number, Map<number, Uint8Array>>>();
  for (const [path, file] of files) {
    const [, alphabet, number, drawer] = PATH.exec(path)!;
    const drawings = at(at(alphabets, alphabet), Number(number));
    // In two folders, or under two names.
    if (drawings.has(Number(drawer))) refuse(WHERE, `each drawing once in ${set}`, path);
    drawings.set(Number(drawer), file);
  }
  if (alphabets.size === 0)
    refuse(WHERE, `ALPHABET/character01/0001_01.png and others in ${set}`, "none");
  return [...alphabets.keys()].sort().flatMap((alphabet) => {
    const drawings = alphabets.get(alphabet)!;
    return Array.from({ length: drawings.size }, (_, i) =>
      character(set, alphabet, i + 1, drawings.get(i + 1)),
    );
  });
}

/** The map below that key, made where there is none. */
function at<K, A, B>(map: Map<K, Map<A, B>>, key: K): Map<A, B> {
  const found = map.get(key) ?? new Map<A, B>();
  map.set(key, found);
  return found;
}

function character(
  set: string,
  alphabet: string,
  number: number,
  drawings: ReadonlyMap<number, Uint8Array> = new Map(),
): Character {
  const path = `${alphabet}/character${String(number).padStart(2, "0")}`;
  const files = Array.from({ length: DRAWERS }, (_, drawer) => drawings.get(drawer + 1));
  const found = files.filter((file) => file !== undefined);
  if (found.length < DRAWERS || drawings.size > DRAWERS)
    refuse(WHERE, `drawings 1 … ${DRAWERS} of ${path} in ${set}`, drawings.size);
  return { alphabet, number, files: found, path };
}

/** One bit a pixel, stroke 1, the first in the highest bit, an image from a byte of its own. */
function pack(characters: readonly Character[], size: number) {
  const stride = Math.ceil((size * size) / 8);
  const bytes = new Uint8Array(characters.length * DRAWERS * stride);
  const nearest = Int32Array.from({ length: size }, (_, i) =>
    Math.floor(((2 * i + 1) * SIDE) / (2 * size)),
  );
  characters.forEach(({ files, path }, c) =>
    files.forEach((file, drawer) => {
      const where = `${path}, drawing ${drawer + 1}`;
      const pixels = decodeImage(WHERE, where, file);
      packOne(where, pixels, nearest, bytes, (c * DRAWERS + drawer) * stride);
    }),
  );
  const labels = Int32Array.from({ length: characters.length * DRAWERS }, (_, i) =>
    Math.floor(i / DRAWERS),
  );
  return { bytes, labels, width: size, height: size };
}

function packOne(
  where: string,
  { width, height, channels, bytes }: Pixels,
  nearest: Int32Array,
  into: Uint8Array,
  start: number,
): void {
  if (width !== SIDE || height !== SIDE || channels !== 1)
    refuse(WHERE, `${SIDE}×${SIDE} pixels of grey in ${where}`, [width, height, channels]);
  let bit = 0;
  for (const y of nearest)
    for (const x of nearest) {
      if (bytes[y * SIDE + x] < 128) into[start + (bit >> 3)] |= 128 >> (bit & 7);
      bit++;
    }
}
