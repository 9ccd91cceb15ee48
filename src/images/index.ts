/**
 * Readers of image files and archives.
 *
 * @module rvml/images
 */

export type { NamedDataset } from "../data/dataset.ts";
export type { DownloadOptions } from "./download.ts";
export { downloadOmniglot, type DownloadOmniglotOptions } from "./download-omniglot.ts";
export { readIdx } from "./idx.ts";
export { imageFiles, type ImageOptions, imagePaths } from "./image-files.ts";
export { imageFolder } from "./image-folder.ts";
export { type OmniglotArchives, omniglotArchives } from "./omniglot-archives.ts";
export { readQuickDraw } from "./quickdraw.ts";
export { resized } from "./resized.ts";
