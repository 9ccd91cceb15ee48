import { type Learner, loadLearner, type StandardizationData } from "../index.ts";
import type { CurveState } from "./curve.ts";
import { algorithms } from "./algorithms.ts";
import { Failure, fromFile, raise, UsageError } from "./errors.ts";
import { readWhole } from "./files.ts";
import { type Kind, kindWords } from "./kind.ts";
import { isOfImages, type Settings } from "./settings.ts";
import type { TableColumns } from "./table-source.ts";

/** What the command line keeps in a model file beside what the library keeps there, as JSON in its metadata. */
export interface Saved {
  readonly version: 1;
  readonly settings: Settings;
  readonly source: TableRecord | SinusoidRecord | ImageRecord;
  readonly curve: CurveState;
  /** Only in what `rvml adapt` wrote. */
  readonly adapted?: AdaptedNote;
}

export interface AdaptedNote {
  /** The group's name; of images, the folder's. */
  readonly group: string;
  readonly rows: number;
  readonly steps: number;
  /** Of images: the classes, in the order of the outputs. */
  readonly classes?: readonly string[];
  /** Of images whose network normalizes by them: what was adapted on, a byte a value in base64. */
  readonly support?: string;
}

export interface TableRecord {
  readonly kind: "table";
  readonly name: string;
  readonly columns: TableColumns;
  readonly standardization: StandardizationData;
  /** Names of the groups that training saw, and of those it did not. */
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
  /** SHA-256 of the columns in use: --resume asks for the same table again. */
  readonly fingerprint: string;
}

export interface SinusoidRecord {
  readonly kind: "sinusoids";
}

export interface ImageRecord {
  readonly kind: "images";
  readonly name: string;
  /** Names of the classes that training saw, and of those it did not. */
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
  /** SHA-256 of their names and pixels: --resume asks for the same images again. */
  readonly fingerprint: string;
}

const key = "rvml.cli";

export const saveWith = (learner: Learner, saved: Saved): Uint8Array =>
  learner.save({ metadata: metadataOf(saved) });

/** Without the optimizer's state: what is adapted is not trained on. */
export const saveAdapted = (learner: Learner, saved: Saved, adapted: AdaptedNote): Uint8Array =>
  learner.save({ metadata: metadataOf({ ...saved, adapted }), optimizerState: false });

/** As JSON; a table's units under a name of their own, for pages and programs that know nothing of a command line. */
function metadataOf({ source, ...saved }: Saved): Record<string, string> {
  const own = (record: object) => ({ [key]: JSON.stringify({ ...saved, source: record }) });
  if (source.kind !== "table") return own(source);
  const { standardization, ...record } = source;
  return { ...own(record), standardization: JSON.stringify(standardization) };
}

/** A model file, read. */
export interface Loaded {
  readonly path: string;
  readonly learner: Learner;
  readonly saved: Saved;
}

/** @throws {Failure} a file from `rvml adapt` */
export function checkNotAdapted(loaded: Loaded): Loaded {
  const { path, saved } = loaded;
  if (!saved.adapted) return loaded;
  throw new Failure(`${path}: expected a model from rvml train, got one from rvml adapt`);
}

type RecordOf<K extends Kind> = Extract<Saved["source"], { readonly kind: K }>;

/**
 * What it was trained on.
 *
 * @throws {UsageError} `model: expected one that was trained on a table, got model.safetensors (images)`
 */
export function recordOf<K extends Kind>(
  { path, saved: { source } }: Loaded,
  kind: K,
): RecordOf<K> {
  if (source.kind === kind) return source as RecordOf<K>;
  throw new UsageError(
    `model: expected one that was trained on ${kindWords[kind]}, got ${path} (${source.kind})`,
  );
}

export async function load(path: string): Promise<Loaded> {
  const bytes = readWhole(path);
  const learner = await loadLearner(bytes).catch((error) => fromFile(path, () => raise(error)));
  const text = learner.metadata[key];
  if (text === undefined)
    throw new Failure(
      `${path}: expected a model written by rvml train, got one without "${key}" in its metadata`,
    );
  return { path, learner, saved: parse(path, text, learner.metadata.standardization) };
}

function parse(path: string, text: string, units = "null"): Saved {
  try {
    const { source, ...rest } = JSON.parse(text) as Saved;
    const record = source.kind === "table" && { standardization: JSON.parse(units) };
    const saved: Saved = { ...rest, source: { ...record, ...source } };
    if (isSaved(saved)) return saved;
  } catch {
    // Refused below.
  }
  const expected = `"${key}" of version 1 in its metadata`;
  throw new Failure(`${path}: expected ${expected}, got ${text.slice(0, 40)}`);
}

/** A file from elsewhere may hold anything; the numbers among the settings are checked where the library takes them. */
function isSaved({ version, settings, source, curve, adapted }: Saved): boolean {
  const whole = version === 1 && Array.isArray(settings.hidden) && Array.isArray(curve.sums);
  const row = Object.hasOwn(algorithms, settings.algorithm);
  const records = {
    sinusoids: () => true,
    table: () => isTableRecord(source as TableRecord),
    images: () => isImageRecord(source as ImageRecord) && isOfImages(settings),
  };
  const known = Object.hasOwn(records, source.kind) && records[source.kind]();
  return whole && row && known && (adapted === undefined || isNote(adapted, source.kind));
}

function isTableRecord({ columns, train, heldOut, standardization, name }: TableRecord): boolean {
  const { group, target, inputs, categorical } = columns;
  const lists = [inputs, categorical, train, heldOut, standardization.inputs];
  return areTexts([name, group, target]) && lists.every(Array.isArray);
}

const isImageRecord = ({ name, train, heldOut }: ImageRecord): boolean =>
  areTexts([name]) && [train, heldOut].every((names) => Array.isArray(names) && areTexts(names));

function isNote({ group, classes, support }: AdaptedNote, kind: Saved["source"]["kind"]): boolean {
  const ofImages = Array.isArray(classes) && areTexts(classes) && areTexts([support ?? ""]);
  return areTexts([group]) && (kind !== "images" || ofImages);
}

const areTexts = (values: readonly unknown[]): boolean =>
  values.every((value) => typeof value === "string");
