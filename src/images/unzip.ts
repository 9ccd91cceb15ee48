import { unzipSync } from "fflate";
import { refuse } from "../check.ts";
import { oneLine } from "./decode.ts";

/** The most files that an archive may hold, and the most bytes that they may unpack to. */
const MOST_FILES = 100_000;
const MOST_BYTES = 0x10000000;

/**
 * The files of a zip archive that `wanted` asks for, by name. Only the sizes that the archive itself
 * tells are made room for, so no archive grows beyond 256 MiB.
 *
 * @param where the public function, for errors
 * @param name of the archive, for errors
 * @param most bytes a file
 * @throws {RangeError} `omniglotArchives: expected a whole zip archive in background, got "invalid
 * zip data"`; too many or too large files; one twice; one that does not unpack to its size
 */
export function unzip(
  where: string,
  name: string,
  archive: Uint8Array,
  wanted: (path: string) => boolean,
  most: number,
): Map<string, Uint8Array> {
  const sizes = new Map<string, number>();
  let [count, total, packed] = [0, 0, 0];
  function filter(file: { name: string; size: number; originalSize: number }): boolean {
    if (++count > MOST_FILES) refuse(where, `at most ${MOST_FILES} files in ${name}`, "more");
    if (!wanted(file.name)) return false;
    if (sizes.has(file.name)) refuse(where, `each file once in ${name}`, file.name);
    if (!(Math.max(file.size, file.originalSize) <= most))
      refuse(where, `at most ${most} bytes in ${file.name}`, file.originalSize);
    if ((total += file.originalSize) > MOST_BYTES)
      refuse(where, `files of at most ${MOST_BYTES} bytes in ${name}`, "more");
    // The same bytes as many files would take time without end.
    if ((packed += file.size) > archive.length)
      refuse(where, `files side by side in ${name}`, "overlapping ones");
    sizes.set(file.name, file.originalSize);
    return true;
  }
  const all = new Map(Object.entries(unpacked()));
  for (const [path, size] of sizes)
    if (all.get(path)?.length !== size) refuse(where, `${size} bytes in ${path}`, "fewer");
  return all;

  function unpacked(): Record<string, Uint8Array> {
    try {
      return unzipSync(archive, { filter });
    } catch (error) {
      if (error instanceof RangeError && error.message.startsWith(`${where}: `)) throw error;
      return refuse(where, `a whole zip archive in ${name}`, oneLine(error));
    }
  }
}
