import { needColumn, readSheet } from "./csv.ts";
import { Failure, fromFile, UsageError } from "./errors.ts";
import { optionName } from "./options.ts";
import { kindOf } from "./kind.ts";
import { sameImages } from "./image-source.ts";
import { checkNotAdapted, load, type Saved, type TableRecord } from "./saved.ts";
import { sinusoidSource } from "./sinusoid-source.ts";
import type { Source } from "./source.ts";
import { fingerprint, tableSource } from "./table-source.ts";
import type { Prepared, TrainOptions } from "./prepare.ts";
import { given, ofImages, type Settings } from "./settings.ts";

/** The run that a checkpoint was written in: same settings, same data, from its step on. */
export async function resume(data: string, path: string, options: TrainOptions): Promise<Prepared> {
  const loaded = await load(path);
  checkNotAdapted(loaded);
  const { learner, saved } = loaded;
  if (learner.optimizerStep < learner.step)
    throw new Failure(`${path}: expected a checkpoint with its optimizer's state, got one without`);
  checkSame(path, saved, options);
  const source = await sourceOf(data, path, saved);
  const { settings, curve } = saved;
  return { learner, source, settings, curve };
}

/** Options beside --resume may only repeat what the checkpoint says. */
function checkSame(path: string, { settings, source }: Saved, options: TrainOptions): void {
  const known: Record<string, unknown> = { ...settings, ...columnOptions(source) };
  const { group, target, inputs, categorical, dropSmall, holdout, unknownCategory } = options;
  const asked = { ...given(options), group, target, inputs, categorical, dropSmall };
  for (const [name, value] of Object.entries({ ...asked, holdout, unknownCategory })) {
    if (value === undefined || JSON.stringify(value) === JSON.stringify(known[name])) continue;
    const expected = name in known ? `${known[name]} as in ${path}` : "nothing beside --resume";
    throw new UsageError(`${optionName(name)}: expected ${expected}, got ${value}`);
  }
}

function columnOptions(source: Saved["source"]): object {
  if (source.kind !== "table") return {};
  const { unknown, ...columns } = source.columns;
  return { ...columns, unknownCategory: unknown === "zeros" ? "zeros" : "error" };
}

async function sourceOf(data: string, path: string, { source, settings }: Saved): Promise<Source> {
  if (kindOf(data) !== source.kind)
    throw new UsageError(`data: expected ${source.kind} as in ${path}, got ${data}`);
  if (source.kind === "sinusoids") return sinusoidSource(settings);
  if (source.kind === "images") return sameImages(data, path, source, ofImages(settings));
  return sameTable(data, path, source, settings);
}

function sameTable(data: string, path: string, record: TableRecord, settings: Settings): Source {
  const { columns, train, heldOut } = record;
  const sheet = readSheet(data);
  for (const name of [columns.group, columns.target, ...columns.inputs]) needColumn(sheet, name);
  if (fromFile(data, () => fingerprint(sheet, columns)) !== record.fingerprint)
    throw new Failure(`${data}: expected the table that ${path} was trained on, got other cells`);
  return tableSource(sheet, columns, { train, test: heldOut }, settings);
}
