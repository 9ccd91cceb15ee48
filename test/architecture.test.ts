import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;

/** Paths of a folder's files, from the root; none where there is no such folder. */
function filesOf(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes("node_modules"))
    .sort();
}

const read = (path: string) => readFileSync(join(root, path), "utf8");
const sources = filesOf("src").filter((path) => path.endsWith(".ts"));
const images = sources.filter((path) => path.startsWith("src/images/"));
const library = sources.filter((path) => !/^src\/(cli|images)\//.test(path));

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

/** What a file imports (or exports from elsewhere): paths from the root, names of packages as they are. */
function importsOf(path: string): Import[] {
  const statement = /^(?:import|export)\s(?:(type)\s)?([^;"']*?\sfrom\s+)?["']([^"']+)["']/gm;
  return [...read(path).matchAll(statement)].map(([, type, , name]) => ({
    target: name.startsWith(".") ? normalize(join(dirname(path), name)) : name,
    typeOnly: type !== undefined,
  }));
}

/**
 * The library from the top down: a file imports from lines below its own, or from its own folder where the line is a folder. Values and
 * checks are at the bottom, so that all can use them. Between lines of one rank (`·`) nothing is imported.
 */
const ranks = `
  cli/
  images/
  index.ts · workerd.ts · no-core.ts · adapt.ts · adapt-workerd.ts
  library.ts
  pool/
  follow-the-meta-leader.ts
  train.ts · evaluate.ts · checkpoint.ts · grad-check.ts · freeze-norms.ts
  create-learner.ts · load-adapter.ts
  adaptable.ts
  learner.ts
  learner-options.ts
  meta-update.ts
  accumulate.ts
  guard.ts · saved.ts · online.ts
  adapter.ts
  described.ts
  algorithms/
  rules/
  optimizers/
  tasks/ · baselines/
  data/
  task-block.ts
  meta-vector.ts
  network.ts
  plan.ts
  inductive.ts
  batch.ts
  safetensors.ts · saved-learner.ts
  mlp.ts · conv4.ts
  model.ts
  layers/
  initialization.ts · loss.ts
  matrix.ts
  vector.ts
  memory.ts
  inline-core.ts · relaxed.ts · wasm.d.ts · wasm/
  core.ts
  task.ts
  random.ts
  math.ts · streams.ts · breathe.ts · gunzip.ts · node.ts · change-detector.ts
  shape.ts
  check.ts
`
  .trim()
  .split("\n")
  .map((line) => line.split(/[\s·]+/).filter(Boolean));

function rankOf(path: string): number {
  return ranks.findIndex((names) =>
    names.some((name) =>
      name.endsWith("/") ? path.startsWith(`src/${name}`) : path === `src/${name}`,
    ),
  );
}

const folderOf = (path: string) => path.split("/").slice(0, -1).join("/");

describe("imports", () => {
  test("every file of src has its rank", () => {
    expect(sources.filter((path) => rankOf(path) < 0)).toEqual([]);
  });

  test.each(sources)("%s imports from below", (path) => {
    for (const { target, typeOnly } of importsOf(path)) {
      if (!target.startsWith("src/")) continue;
      // The two halves of one thing: what a learner is, and how it is written down.
      if (path === "src/saved.ts" && target === "src/learner.ts" && typeOnly) continue;
      const sameFolder = folderOf(target) === folderOf(path) && folderOf(path) !== "src";
      const below = rankOf(target) > rankOf(path);
      expect(below || sameFolder, `${path} → ${target}`).toBe(true);
    }
  });

  test("outside of src, only the core's numbers, its bytes and its loader", () => {
    const outside = library.flatMap((path) =>
      importsOf(path)
        .filter(({ target }) => !target.startsWith("src/"))
        .map(({ target }) => `${path.replace(/layers\/.*/, "layers/*")} → ${target}`),
    );
    expect([...new Set(outside)]).toEqual([
      "src/adapt.ts → #core/adapt.js",
      "src/core.ts → #core/release.js",
      "src/inline-core.ts → #core/release.js",
      "src/layers/* → assembly/abi.ts",
      "src/loss.ts → assembly/abi.ts",
      "src/plan.ts → assembly/abi.ts",
      "src/relaxed.ts → #core/relaxed.js",
      "src/task-block.ts → assembly/abi.ts",
    ]);
  });

  test("tasks and data know nothing of the core", () => {
    const allowed =
      /^src\/(tasks\/|data\/|check\.ts|gunzip\.ts|math\.ts|random\.ts|shape\.ts|task\.ts)/;
    for (const path of library.filter((file) => /^src\/(tasks|data|baselines)\//.test(file)))
      for (const { target } of importsOf(path)) expect(target, path).toMatch(allowed);
  });

  test("readers of image files: data and checks, a zip and a JPEG library; Node only when asked", () => {
    const allowed = /^src\/(images\/|data\/|check\.ts|gunzip\.ts|node\.ts)|^(fflate|jpeg-js)$/;
    for (const path of images) {
      for (const { target } of importsOf(path)) expect(target, path).toMatch(allowed);
      if (path !== "src/images/node.ts") expect(code(path)).not.toMatch(/["']node:|\bprocess\./);
      expect(code(path), path).not.toMatch(/\bMath\.random\b|\bDate\b|\bconsole\./);
    }
    for (const path of library)
      for (const { target } of importsOf(path)) expect(target, path).not.toMatch(/^src\/images\//);
  });

  test("algorithms know no other algorithm, and only passes, vectors and optimizers", () => {
    const allowed =
      /^src\/(algorithms\/(adapting|algorithm|descent|inner-loop-options|inner-network|joint|layers|low-rank|path|prototypes|row-buffer|unrolling|warp-layers)\.ts|rules\/|optimizers\/|batch\.ts|layers\/layer\.ts|model\.ts|network\.ts|task-block\.ts|vector\.ts|task\.ts|check\.ts)/;
    for (const path of library.filter((file) => file.startsWith("src/algorithms/")))
      for (const { target } of importsOf(path)) expect(target, path).toMatch(allowed);
  });

  test("the command line stands on the public names", () => {
    for (const path of sources.filter((file) => file.startsWith("src/cli/")))
      for (const { target } of importsOf(path))
        if (target.startsWith("src/") && !target.startsWith("src/cli/"))
          expect(target, path).toMatch(/^src\/(index|images\/index|pool\/index)\.ts$/);
  });

  test("the core's sources import each other only", () => {
    for (const path of filesOf("assembly").filter((file) => file.endsWith(".ts")))
      for (const { target } of importsOf(path)) expect(target, path).toMatch(/^assembly\//);
  });
});

test("no file is over 300 lines", () => {
  const written = ["assembly", "src", "test", "bench", "examples", ".ci"]
    .flatMap(filesOf)
    .filter((path) => /\.(ts|js|py)$/.test(path));
  expect(written.length).toBeGreaterThan(50);
  const long = written.filter((path) => read(path).trimEnd().split("\n").length > 300);
  expect(long).toEqual([]);
});

/** Source without comments. */
const code = (path: string) =>
  read(path)
    .replace(/\/\*[^]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "");

test.each([
  [
    "whose bits differ between engines",
    /\bMath\.(sin|cos|tan|asin|acos|atan2?|sinh|cosh|tanh|asinh|acosh|atanh|exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot)\b|[^*/]\*\*[^*/]/,
  ],
  ["that is not seeded", /\bMath\.random\b|\bcrypto\b/],
  ["that tells the time", /\bDate\b/],
  ["that prints, or is Node's own", /\bconsole\.|\bprocess\.|["']node:/],
])("the library uses nothing %s", (_, forbidden) => {
  for (const path of library.filter((file) => file !== "src/node.ts"))
    expect(code(path).match(forbidden)?.[0], path).toBeUndefined();
});

describe.each(["src/library.ts", "src/images/index.ts", "src/pool/index.ts"])("%s", (index) => {
  test("lists exports, and does nothing else", () => {
    const rest = code(index).replace(/export (type )?\{[^}]*\} from "[^"]+";/g, "");
    expect(rest.trim()).toBe("");
  });

  test("every public name has a docstring", () => {
    const bare: string[] = [];
    const statements = read(index).matchAll(/export (type )?\{([^}]*)\} from "([^"]+)";/g);
    for (const [, , names, from] of statements) {
      const text = read(join(dirname(index), from));
      for (const item of names
        .split(",")
        .map((each) => each.trim())
        .filter(Boolean)) {
        const name = item.replace(/^type /, "");
        const kinds = "(?:async )?(?:function\\*?|class|interface|type|const)";
        const found = new RegExp(`(\\*/\\n)?export (?:async )?${kinds} ${name}\\b`).exec(text);
        if (!found?.[1]) bare.push(`${from}: ${name}`);
      }
    }
    expect(bare).toEqual([]);
  });
});
