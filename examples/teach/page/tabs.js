/** Tabs as in the ARIA practices: arrows go from one to the next, and the panel of the one that has the focus shows. @param {HTMLElement} list */
export function startTabs(list) {
  const tabs = [...list.querySelectorAll("button")];

  /** @param {HTMLButtonElement} chosen */
  function choose(chosen) {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !isChosen;
    }
  }

  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[key];
      if (step === undefined) return;
      const next = tabs[(i + step) % tabs.length];
      choose(next);
      next.focus();
    });
  });
}
