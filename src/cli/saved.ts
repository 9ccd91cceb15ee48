import { loadLearner } from "../index.ts";
import type { Learner, StandardizationData } from "../index.ts";
import type { CurveState } from "./curve.ts";
import { algorithms } from "./algorithms.ts";
import { Failure, fromFile, raise } from "./errors.ts";
import { readWhole } from "./files.ts";
import type { Settings } from "./settings.ts";
import type { TableColumns } from "./table-source.ts";

/** What the command line keeps in a model file beside what the library keeps there, as JSON in its metadata. */
export interface Saved {
  readonly version: 1;
  readonly settings: Settings;
  readonly source: TableRecord | SinusoidRecord;
  readonly curve: CurveState;
  /** Only in what `rvml adapt` wrote. */
  readonly adapted?: { readonly group: string; readonly rows: number; readonly steps: number };
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

const key = "rvml.cli";

export const saveWith = (learner: Learner, saved: Saved): Uint8Array =>
  learner.save({ metadata: { [key]: JSON.stringify(saved) } });

export async function load(path: string): Promise<{ learner: Learner; saved: Saved }> {
  const bytes = readWhole(path);
  const learner = await loadLearner(bytes).catch((error) => fromFile(path, () => raise(error)));
  const text = learner.metadata[key];
  if (text === undefined)
    throw new Failure(
      `${path}: expected a model written by rvml train, got one without "${key}" in its metadata`,
    );
  return { learner, saved: parse(path, text) };
}

function parse(path: string, text: string): Saved {
  try {
    const saved = JSON.parse(text) as Saved;
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
  const known = source.kind === "sinusoids" || (source.kind === "table" && isTableRecord(source));
  return whole && row && known && (adapted === undefined || typeof adapted.group === "string");
}

function isTableRecord({ columns, train, heldOut, standardization, name }: TableRecord): boolean {
  const { group, target, inputs, categorical } = columns;
  const texts = [name, group, target].every((text) => typeof text === "string");
  const lists = [inputs, categorical, train, heldOut, standardization.inputs];
  return texts && lists.every(Array.isArray);
}
