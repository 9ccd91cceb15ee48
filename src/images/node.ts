import { refuse } from "../check.ts";
import { builtin, nodeProcess } from "../node.ts";

interface NodeModules {
  readonly files: typeof import("node:fs/promises");
  readonly paths: typeof import("node:path");
  readonly hashes: typeof import("node:crypto");
  readonly timers: typeof import("node:timers/promises");
}

/**
 * Node's own modules, asked for when a function runs: an `import` of them would keep bundlers from
 * building the other readers for a browser.
 *
 * @throws {RangeError} `imageFolder: expected Node 20.16 or later (or Deno, Bun), got undefined`
 */
export function nodeModules(where: string): NodeModules {
  const get = <T>(name: string): T =>
    builtin<T>(name) ??
    refuse(where, "Node 20.16 or later (or Deno, Bun)", nodeProcess()?.versions?.node);
  return {
    files: get("fs/promises"),
    paths: get("path"),
    hashes: get("crypto"),
    timers: get("timers/promises"),
  };
}
