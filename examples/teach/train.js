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

/** @import { Learner } from "rvml" */

const [folder = "../shared/data/omniglot28", which] = argv.slice(2);
const print = (/** @type {string} */ line) => console.log(line);

/** Writes a model that shall adapt, and train no more. @param {{ file: string, learner: Learner }} model */
async function keep({ file, learner }) {
  const metadata = { made: "by examples/teach/train.js of rvml" };
  const bytes = learner.save({ metadata, optimizerState: false });
  await writeFile(new URL(`models/${file}`, import.meta.url), bytes);
  print(`models/${file}: ${bytes.length} bytes`);
}

if (which !== "symbols") for await (const model of sinusoidModels(print)) await keep(model);
if (which !== "sinusoids") await keep(await symbolModel(folder, print));
