import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageFolder } from "../images/index.ts";
import { Failure } from "./errors.ts";
import { batchOf } from "./image-model.ts";
import type { ForImages } from "./image-source.ts";

/** What the library passes over in folders, too. */
const leftover = /^(\.|Thumbs\.db$|desktop\.ini$)/;

/** A file itself; of a folder, all files in it and in its folders. */
export function filesIn(path: string): string[] {
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there) throw new Failure(`${path}: expected an image or a folder, got ENOENT`);
  if (!there.isDirectory()) return [path];
  const inside = readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !leftover.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name }) => filesIn(join(path, name)));
  if (inside.length === 0) throw new Failure(`${path}: expected images, got none`);
  return inside;
}

/** Single files as a model sees them, row by row. The library reads folders of classes, so they become one for the while. */
export async function readFiles(
  paths: readonly string[],
  { size, channels, invert }: Pick<ForImages, "size" | "channels" | "invert">,
): Promise<ArrayLike<number>> {
  const root = mkdtempSync(join(tmpdir(), "rvml-images-"));
  try {
    mkdirSync(join(root, "all"));
    paths.forEach((path, i) => fromSystem(path, () => copyFileSync(path, join(root, nameOf(i)))));
    const images = await imageFolder(root, { size, channels, invert });
    return batchOf(images).inputs;
  } catch (error) {
    throw withPaths(error, paths);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const nameOf = (index: number) => `all/${String(index).padStart(9, "0")}`;

function fromSystem(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${path}: expected a file that can be read, got ${code}`, { cause: error });
  }
}

/** What the library says of a file, said of the one that it was. */
function withPaths(error: unknown, paths: readonly string[]): unknown {
  if (!(error instanceof RangeError)) return error;
  error.message = error.message
    .replace(/^imageFolder: /, "")
    .replace(/all\/(\d{9})/, (_, index: string) => paths[Number(index)]);
  return error;
}
