import { Command } from "commander";
import { csvLine, needColumn, readSheet, type Sheet } from "./csv.ts";
import { Failure, fromFile, raise, UsageError } from "./errors.ts";
import { checkWritable, writeWhole } from "./files.ts";
import { gather } from "./held-out.ts";
import { imageModel } from "./image-model.ts";
import { whole } from "./options.ts";
import { predictImages } from "./predict-images.ts";
import { rowsBy } from "./rows-by.ts";
import { checkNotAdapted, load, type Loaded } from "./saved.ts";
import { transductive } from "./settings-words.ts";
import { adaptTo, checkInputs, finite, readGroups, tableModel, type TableModel } from "./use.ts";

export interface PredictOptions {
  readonly support?: string;
  /** Of a table. */
  readonly query?: string;
  readonly steps?: number;
  readonly out?: string;
}

type Predict = (inputs: Float32Array) => Float32Array;

export const predictCommand = (): Command =>
  new Command("predict")
    .description(
      "predict the target of new rows, or the class of new images; prints them as CSV with the predictions beside",
    )
    .argument("<model>", "a model from rvml train, or from rvml adapt")
    .argument(
      "[images...]",
      "for a model of images: files, or folders of them, to name the class of",
    )
    .option("--query <csv>", "for a model of a table: rows to predict, the input columns")
    .option(
      "--support <csv>",
      "rows of the same group to adapt on first, inputs and target; or a folder of class folders",
    )
    .option("--steps <n>", "gradient steps (default: as trained)", whole(0))
    .option("--out <file>", "write the CSV there instead of to the screen")
    .action(predict);

async function predict(
  path: string,
  images: readonly string[],
  options: PredictOptions,
): Promise<void> {
  const { query, support, out } = options;
  const read = [path, query, support, ...images].filter((one) => one !== undefined);
  if (out) checkWritable("--out", out, read);
  const loaded = await load(path);
  checkAdapting(loaded, options);
  if (loaded.saved.source.kind === "images")
    return predictImages(imageModel(loaded), images, options);
  const model = tableModel(loaded);
  if (images.length > 0)
    throw new UsageError(`images: expected only with a model of images, got ${images[0]}`);
  if (query === undefined) throw new UsageError("--query: expected rows to predict, got none");
  const { settings } = model.saved;
  if (settings.norm === "batch") process.stderr.write(`rvml: ${transductive(settings)}\n`);
  const networks = predictors(model, options);
  const sheet = readSheet(query);
  checkInputs(sheet, model.columns);
  const column = newColumn(sheet, model.columns.target);
  const predicted = predictSheet(model, sheet, networks);
  const lines = sheet.rows.map((row, i) => csvLine([...row, Number(predicted[i].toPrecision(7))]));
  const header = csvLine([...sheet.header, column]);
  const text = [header, ...lines].join("");
  if (out) writeWhole(out, text);
  else process.stdout.write(text);
}

/** The name of what is predicted; the table may not have it yet, for then it would have it twice. */
function newColumn({ path, header }: Sheet, target: string): string {
  const column = `${target}_predicted`;
  if (!header.includes(column)) return column;
  throw new UsageError(
    `--query: expected no column "${column}", which predict writes, got one in ${path}`,
  );
}

/** Either what is adapted here, or what was adapted before. */
function checkAdapting(loaded: Loaded, { support, steps }: PredictOptions): void {
  if (support !== undefined) checkNotAdapted(loaded);
  else if (loaded.saved.adapted && steps !== undefined)
    throw new UsageError(`--steps: expected only with --support, got ${steps}`);
}

/** The networks to predict with, by the group that they were adapted to; "" where no group was named. */
function predictors(model: TableModel, { support, steps }: PredictOptions): Map<string, Predict> {
  const { path, saved, learner } = model;
  if (support)
    return new Map(
      readGroups(support, model).map(({ name, batch }) => {
        const adapted = adaptTo(model, support, batch, steps);
        return [name, (inputs) => adapted.predict(inputs)];
      }),
    );
  if (saved.adapted) return new Map([[saved.adapted.group, (inputs) => learner.predict(inputs)]]);
  throw new UsageError(
    `--support: expected rows to adapt on, for ${path} is not adapted, got none`,
  );
}

function predictSheet(model: TableModel, sheet: Sheet, by: Map<string, Predict>): Float64Array {
  const { standardization } = model;
  const inputs = fromFile(sheet.path, () => standardization.encode(sheet.table));
  const { rows } = sheet.table;
  const whole = { inputs, targets: new Float32Array(rows), rows };
  const predicted = new Float64Array(rows);
  for (const [predict, picked] of rowsByPredictor(model, sheet, by)) {
    const outputs = predict(gather(whole, picked).inputs as Float32Array);
    finite(sheet.path, outputs);
    picked.forEach((row, i) => (predicted[row] = standardization.unscale(outputs[i])));
  }
  return predicted;
}

/** A row goes by its group; where the file has no group column, there must be only one network to choose from. */
function rowsByPredictor(
  { columns: { group } }: TableModel,
  sheet: Sheet,
  by: Map<string, Predict>,
): Map<Predict, number[]> {
  const [first] = by.values();
  if (by.size > 1) needColumn(sheet, group);
  if (!sheet.header.includes(group)) return new Map([[first, sheet.rows.map((_, row) => row)]]);
  const names = fromFile(sheet.path, () => sheet.table.texts(group));
  return rowsBy(
    names.map((name) => by.get(name) ?? by.get("") ?? raise(strangeGroup(sheet, name, by))),
  );
}

function strangeGroup({ path }: Sheet, name: string, by: Map<string, Predict>): Failure {
  const known = [...by.keys()].map((group) => `"${group}"`).join(", ");
  return new Failure(`${path}: expected groups that were adapted to (${known}), got "${name}"`);
}
