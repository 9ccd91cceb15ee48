import { readFileSync, writeFileSync } from "node:fs";

const OWN = new URL("golden.json", import.meta.url);
const OF_TESTS = new URL("../golden.json", import.meta.url);

/** The hashes that every runtime has to give: of test/golden.json, and of the script's own problems. @param {boolean} withDigits */
export function readGolden(withDigits) {
  const all = Object.entries({ ...read(OF_TESTS), ...read(OWN) });
  return Object.fromEntries(all.filter(([name]) => withDigits || !name.startsWith("digits:")));
}

/** @param {import("./script/proof.js").Proof} proof of which the script's own are written */
export function writeGolden({ hashes }) {
  const others = read(OF_TESTS);
  const own = Object.entries(hashes).filter(([name]) => !Object.hasOwn(others, name));
  writeFileSync(OWN, `${JSON.stringify(Object.fromEntries(own), null, 2)}\n`);
}

/** @param {Record<string, string>} golden @param {import("./script/proof.js").Proof} proof */
export function differences(golden, { hashes }) {
  const names = new Set([...Object.keys(golden), ...Object.keys(hashes)]);
  return [...names]
    .filter((name) => golden[name] !== hashes[name])
    .map((name) => `expected ${golden[name]} of ${name}, got ${hashes[name]}`);
}

/** @param {URL} path @returns {Record<string, string>} */
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
