import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { dataset, readOmniglot } from "rvml";
import { readQuickDraw, resized } from "rvml/images";

/** Image sets that lie beside the repository. No part of it. */
const folder = new URL("../../../shared/data/", import.meta.url);
const read = (/** @type {string} */ path) => readFileSync(new URL(path, folder));
const index = (/** @type {string} */ name) => JSON.parse(read(`${name}/index.json`).toString());

/** What is missing of them. @param {string[]} names */
export const lacking = (...names) =>
  names.find((name) => !existsSync(new URL(name, folder))) && `${names.join(", ")} beside it`;

/** Omniglot at 28×28, with its splits. */
export const omniglot = () =>
  readOmniglot(read("omniglot28/omniglot28-b1.bin.gz"), index("omniglot28"));

/** Quick, Draw! at 28×28: 345 things, 100 drawings of each. */
export const quickDraw = () =>
  readQuickDraw(read("quickdraw28/quickdraw28-b1.bin.gz"), index("quickdraw28"));

/** 1,797 of the ten digits as 8×8 means of scanned ink, 0 … 1. */
export function digits() {
  const lines = gunzipSync(read("digits8x8/digits.csv.gz")).toString().trim().split(/\r?\n/);
  const numbers = lines.map((line) => line.split(",").map(Number));
  return dataset({
    inputs: numbers.flatMap((row) => row.slice(0, 64).map((x) => x / 16)),
    labels: numbers.map((row) => row[64]),
    inSize: 64,
    shape: [8, 8, 1],
  });
}

/** The same at 28×28. */
export const largeDigits = () => resized(digits(), { width: 28, height: 28 });
