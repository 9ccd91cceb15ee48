import { readFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {string | { [condition: string]: Target }} Target what package.json gives for a name */

/**
 * The file that a runtime of these conditions gets, the first key that fits, as package.json says.
 *
 * @param {Target} target
 * @param {readonly string[]} conditions
 * @returns {string | undefined}
 */
export function resolve(target, conditions) {
  if (typeof target === "string") return target;
  for (const [condition, inner] of Object.entries(target)) {
    if (condition !== "default" && !conditions.includes(condition)) continue;
    const found = resolve(inner, conditions);
    if (found) return found;
  }
}

/** The file of the package's main entry. @param {string} folder the package's @param {readonly string[]} conditions */
export function entryOf(folder, conditions) {
  const { exports } = readPackage(folder);
  return resolve(exports["."] ?? exports, conditions) ?? "none";
}

/**
 * An import map with which a page needs no bundler: the package's entries.
 *
 * @param {string} modules the folder node_modules
 * @param {readonly string[]} conditions
 */
export function importMap(modules, conditions) {
  const { exports } = readPackage(join(modules, "rvml"));
  /** @type {Record<string, string>} */
  const imports = {};
  for (const [name, target] of Object.entries(exports)) {
    const file = resolve(/** @type {Target} */ (target), conditions);
    if (file?.endsWith(".js")) imports[join("rvml", name)] = join("/node_modules/rvml", file);
  }
  return JSON.stringify({ imports });
}

/** @param {string} folder */
const readPackage = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
