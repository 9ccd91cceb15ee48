import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { Failure, UsageError } from "./errors.ts";
import { endings } from "./endings.ts";

/**
 * Writes a file whole or not at all: into a new file beside it, which is flushed to the disk and then takes its name.
 * Readers see the old content or the new, never a part, also when the power goes. A Ctrl-C meanwhile is not heard.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const ignore = () => {};
  for (const ending of endings) process.on(ending, ignore);
  try {
    writeFlushed(temporary, bytes);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${path}: expected a file that can be written, got ${code}`, {
      cause: error,
    });
  } finally {
    for (const ending of endings) process.off(ending, ignore);
  }
}

function writeFlushed(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "w");
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export function readWhole(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${path}: expected a file that can be read, got ${code}`, { cause: error });
  }
}

/** Refuses early, before an hour of training, a place where nothing can be written, or what a run reads or writes besides. */
export function checkWritable(option: string, path: string, others: readonly string[]): void {
  const refuse = (why: string): never => {
    throw new UsageError(`${option}: expected a file that can be written, got ${path} (${why})`);
  };
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    refuse((error as NodeJS.ErrnoException).code ?? "no access");
  }
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) refuse("a folder");
  if (there && !there.isFile()) refuse("not a regular file"); // the rename would replace a device
  if (others.some((other) => resolve(other) === resolve(path)))
    throw new UsageError(`${option}: expected a file of its own, got ${path} a second time`);
}
