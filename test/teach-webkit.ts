import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { miniBrowser } from "./runtimes/browsers.js";
import { start } from "./runtimes/run.js";
import type { BrowserPage, OpenBrowser, Pointer } from "./teach-browsers.ts";

/** For one script, in milliseconds: on a machine that others keep busy. */
const PATIENCE = 240_000;

/** What WebDriver calls the keys that are no letters. */
const KEYS: Record<string, string> = {
  Backspace: "\uE003",
  Escape: "\uE00C",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
};

/** Calls of the driver: the W3C's WebDriver, over HTTP. */
type Call = (method: string, path: string, body?: object) => Promise<any>;

/** WebKitGTK's small browser, by Debian's WebKitWebDriver, on a screen that nobody sees. */
export async function openWebKit(): Promise<OpenBrowser> {
  const home = mkdtempSync(join(tmpdir(), "rvml-webkit-"));
  const port = await freePort();
  const driver = start(["xvfb-run", "-a", "WebKitWebDriver", `--port=${port}`], {
    env: { HOME: home },
  });
  const given = new AbortController();
  const close = async () => {
    await driver.end();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  const call: Call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: any };
    if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  try {
    await Promise.race([driver.unexpectedEnd(), isUp(call, given.signal)]);
    const timeouts = { script: PATIENCE, pageLoad: PATIENCE };
    const options = { binary: miniBrowser(), args: ["--automation"] };
    const { sessionId } = await call("POST", "/session", {
      capabilities: { alwaysMatch: { timeouts, "webkitgtk:browserOptions": options } },
    });
    const page = pageOf((method, path, body) => call(method, `/session/${sessionId}${path}`, body));
    // One window: who asks for a new page gets the same, and the test opens its next one last.
    return { newPage: async () => page, close };
  } catch (error) {
    given.abort();
    await close();
    throw error;
  }
}

function pageOf(call: Call): BrowserPage {
  const act = (type: string, id: string, parameters: object, ...actions: object[]) =>
    call("POST", "/actions", { actions: [{ type, id, parameters, actions }] });
  const pointer = (pointerType: string): Pointer => {
    const go = (action: object) => act("pointer", pointerType, { pointerType }, action);
    return {
      move: (x, y) => go({ type: "pointerMove", x: Math.round(x), y: Math.round(y), duration: 0 }),
      down: () => go({ type: "pointerDown", button: 0 }),
      up: () => go({ type: "pointerUp", button: 0 }),
    };
  };
  const evaluate: BrowserPage["evaluate"] = async (run, argument) => {
    const script = `const done = arguments[1];
      Promise.resolve(arguments[0]).then(${run}).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await call("POST", "/execute/async", {
      script,
      args: [argument ?? null],
    });
    if (error) throw new Error(error);
    return value;
  };
  return {
    evaluate,
    goto: (url) => call("POST", "/url", { url }),
    waitForSelector: (selector) =>
      evaluate(async (wanted) => {
        while (!document.querySelector(wanted)) await new Promise((done) => setTimeout(done, 50));
      }, selector),
    keyboard: {
      press: async (key) => {
        const value = KEYS[key] ?? key;
        await act("key", "keys", {}, { type: "keyDown", value }, { type: "keyUp", value });
      },
    },
    mouse: pointer("mouse"),
    pen: pointer("pen"),
  };
}

async function isUp(call: Call, given: AbortSignal): Promise<void> {
  while (!given.aborted) {
    try {
      return void (await call("GET", "/status"));
    } catch {
      await pause(100);
    }
  }
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((done) =>
    server.listen(0, "127.0.0.1", () => done((server.address() as { port: number }).port)),
  );
  await new Promise((done) => server.close(done));
  return port;
}
