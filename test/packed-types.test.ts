/** The types as a strict program sees them that looks into libraries, too. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "rvml-types-"));
const program = join(folder, "program.ts");

beforeAll(() => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "rvml"));
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  writeFileSync(
    program,
    `import * as all from "rvml";
     import { loadAdapter } from "rvml/adapt";
     import * as core from "rvml/core";
     import * as images from "rvml/images";
     import * as pool from "rvml/pool";
     import * as relaxed from "rvml/relaxed";
     export const rest = { all, core, images, pool, relaxed };
     export async function sent(learner: all.Learner) {
       const bytes = learner.save();
       const hash = await crypto.subtle.digest("SHA-256", bytes);
       const taken = await new Response(bytes).arrayBuffer();
       return { hash, blob: new Blob([bytes]), adapter: await loadAdapter(taken), learner: await all.loadLearner(taken) };
     }
     // @ts-expect-error
     export const wrong: number = all.maml({ innerLearningRate: 0.1 });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["a page's, by Node's resolution", "dom", ts.ModuleKind.NodeNext],
  ["a worker's, by a bundler's", "webworker", ts.ModuleKind.ESNext],
])("%s", { timeout: 60_000 }, (_, lib, module) => {
  const checked = ts.createProgram([program], {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", `lib.${lib}.d.ts`],
    types: [],
    module,
    ...(module === ts.ModuleKind.ESNext && {
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    }),
  });
  const said = ts
    .getPreEmitDiagnostics(checked)
    .map(({ file, messageText }) => `${file?.fileName}: ${JSON.stringify(messageText)}`);
  expect(said).toEqual([]);
});
