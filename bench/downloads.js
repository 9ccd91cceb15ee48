import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Programs by what they do, and the most bytes that they should be to download. */
export const programs = [
  {
    what: "to train and to adapt with maml",
    code: `import { adam, createLearner, maml, meanSquaredError, metaTrain, mlp } from "rvml";
      console.log(adam, createLearner, maml, meanSquaredError, metaTrain, mlp);`,
    target: 45_000,
  },
  {
    what: "to load what any algorithm saved",
    code: `import { loadLearner } from "rvml"; console.log(loadLearner);`,
    target: 45_000,
  },
  { what: "every name there is", code: `export * from "rvml";`, target: 45_000 },
  { what: "to adapt alone", code: `export * from "rvml/adapt";`, target: 20_000 },
];

/**
 * What a user's bundler makes of a program, minified, the core included.
 *
 * @param {string} program
 */
export async function bundled(program) {
  const path = `${root}program.js`;
  const bundle = await rolldown({
    input: "program",
    platform: "browser",
    cwd: root,
    plugins: [
      {
        name: "program",
        resolveId: (id) => (id === "program" ? path : undefined),
        load: (id) => (id === path ? program : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return output.map((part) => ("code" in part ? part.code : "")).join("");
}

/** @param {string | Uint8Array} code */
export const gzipped = (code) => gzipSync(code, { level: 9 }).length;
