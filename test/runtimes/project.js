import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { run } from "./run.js";

const SCRIPT = "test/runtimes/script";
const MADE = ["node_modules", ".git", "build", "dist"];

/**
 * @typedef {object} Project a user's of the package, with the script in it
 * @property {string} folder
 * @property {string} script the script's folder
 * @property {string} package the installed package's folder
 */

/**
 * Packs the tree at `root`, in a copy so that nobody's build is touched; gives the tarball's path.
 *
 * @param {string} root
 * @param {string} into a folder
 */
export async function pack(root, into) {
  const copy = join(into, "tree");
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !MADE.some((name) => relative(root, path).split("/").includes(name)),
  });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const packed = await run(["npm", "pack", "--silent", "--pack-destination", into], { cwd: copy });
  return join(into, packed.trim().split("\n").at(-1) ?? "");
}

/**
 * Installs the tarball in a project of its own, with the script of `root`.
 *
 * @param {string} tarball
 * @param {string} root
 * @param {string} into a folder
 * @returns {Promise<Project>}
 */
export async function makeProject(tarball, root, into) {
  const folder = join(into, "project");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  await run(["npm", "install", "--silent", "--no-audit", "--no-fund", tarball], { cwd: folder });
  for (const path of [SCRIPT, "test/golden-problems.js"])
    cpSync(join(root, path), join(folder, path), { recursive: true });
  return { folder, script: join(folder, SCRIPT), package: join(folder, "node_modules/rvml") };
}

/** @param {Project} project @param {import("./script/input.js").Input} input */
export function writeInput({ script }, input) {
  writeFileSync(join(script, "input.js"), `export const input = ${JSON.stringify(input)};\n`);
}

/**
 * The digits of scikit-learn, 64 pixels and a label each, a byte each, in base64; undefined where they are not.
 *
 * @param {string} path of the gzipped CSV
 */
export function readDigits(path) {
  if (!existsSync(path)) return;
  const rows = gunzipSync(readFileSync(path)).toString().trim().split("\n");
  return Buffer.from(rows.flatMap((row) => row.split(",").map(Number))).toString("base64");
}
