import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importMap } from "./conditions.js";
import { proofOfPage } from "./page-server.js";
import { run, start, TIMEOUT, within } from "./run.js";

const conditions = ["browser", "import"];

/**
 * A program that opens an address, without a window or on a screen that nobody sees. The page itself tells what became of it: no
 * browser has to be driven.
 *
 * @typedef {object} Browser
 * @property {string} packages Debian's, that have it
 * @property {() => string[]} program with which its command starts
 * @property {(profile: string) => string[]} options an empty folder for the profile
 */

/** @type {Browser} */
export const chromium = {
  packages: "chromium",
  program: () => ["chromium"],
  options: (profile) => [
    "--headless",
    "--remote-debugging-port=0",
    "--disable-gpu",
    "--no-first-run",
    // Root has no sandbox of its own.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    `--user-data-dir=${profile}`,
  ],
};

/** @type {Browser} */
export const firefox = {
  packages: "firefox-esr",
  program: () => ["firefox-esr"],
  options: (profile) => ["--headless", "--no-remote", "--profile", profile],
};

/** @type {Browser} */
export const webkit = {
  packages: "libwebkit2gtk-4.1-0 xvfb xauth",
  program: () => ["xvfb-run", "-a", miniBrowser()],
  options: () => [],
};

/** WebKitGTK's own small browser, which lies in a folder named for the machine. */
export function miniBrowser() {
  const paths = readdirSync("/usr/lib").map(
    (name) => `/usr/lib/${name}/webkit2gtk-4.1/MiniBrowser`,
  );
  return paths.find((path) => existsSync(path)) ?? "MiniBrowser";
}

/**
 * The script as it is, without a bundler: an import map tells where the package lies.
 *
 * @param {Browser} browser
 * @returns {import("./runtimes.js").Runtime}
 */
export const inBrowser = (browser) => ({
  conditions,
  packages: browser.packages,
  version: () => run([...browser.program(), "--version"]),
  prove: ({ folder }) =>
    proofIn(browser, {
      roots: [folder],
      page: "/test/runtimes/script/index.html",
      importMap: importMap(join(folder, "node_modules"), conditions),
    }),
});

/**
 * @param {Browser} browser
 * @param {import("./page-server.js").Site} site
 */
export async function proofIn({ program, options }, site) {
  const profile = mkdtempSync(join(tmpdir(), "rvml-profile-"));
  /** @type {ReturnType<typeof start> | undefined} */
  let browser;
  try {
    const proof = proofOfPage(site, (url) => {
      // A home of its own: nothing of the user's is read or written.
      browser = start([...program(), ...options(profile), url], { env: { HOME: profile } });
      return browser.unexpectedEnd();
    });
    return await within(TIMEOUT, proof);
  } finally {
    await browser?.end();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
