import { byId } from "./dom.js";
import { load } from "./models.js";
import { startSinusoids } from "./sine-tab.js";
import { startTabs } from "./tabs.js";
import { startTeaching } from "./teach-tab.js";

async function start() {
  startTabs(byId("tabs", HTMLElement));
  startTeaching(await load("symbols"));
  const [maml, fomaml, reptile, metaSgd, anil, scratch] = await Promise.all([
    load("maml"),
    load("fomaml"),
    load("reptile"),
    load("metaSgd"),
    load("anil"),
    load("scratch"),
  ]);
  startSinusoids({ maml, fomaml, reptile, metaSgd, anil, scratch });
  document.documentElement.classList.add("ready");
}

start().catch((/** @type {unknown} */ error) => {
  byId("failed", HTMLElement).textContent = `This page could not start: ${error}`;
});
