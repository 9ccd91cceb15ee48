import { stat } from "node:fs/promises";
import { imageFiles, imagePaths } from "../images/index.ts";
import { Failure } from "./errors.ts";
import type { ImageSettings } from "./settings.ts";

/** Of each path the file itself, or all files in that folder and in its folders: there must be one. */
export async function filesIn(paths: readonly string[]): Promise<string[]> {
  const found: string[][] = [];
  for (const path of paths) {
    const isFolder = (await fromSystem(path, () => stat(path))).isDirectory();
    const inside = isFolder ? await fromSystem(path, () => imagePaths(path)) : [path];
    if (inside.length === 0) throw new Failure(`${path}: expected images, got none`);
    found.push(inside);
  }
  return found.flat();
}

/** Single files as a model sees them, row by row. */
export const readFiles = (
  paths: readonly string[],
  { size, channels, invert }: Pick<ImageSettings, "size" | "channels" | "invert">,
): Promise<Float32Array> =>
  fromSystem(paths[0], () => imageFiles(paths, { size, channels, invert }));

/** What `read` gives; what the file system refuses there is said in one line, of the very file or folder. */
export async function fromSystem<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { syscall, code, path: refused = path } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const what = syscall === "scandir" ? "a folder" : "a file or folder";
    const message = `${refused}: expected ${what} that can be read, got ${code}`;
    throw new Failure(message, { cause: error });
  }
}
