/**
 * Makes the files in models/, the same to the bit with the same version of Node, and prints how well they do.
 *
 *     node examples/teach/train.js [folder of Omniglot] [symbols | sinusoids]
 *
 * The folder holds the packed form (omniglot28-b1.bin.gz, index.json) or the official images_background.zip and images_evaluation.zip; default
 * ../shared/data/omniglot28.
 */
import { writeFile } from "node:fs/promises";
import { argv } from "node:process";
import { sinusoidModels } from "./training/sinusoids.js";
import { symbolModel } from "./training/symbols.js";

const [folder = "../shared/data/omniglot28", which] = argv.slice(2);
const print = (/** @type {string} */ line) => console.log(line);

/** @param {{ file: string, bytes: Uint8Array }} model */
async function keep({ file, bytes }) {
  await writeFile(new URL(`models/${file}`, import.meta.url), bytes);
  print(`models/${file}: ${bytes.length} bytes`);
}

if (which !== "symbols") for await (const model of sinusoidModels(print)) await keep(model);
if (which !== "sinusoids") await keep(await symbolModel(folder, print));
