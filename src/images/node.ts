import { refuse } from "../check.ts";

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
  const get = globalThis.process?.getBuiltinModule;
  if (!get) refuse(where, "Node 20.16 or later (or Deno, Bun)", globalThis.process?.version);
  return {
    files: get("node:fs/promises"),
    paths: get("node:path"),
    hashes: get("node:crypto"),
    timers: get("node:timers/promises"),
  };
}
