import { existsSync } from "node:fs";
import { type CDPSession, chromium } from "playwright-core";
import { openWebKit } from "./teach-webkit.ts";

/** What Playwright's and Puppeteer's pages have in common, as far as it is used here. */
export interface BrowserPage {
  goto(url: string): Promise<unknown>;
  /** Runs a function in the page; it sees nothing but its argument. */
  evaluate<T, R>(run: (argument: T) => R | Promise<R>, argument: T): Promise<R>;
  waitForSelector(selector: string): Promise<unknown>;
  readonly keyboard: { press(key: string): Promise<void> };
  readonly mouse: Pointer;
  /** Where the driver has them. */
  readonly pen?: Pointer;
  readonly finger?: Pointer;
}

/** What is moved by hand. */
export interface Pointer {
  move(x: number, y: number): Promise<void>;
  down(): Promise<void>;
  up(): Promise<void>;
}

/** An open browser. */
export interface OpenBrowser {
  newPage(): Promise<BrowserPage>;
  close(): Promise<void>;
}

/** A browser that may be on this machine: `open`, or why not. */
export interface BrowserKind {
  readonly name: string;
  /** Undefined where it is there. */
  readonly lacks: string | undefined;
  open(): Promise<OpenBrowser>;
}

const FIREFOX = "/usr/bin/firefox-esr";
const CHROMIUM = "/usr/bin/chromium";
const WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver";
const XVFB_RUN = "/usr/bin/xvfb-run";
/** As root, without a screen, and without a word to any server. */
const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The part of puppeteer-core that is used; loaded by name, as it need not be installed. */
interface Puppeteer {
  launch(options: object): Promise<OpenBrowser>;
}

async function puppeteer(): Promise<Puppeteer | undefined> {
  const name = "puppeteer-core";
  try {
    return ((await import(name)) as { default: Puppeteer }).default;
  } catch {
    return undefined;
  }
}

async function openChromium(): Promise<OpenBrowser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
  return {
    async newPage() {
      const page = await browser.newPage();
      const session = await page.context().newCDPSession(page);
      return Object.assign(page, { pen: penOf(session), finger: fingerOf(session) });
    },
    close: () => browser.close(),
  };
}

function penOf(session: CDPSession): Pointer {
  let [at, buttons] = [{ x: 0, y: 0 }, 0];
  const send = async (type: "mouseMoved" | "mousePressed" | "mouseReleased") => {
    const how = { button: "left", buttons, clickCount: 1, pointerType: "pen" } as const;
    await session.send("Input.dispatchMouseEvent", { type, ...at, ...how });
  };
  return {
    move: (x, y) => ((at = { x, y }), send("mouseMoved")),
    down: () => ((buttons = 1), send("mousePressed")),
    up: () => ((buttons = 0), send("mouseReleased")),
  };
}

function fingerOf(session: CDPSession): Pointer {
  let [at, down] = [{ x: 0, y: 0 }, false];
  const send = async (type: "touchStart" | "touchMove" | "touchEnd") =>
    void (await session.send("Input.dispatchTouchEvent", { type, touchPoints: down ? [at] : [] }));
  return {
    async move(x, y) {
      at = { x, y };
      if (down) await send("touchMove");
    },
    down: () => ((down = true), send("touchStart")),
    up: () => ((down = false), send("touchEnd")),
  };
}

const driver = await puppeteer();

export const browsers: readonly BrowserKind[] = [
  {
    name: "Chromium",
    lacks: existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}`,
    open: openChromium,
  },
  {
    name: "Firefox",
    lacks: existsSync(FIREFOX) ? (driver ? undefined : "no puppeteer-core") : `no ${FIREFOX}`,
    open: () => driver!.launch({ browser: "firefox", executablePath: FIREFOX, headless: true }),
  },
  {
    name: "WebKitGTK",
    lacks: [WEBKIT_DRIVER, XVFB_RUN]
      .filter((path) => !existsSync(path))
      .map((path) => `no ${path}`)[0],
    open: openWebKit,
  },
];
