import { checkOptions, refuse, refuseKind } from "../check.ts";
import { checkDownloadOptions, download, type DownloadOptions } from "./download.ts";
import { nodeModules } from "./node.ts";
import type { OmniglotArchives } from "./omniglot-archives.ts";

const WHERE = "downloadOmniglot";
const OFFICIAL = "https://github.com/brendenlake/omniglot/raw/master/python/";

/**
 * The official archives, unchanged since 2015. Sizes and SHA-256 as TensorFlow Datasets publishes
 * them (url_checksums/omniglot.txt).
 */
export const OMNIGLOT_FILES = {
  background: {
    name: "images_background.zip",
    bytes: 9464212,
    sha256: "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640",
  },
  evaluation: {
    name: "images_evaluation.zip",
    bytes: 6462886,
    sha256: "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee",
  },
} as const;

/** Options of {@link downloadOmniglot}. */
export interface DownloadOmniglotOptions extends DownloadOptions {
  /** Where the two archives go, and are looked for first; made where it is missing. */
  readonly folder: string;
  /** The folder that they are fetched from, as a URL that ends in "/"; default: the official one. */
  readonly from?: string;
}

/**
 * Omniglot's two archives from the official repository, 16 MB, into a folder: whole, checked by
 * SHA-256, or not at all. A call that was broken off is gone on from by the next; archives that are
 * there already are checked and read, and the network is not asked. Node from 20.16 on, Deno, Bun.
 *
 * @returns the archives' bytes, for `omniglotArchives`
 * @throws {RangeError} `downloadOmniglot: expected SHA-256 ad41… of data/images_background.zip, got
 * …`; what the server or the network says, after four tries, or at once where another would not help (404); a `from` that is no URL
 * @throws `signal.reason` once aborted, and what `onProgress` throws; what has come is kept for the next call
 * @example
 * const omniglot = omniglotArchives(await downloadOmniglot({ folder: "data" }));
 */
export function downloadOmniglot(options: DownloadOmniglotOptions): Promise<OmniglotArchives> {
  return downloadArchives(options, OMNIGLOT_FILES);
}

/** {@link downloadOmniglot} of files that need not be the official ones. */
export async function downloadArchives(
  options: DownloadOmniglotOptions,
  archives: Record<keyof OmniglotArchives, { name: string; bytes: number; sha256: string }>,
): Promise<OmniglotArchives> {
  checkOptions(WHERE, options, ["folder", "from", "signal", "onProgress"]);
  const { folder, from = OFFICIAL, ...how } = options;
  if (typeof folder !== "string") refuseKind(WHERE, "the path of a folder in folder", folder);
  if (typeof from !== "string") refuseKind(WHERE, "a URL in from", from);
  if (!URL.canParse(from) || !from.endsWith("/"))
    refuse(WHERE, 'a URL that ends in "/" in from', from);
  checkDownloadOptions(WHERE, how);
  const { files, paths } = nodeModules(WHERE);
  await files.mkdir(folder, { recursive: true });
  const get = ({ name, bytes, sha256 }: { name: string; bytes: number; sha256: string }) => {
    const file = { url: new URL(name, from).href, path: paths.join(folder, name), bytes, sha256 };
    return download(WHERE, file, how);
  };
  // One after the other: what is broken off is then one file.
  const background = await get(archives.background);
  return { background, evaluation: await get(archives.evaluation) };
}
