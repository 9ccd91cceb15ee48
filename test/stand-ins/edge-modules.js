// Loads `.wasm` files as compiled modules, `.bin` and `.safetensors` as ArrayBuffers.

/** @param {string} made from `bytes` */
const moduleOf = (made) => `
  import { readFileSync } from "node:fs";
  const bytes = readFileSync(new URL(import.meta.url));
  export default ${made};
`;

/** @type {import("node:module").LoadHook} */
export const load = (url, context, next) => {
  if (url.endsWith(".wasm")) return made(moduleOf("globalThis.deployed(bytes)"));
  if (/\.(bin|safetensors)$/.test(url)) return made(moduleOf("new Uint8Array(bytes).buffer"));
  return next(url, context);
};

/** @param {string} source @returns {import("node:module").LoadFnOutput} */
const made = (source) => ({ format: "module", shortCircuit: true, source });
