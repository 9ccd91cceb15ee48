// For runtimes with a console: the proof is the last line.
import { input } from "./input.js";
import { prove } from "./proof.js";

console.log(JSON.stringify(await prove(input)));
