// For browsers: the proof is sent to the page's server.
import { input } from "./input.js";
import { prove } from "./proof.js";

await fetch("/proof", { method: "POST", body: JSON.stringify(await prove(input)) });
