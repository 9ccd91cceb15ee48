import { refuse, refuseKind } from "../check.ts";
import { oneLine } from "./decode.ts";
import { nodeModules } from "./node.ts";

/** A file to have: where it comes from, and how it can be told to be the right one. */
export interface Download {
  readonly url: string;
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the whole file, in hexadecimal. */
  readonly sha256: string;
}

/** How to go about it. */
export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Told after each piece: of which file, and how much of it is there. What it throws ends the download. */
  readonly onProgress?: (progress: { path: string; bytes: number; total: number }) => void;
}

/** Tries before giving up, and how long to wait after the first; twice as long after each other. */
const TRIES = 4;
const WAIT_MS = 250;

/** What another try will not change. */
class Final extends Error {}

/** What the caller's own onProgress throws: no failure of the network. */
class Callers extends Error {}

/**
 * Both of the kind that they are called as.
 *
 * @throws {TypeError} `downloadOmniglot: expected an AbortSignal as signal, got "x"`
 */
export function checkDownloadOptions(where: string, { signal, onProgress }: DownloadOptions): void {
  // As `fetch` wants it: what only behaves like one, it refuses.
  if (signal !== undefined && !(signal instanceof AbortSignal))
    refuseKind(where, "an AbortSignal as signal", signal);
  if (onProgress !== undefined && typeof onProgress !== "function")
    refuseKind(where, "a function as onProgress", onProgress);
}

/**
 * A file from the network, whole or not at all. It is written to `path.part`, checked, and renamed;
 * what a broken connection left there is gone on from (HTTP range requests), in this call or a later
 * one. A file that is there already is checked, and not fetched again. Several calls at once, here or
 * in other processes, add to the same part, and all get the file.
 *
 * @param where the public function, for errors
 * @throws {RangeError} `downloadOmniglot: expected SHA-256 ad41… of images_background.zip, got …` (a
 * wrong part is removed, a wrong file that was there is left); `… expected images_background.zip
 * from URL, got "HTTP 404"`
 */
export async function download(
  where: string,
  file: Download,
  options: DownloadOptions = {},
): Promise<Uint8Array> {
  const { files } = nodeModules(where);
  const part = `${file.path}.part`;
  if (await sizeOf(where, file.path)) return checked(where, file, file.path);
  await fetched(where, file, part, options);
  try {
    const whole = await checked(where, file, part);
    await files.rename(part, file.path);
    return whole;
  } catch (error) {
    await files.rm(part, { force: true });
    // Another call at the same time may have been faster.
    if (await sizeOf(where, file.path)) return checked(where, file, file.path);
    throw error;
  }
}

async function fetched(
  where: string,
  file: Download,
  part: string,
  options: DownloadOptions,
): Promise<void> {
  const { timers } = nodeModules(where);
  for (let tries = 1; ; tries++) {
    try {
      return await transfer(where, file, part, options);
    } catch (error) {
      if (error instanceof Callers) throw error.cause;
      options.signal?.throwIfAborted();
      if (tries === TRIES || error instanceof Final)
        refuse(where, `${file.path} from ${file.url}`, reason(error));
      const wait = WAIT_MS * 2 ** (tries - 1);
      await timers
        .setTimeout(wait, undefined, { signal: options.signal })
        .catch(() => options.signal?.throwIfAborted());
    }
  }
}

/** Adds to the part what it lacks. */
async function transfer(
  where: string,
  { url, path, bytes: total }: Download,
  part: string,
  { signal, onProgress }: DownloadOptions,
): Promise<void> {
  const { files } = nodeModules(where);
  const there = (await sizeOf(where, part)) ?? 0;
  if (there === total) return;
  let bytes = there < total ? there : 0;
  const headers = { "accept-encoding": "identity", ...(bytes > 0 && { range: `bytes=${bytes}-` }) };
  const response = await fetch(url, { headers, signal });
  if (response.status === 200) bytes = 0;
  else if (response.status !== 206) await fail(response);
  else if (!response.headers.get("content-range")?.startsWith(`bytes ${bytes}-`))
    await fail(response, "another range than was asked for");
  // Neither emptied nor appended to: another call may be writing the same bytes to the same places.
  const out = await files.open(part, files.constants.O_RDWR | files.constants.O_CREAT);
  try {
    if (there > total) await out.truncate();
    for await (const piece of response.body ?? []) {
      if (bytes + piece.length > total) await fail(response, `more than ${total} bytes`);
      await out.write(piece, 0, piece.length, bytes);
      bytes += piece.length;
      try {
        onProgress?.({ path, bytes, total });
      } catch (cause) {
        throw new Callers("onProgress", { cause });
      }
    }
  } finally {
    await out.close();
  }
  if (bytes < total) throw new Error(`${bytes} of ${total} bytes`);
}

async function fail(response: Response, message?: string): Promise<never> {
  // Its connection is not needed any more.
  if (!response.body?.locked) await response.body?.cancel();
  const { status } = response;
  const passing = !message && (status >= 500 || status === 429 || status === 408);
  throw new (passing ? Error : Final)(message ?? `HTTP ${status}`);
}

async function checked(where: string, file: Download, path: string): Promise<Uint8Array> {
  const { files, hashes } = nodeModules(where);
  const whole = await files.readFile(path);
  const got = hashes.createHash("sha256").update(whole).digest("hex");
  if (got !== file.sha256) refuse(where, `SHA-256 ${file.sha256} of ${path}`, got);
  return whole;
}

/** In bytes; undefined where there is no such file. */
async function sizeOf(where: string, path: string): Promise<number | undefined> {
  const { files } = nodeModules(where);
  return files.stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** fetch says "fetch failed", and why in the cause. */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause ? `: ${oneLine(error.cause)}` : "";
  return oneLine(error) + cause;
}
