import { existsSync, readFileSync } from "node:fs";
import { readOmniglot } from "../src/data/omniglot.ts";

/** Omniglot in its packed form, beside the repository on machines that have it. */
export const PACKED = "../shared/data/omniglot28/";
const folder = new URL(`../${PACKED}`, import.meta.url);

export const hasPacked = existsSync(folder);

export const packedIndex = () => JSON.parse(readFileSync(new URL("index.json", folder), "utf8"));

export const readPacked = () =>
  readOmniglot(readFileSync(new URL("omniglot28-b1.bin.gz", folder)), packedIndex());
