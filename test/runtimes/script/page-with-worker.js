// For bundlers that do not find the worker of the package: the page names one of its own.
import { input } from "./input.js";
import { prove } from "./proof.js";

const worker = () => new Worker(new URL("./pool-worker.js", import.meta.url), { type: "module" });

await fetch("/proof", { method: "POST", body: JSON.stringify(await prove(input, { worker })) });
