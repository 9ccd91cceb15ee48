import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { testsWithoutNode } from "./tests-without-node.ts";
import config from "./vitest.config.ts";

/** The unit tests in Debian's Chromium, all but those that need Node. */
export default defineConfig({
  test: {
    ...config.test,
    include: testsWithoutNode(),
    // One page at a time leaves a core to whatever else runs.
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: "/usr/bin/chromium",
          // Root has no sandbox of its own.
          chromiumSandbox: process.getuid?.() !== 0,
          args: ["--disable-gpu", "--disable-quic", "--no-first-run"],
        },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
  // A page has no environment: what the tests ask for is written in.
  define: Object.fromEntries(
    ["RVML_CORE", "RVML_CONTRACT"].map((name) => [
      `process.env.${name}`,
      JSON.stringify(process.env[name]) ?? "undefined",
    ]),
  ),
});
