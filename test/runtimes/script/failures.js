// What goes wrong on the page, before its module runs and after. A classic script: it runs first, whatever becomes of the module.
/** @param {unknown} what */
const tell = (what) => fetch("/failure", { method: "POST", body: String(what) });

addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  tell(`refused by ${violatedDirective}: ${blockedURI}`),
);
addEventListener("unhandledrejection", ({ reason }) => tell(reason?.stack ?? reason));
addEventListener(
  "error",
  ({ message, target }) =>
    tell(target instanceof HTMLScriptElement ? `could not load ${target.src}` : message),
  true,
);
if (!crossOriginIsolated) tell("expected an isolated page, got one that may not share memory");
