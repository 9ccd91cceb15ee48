import { statSync } from "node:fs";
import { Failure, UsageError } from "./errors.ts";
import { optionName } from "./options.ts";
import type { ImageSettings } from "./settings.ts";

/** What a run learns from. */
export type Kind = "table" | "sinusoids" | "images";

/**
 * A folder is one of images; anything else but the word is a table.
 *
 * @throws {Failure} `none.csv: expected a file or folder that can be read, got ENOENT`
 */
export function kindOf(data: string): Kind {
  if (data === "sinusoids") return data;
  const info = statSync(data, { throwIfNoEntry: false });
  if (!info) throw new Failure(`${data}: expected a file or folder that can be read, got ENOENT`);
  return info.isDirectory() ? "images" : "table";
}

/** What is to be learned from a table, or from a folder of images; nothing of it goes with sinusoids. */
export interface DataOptions extends Partial<ImageSettings> {
  readonly group?: string;
  readonly target?: string;
  readonly inputs?: readonly string[];
  readonly categorical?: readonly string[];
  readonly unknownCategory?: "error" | "zeros";
  readonly dropSmall?: boolean;
  readonly holdout?: readonly string[];
}

const ofBoth = ["a table", "images"] as const;
const ofTables = ["a table"] as const;
const ofImages = ["images"] as const;

/** What each of them goes with. */
const goesWith: Record<keyof DataOptions, readonly string[]> = {
  group: ofTables,
  target: ofTables,
  inputs: ofTables,
  categorical: ofTables,
  unknownCategory: ofTables,
  dropSmall: ofBoth,
  holdout: ofBoth,
  ways: ofImages,
  queryShots: ofImages,
  size: ofImages,
  channels: ofImages,
  invert: ofImages,
  rotations: ofImages,
  network: ofImages,
  filters: ofImages,
};

/** As messages speak of them. */
export const kindWords: Record<Kind, string> = {
  table: "a table",
  sinusoids: "sinusoids",
  images: "images",
};

/** @throws {UsageError} `--ways: expected only with images, got it with a table` */
export function checkDataOptions(kind: Kind, options: DataOptions): void {
  for (const [name, kinds] of Object.entries(goesWith)) {
    if (!options[name as keyof DataOptions] || kinds.includes(kindWords[kind])) continue;
    const expected = `expected only with ${kinds.join(" or ")}`;
    throw new UsageError(`${optionName(name)}: ${expected}, got it with ${kindWords[kind]}`);
  }
}
