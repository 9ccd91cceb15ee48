import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { big32, joined, png, zip } from "./image-files.ts";

const root = new URL("..", import.meta.url).pathname;

/** A user's project: "rvml" means this build there, and files ending in `.js` are modules. */
export function makeProject(folder: string): void {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/rvml"), "dir");
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  // The name by which a worker imports what is saved by the other.
  symlinkSync("model.safetensors", join(folder, "model.bin"));
}

/** What docs/images.md reads, as small as it can be: made-up drawings in each form. */
export function makeImages(folder: string): void {
  function put(path: string, bytes: Uint8Array | string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  makeProject(folder);

  for (let c = 0; c < 10; c++)
    for (let i = 0; i < 5; i++) put(`drawings/class${c}/${i}.png`, drawing(56, c, i));

  ["house", "star", "tree"].forEach((name, c) => {
    for (let i = 1; i < 3; i++) put(`mine/${name}/${i}.png`, drawing(56, c + 0.5, i));
  });
  put("photo.png", drawing(56, 1.5, 4)); // of the second

  const alphabet = (set: string, name: string) =>
    Array.from({ length: 20 }, (_, i) => {
      const drawer = String(i + 1).padStart(2, "0");
      return [`${set}/${name}/character01/0001_${drawer}.png`, drawing(105, 1, i)] as const;
    });
  for (const [set, name] of [
    ["images_background", "Greek"],
    ["images_evaluation", "Tibetan"],
  ])
    put(`omniglot/${set}.zip`, zip(alphabet(set, name)));

  const packed = gzipSync(new Uint8Array(4 * 98).fill(0x18));
  const sides = { width: 28, height: 28 };
  const splits = { vinyals: "te", random1200: "ve" };
  const characters = [
    [0, 1],
    [0, 2],
  ];
  const alphabets = [{ name: "Greek", set: "background" }];
  const omniglot = { ...sides, images: 4, drawers: 2, alphabets, characters, splits };
  put("omniglot28/index.json", JSON.stringify(omniglot));
  put("omniglot28/omniglot28-b1.bin.gz", packed);
  const quickDraw = { ...sides, classes: ["cat", "dog"], per_class: 2 };
  put("quickdraw28/index.json", JSON.stringify(quickDraw));
  put("quickdraw28/quickdraw28-b1.bin.gz", packed);

  const pixels = new Uint8Array(4 * 784).fill(100);
  put("train-images-idx3-ubyte.gz", gzipSync(joined(big32(0x803, 4, 28, 28), pixels)));
  put("train-labels-idx1-ubyte.gz", gzipSync(joined(big32(0x801, 4), Uint8Array.of(0, 1, 0, 1))));
}

/** How a file that a guide names is run where it is no program of Node's. */
interface Way {
  readonly flags?: readonly string[];
  /** Runs in its place, with the file beside it. */
  readonly program?: string;
}

const standIn = (name: string) => ["--import", new URL(`stand-ins/${name}`, import.meta.url).href];

/** Posts the worker five points of a curve, then too few, what is no batch, and what is no JSON. */
const request = `
  import worker from "./worker.js";
  const curve = (targets) => ({ inputs: [-4, -2, 0, 2, 4], targets, rows: 5 });
  const supports = [curve([0.8, -0.9, 0, 0.9, -0.8]), curve([0.8]), 3];
  const bodies = supports.map((support) => JSON.stringify({ support, inputs: [1, 3] }));
  for (const body of [...bodies, "{"]) {
    const response = await worker.fetch(new Request("http://worker/", { method: "POST", body }));
    console.log(response.status, await response.text());
  }
`;

/** Imports it, makes its tasks, draws one. */
const draw = `
  import makeTasks from "./tasks.js";
  import { Random } from "rvml";
  console.log(makeTasks({ shots: 5 }).sample(new Random(1)).support.rows, "support rows");
`;

/** Starts it, and trains in it. */
const serve = `
  import { Worker } from "node:worker_threads";
  import { loadLearner } from "rvml";
  import { trainInWorker } from "rvml/pool";
  import { readFile } from "node:fs/promises";
  const learner = await loadLearner(await readFile("model.safetensors"));
  const [before, steps, data] = [learner.step, 10, { shots: 5 }];
  const worker = () => new Worker(new URL("./tasks-worker.js", import.meta.url));
  await trainInWorker(learner, { worker, steps, data });
  if (learner.step === before + steps) console.log("trained in that worker");
`;

export const ways: Readonly<Record<string, Way>> = {
  "page.js": { flags: standIn("page.js") },
  "worker.js": { flags: ["--conditions=workerd", ...standIn("edge.js")], program: request },
  "tasks.js": { program: draw },
  "tasks-worker.js": { program: serve },
};

/** A stroke on paper whose slope is the class's, moved a little from one drawing to the next. */
function drawing(side: number, one: number, which: number): Uint8Array {
  const sample = (x: number, y: number) =>
    Math.abs(Math.cos(one) * (x - side / 2 - which) + Math.sin(one) * (y - side / 2)) < 4 ? 0 : 1;
  return png({ width: side, height: side, depth: 1, type: 0, sample });
}
