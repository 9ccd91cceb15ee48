import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";

export const main = new URL("../dist/cli.js", import.meta.url).pathname;

/** A folder of its own for each test file; removed after it. */
export const folder = mkdtempSync(join(tmpdir(), "rvml-cli-"));
export const file = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

export interface Result {
  readonly code: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in that folder. */
export function rvml(...words: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { cwd: folder }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    );
  });
}

/** Lines of their own height and slope: what a new group's two rows do settle, and a pooled model cannot. */
export function lines(groups: number, from = 0): string {
  const rows = ["site,day,load"];
  for (let g = from; g < from + groups; g++)
    for (let x = 0; x < 6; x++) {
      const [height, slope] = [((g * 7) % 11) - 5, ((g * 3) % 5) / 4];
      rows.push(`site ${g},${x * 2},${100 + 10 * height + slope * x}`);
    }
  return `${rows.join("\n")}\n`;
}

export const columns = ["--group", "site", "--target", "load", "--inputs", "day"];
export const small = ["--hidden", "8", "--shots", "2", "--steps", "60", "--meta-batch", "4"];
export const quick = [...columns, ...small, "--no-report"];

/** lines.csv, new.csv, and a model trained on the first. */
export async function makeModel(): Promise<void> {
  writeFileSync(file("lines.csv"), lines(16));
  writeFileSync(file("new.csv"), lines(1, 40));
  const { code, err } = await rvml("train", "lines.csv", ...quick, "--out", "model.safetensors");
  expect({ code, err }).toEqual({ code: 0, err: "" });
}
