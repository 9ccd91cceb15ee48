import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = new URL("..", import.meta.url).pathname;

/** A static or dynamic import of a file or a module of Node's, but not of types. */
const IMPORT = /^(?:import|export)\s(?!type\s)[^;"']*["']([^"']+)["']|\bimport\("([^"']+)"\)/gm;

/** Test files, from the root, that reach no module of Node's: these run in a browser, too. */
export function testsWithoutNode(): string[] {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts") && !path.includes("node_modules"))
    .map((path) => join(root, "test", path))
    .filter((path) => !reachesNode(path, new Set()))
    .map((path) => relative(root, path))
    .sort();
}

function reachesNode(path: string, seen: Set<string>): boolean {
  if (seen.has(path) || !existsSync(path)) return false;
  seen.add(path);
  return importsOf(path).some(
    (name) =>
      name.startsWith("node:") ||
      (name.startsWith(".") && reachesNode(join(dirname(path), name), seen)),
  );
}

const importsOf = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(IMPORT)].map(([, name, dynamic]) => name ?? dynamic);
