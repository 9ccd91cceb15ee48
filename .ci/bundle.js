// dist/ from src/: one file an entry and what entries share, so that a process loads few files, and one `.js` runs wherever the package does.
import { copyFileSync, cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { rolldown } from "rolldown";

const entries = {
  index: "src/index.ts",
  workerd: "src/workerd.ts",
  core: "src/no-core.ts",
  adapt: "src/adapt.ts",
  "adapt-workerd": "src/adapt-workerd.ts",
  relaxed: "src/relaxed.ts",
  images: "src/images/index.ts",
  pool: "src/pool/index.ts",
  // Beside what starts it: see src/pool/channel.ts.
  worker: "src/pool/worker.ts",
  cli: "src/cli/main.ts",
};

/**
 * What entries share of the library, in two files: all that `rvml/adapt` takes, and the rest but the core. Each further file takes a process
 * 0.3 ms to load (`.` in 13 files: 2.3 ms of 19 until the first prediction). `rvml/images` pays for it: 38 ms for 33.
 */
const shared = [
  { name: "adapting", test: (id) => pathOf(id) === "src/load-adapter.ts", priority: 2 },
  { name: "learning", test: (id) => isLibrary(id) && !isEntry(id), priority: 1 },
];
const isLibrary = (id) => /^src\/(?!cli\/|images\/|pool\/|inline-core\.ts)/.test(pathOf(id));
const isEntry = (id) => Object.values(entries).includes(pathOf(id));
/** From the project's root. */
const pathOf = (id) => relative(process.cwd(), id);

/** A dependency, Node's own, or a `.wasm` file that stays one. */
const external = (id) => /^(node:|[a-z@][\w-]*)|\.wasm$/.test(id) && !id.startsWith("src/");

mkdirSync("dist/wasm", { recursive: true });
for (const core of ["release", "relaxed", "adapt"])
  copyFileSync(`build/${core}.wasm`, `dist/wasm/${core}.wasm`);

/** The library's types, as tsc made them. */
const isTypes = (path) => statSync(path).isDirectory() || path.endsWith(".d.ts");
cpSync("build/modules", "dist/types", {
  recursive: true,
  filter: (path) => isTypes(path) && !path.includes("src/cli"),
});

const bundle = await rolldown({ input: entries, external, platform: "neutral" });
await bundle.write({
  dir: "dist",
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "shared-[hash].js",
  codeSplitting: { groups: shared },
});
await bundle.close();

// The same for Vercel's edge, where a module of wasm is asked for in another way.
for (const [from, to] of [
  ["workerd", "edge-light"],
  ["adapt-workerd", "adapt-edge-light"],
]) {
  const code = readFileSync(`dist/${from}.js`, "utf8");
  writeFileSync(`dist/${to}.js`, code.replace(/\.wasm";/, '.wasm?module";'));
}
