// The promise "same seed, same bits", as hashes: run on any build and any runtime, they are those of golden.json.
//
//     node test/golden.js [--core debug|release] [--check]        prints them; --check fails where they differ
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { goldenHashes } from "./golden-problems.js";

/** @param {string} name */
const readCore = (name) =>
  new WebAssembly.Module(readFileSync(new URL(`../build/${name}.wasm`, import.meta.url)));

const { values } = parseArgs({
  options: { core: { type: "string" }, check: { type: "boolean", default: false } },
});
// The package as its users get it: dist/, with the core inlined unless another is asked for.
const core = values.core ? readCore(values.core) : undefined;
const hashes = await goldenHashes(await import("rvml"), core);
console.log(JSON.stringify(hashes, null, 2));
if (values.check) check(JSON.parse(readFileSync(new URL("golden.json", import.meta.url), "utf8")));

/** @param {Record<string, string>} golden */
function check(golden) {
  for (const [name, expected] of Object.entries(golden))
    if (hashes[name] !== expected) {
      console.error(`golden: expected ${expected} of ${name}, got ${hashes[name]}`);
      process.exitCode = 1;
    }
}
