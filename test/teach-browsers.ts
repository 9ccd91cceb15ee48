import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** What Playwright's and Puppeteer's pages have in common, as far as it is used here. */
export interface BrowserPage {
  goto(url: string): Promise<unknown>;
  /** Runs a function in the page; it sees nothing but its argument. */
  evaluate<T, R>(run: (argument: T) => R | Promise<R>, argument: T): Promise<R>;
  waitForSelector(selector: string): Promise<unknown>;
  readonly keyboard: { press(key: string): Promise<void> };
  readonly mouse: {
    move(x: number, y: number): Promise<void>;
    down(): Promise<void>;
    up(): Promise<void>;
  };
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

const driver = await puppeteer();

export const browsers: readonly BrowserKind[] = [
  {
    name: "Chromium",
    lacks: existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}`,
    open: () => chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS }),
  },
  {
    name: "Firefox",
    lacks: existsSync(FIREFOX) ? (driver ? undefined : "no puppeteer-core") : `no ${FIREFOX}`,
    open: () => driver!.launch({ browser: "firefox", executablePath: FIREFOX, headless: true }),
  },
];
