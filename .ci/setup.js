// Brings a fresh or changed checkout to a runnable state: dependencies, then build. Does nothing when both are current.
import { execSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const run = (command) => {
  console.log(`> ${command}`);
  try {
    execSync(command, { stdio: "inherit", env: { ...process.env, npm_config_loglevel: "error" } });
  } catch ({ status }) {
    console.error(`setup: expected "${command}" to succeed, got exit code ${status}`);
    process.exit(1);
  }
};
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const newest = (folder) =>
  Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => modified(join(entry.parentPath ?? entry.path, entry.name))),
  );

const installed = modified("node_modules/.package-lock.json");
if (installed < modified("package-lock.json")) run("npm ci --no-audit --no-fund");

const core = newest("assembly");
const sources = Math.max(
  core,
  newest("src"),
  modified("asconfig.json"),
  modified("tsconfig.json"),
  modified(".ci/embed.js"),
  modified(".ci/bundle.js"),
  // Compiled by itself, and not embedded yet.
  modified("build/release.wasm"),
);
const built = Math.min(modified("build/release.js"), modified("dist/index.js"));
if (built < sources || modified("build/release.wat") < core) {
  run("npm run --silent build:core");
  run("npm run --silent build:js");
}
