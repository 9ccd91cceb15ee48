import { loadAdapter } from "rvml/adapt";

/** @import { Adapter } from "rvml/adapt" */

/** The saved files; a build puts them into the page itself. */
const files = {
  symbols: new URL("../models/symbols.safetensors", import.meta.url),
  maml: new URL("../models/sine-maml.safetensors", import.meta.url),
  fomaml: new URL("../models/sine-fomaml.safetensors", import.meta.url),
  reptile: new URL("../models/sine-reptile.safetensors", import.meta.url),
  metaSgd: new URL("../models/sine-meta-sgd.safetensors", import.meta.url),
  anil: new URL("../models/sine-anil.safetensors", import.meta.url),
  scratch: new URL("../models/sine-scratch.safetensors", import.meta.url),
};

/** @param {keyof typeof files} name @returns {Promise<Adapter>} */
export async function load(name) {
  const response = await fetch(files[name]);
  return loadAdapter(new Uint8Array(await response.arrayBuffer()));
}
