import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { UsageError } from "./errors.ts";
import { checkWritable } from "./files.ts";

/**
 * {@link checkWritable} for a model: nothing else is replaced by one.
 *
 * @throws {UsageError} `--out: expected a new file or a model to replace, got new.csv`
 */
export function checkModelFile(option: string, path: string, others: readonly string[]): void {
  checkWritable(option, path, others);
  if (!existsSync(path) || isModel(path)) return;
  throw new UsageError(`${option}: expected a new file or a model to replace, got ${path}`);
}

/** Whether it begins as the library's files do, or is empty, so that nothing is lost. */
function isModel(path: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { size } = fstatSync(file);
    return size === 0 || "rvml" in wordsOf(file, size);
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The metadata of a safetensors file: 8 bytes with the length of the JSON behind them, which holds it. */
function wordsOf(file: number, size: number): object {
  const length = Buffer.alloc(8);
  readSync(file, length, 0, 8, 0);
  if (length.readBigUInt64LE() > BigInt(size)) return {};
  const header = Buffer.alloc(Number(length.readBigUInt64LE()));
  readSync(file, header, 0, header.length, 8);
  const { __metadata__: words } = JSON.parse(header.toString());
  return words;
}
