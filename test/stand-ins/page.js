// What a page has and Node has not, as far as the guides' blocks need it: addresses of the page's own server, and an element to write into.
import { readFile } from "node:fs/promises";

/** @type {Record<string, string>} By which `compileStreaming` goes. */
const types = { wasm: "application/wasm" };

/** @param {string} address */
async function fetch(address) {
  const type = types[address.split(".").at(-1) ?? ""] ?? "application/octet-stream";
  return new Response(await readFile(`.${address}`), { headers: { "content-type": type } });
}

const element = {
  set textContent(/** @type {unknown} */ text) {
    console.log(String(text));
  },
};

Object.assign(globalThis, { fetch, document: { querySelector: () => element } });
