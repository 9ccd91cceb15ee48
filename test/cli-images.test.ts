import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import {
  batchNorm,
  createLearner,
  type EpisodeTask,
  episodes,
  type Learner,
  loadLearner,
  mlp,
  Random,
} from "../src/index.ts";
import { imageFolder } from "../src/images/index.ts";
import { brief, className, pixelsOf, range, side, writeClasses } from "./cli-images-data.ts";
import { file, folder, main, type Result, rvml } from "./cli-run.ts";

const ways = 3;
const last = ({ out }: Result) => JSON.parse(out.trim().split("\n").at(-1)!);
const lastBut = ({ out }: Result) => JSON.parse(out.trim().split("\n").at(-2)!);

async function fine(...words: string[]): Promise<Result> {
  const done = await rvml(...words);
  expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: "" });
  return done;
}

let result: {
  steps: number[];
  methods: { name: string; accuracies: number[]; intervals: number[] }[];
  protocols: { name: string; own: boolean; accuracies: number[] }[];
};
let html = "";
let info: { source: { train: string[]; heldOut: string[] }; settings: object };
let learner: Learner;
let tasks: EpisodeTask[];

beforeAll(async () => {
  writeClasses("bars", range(20), 5);
  const words = ["--out", "bars.safetensors", "--report", "bars.html", "--json"];
  result = lastBut(await fine("train", "bars", ...brief, ...words));
  html = readFileSync(file("bars.html"), "utf8");
  info = last(await fine("info", "bars.safetensors", "--json"));
  learner = await loadLearner(readFileSync(file("bars.safetensors")));
  const images = await imageFolder(file("bars"), { size: 8, invert: true });
  const classes = info.source.heldOut.map((name) => images.classNames!.indexOf(name));
  const held = episodes(images, { ways, shots: 1, queryShots: 2, classes });
  const random = new Random(1).fork(0x5eed);
  tasks = range(200).map((i) => held.sample(random.fork(1, i)));
});

/** Ways that the rows of outputs are largest at. */
const largest = (outputs: Float32Array): number[] =>
  range(outputs.length / ways).map((row) => {
    const of = outputs.subarray(row * ways, (row + 1) * ways);
    return of.indexOf(Math.max(...of));
  });

const predicted = (by: Learner, { support, query }: EpisodeTask, steps: number): number[] =>
  largest(by.adapt(support, { steps }).predict(query.inputs));

function accuracy(predict: (task: EpisodeTask) => readonly number[]): number {
  const shares = tasks.map((task) => {
    const right = predict(task).filter((way, row) => way === task.query.targets[row]);
    return right.length / task.query.rows;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** The class whose only support image is nearest. */
const nearest = ({ support, query }: EpisodeTask): number[] =>
  range(query.rows).map((row) => {
    const distances = range(ways).map((way) =>
      range(64).reduce((sum, i) => {
        const gap = query.inputs[row * 64 + i] - support.inputs[way * 64 + i];
        return sum + gap * gap;
      }, 0),
    );
    return distances.indexOf(Math.min(...distances));
  });

/** Numbers of a table of the report, line by line. */
function figures(name: string): number[][] {
  const [, table] = new RegExp(`data-table="${name}">([^]*?)</table>`).exec(html)!;
  const lines = [...table.matchAll(/<tr>(?!<th><small)[^]*?<\/tr>/g)].map(([line]) => line);
  return lines
    .map((line) => [...line.matchAll(/<td[^>]*>([\d.]+)( <i>|<\/td>)/g)].map(([, n]) => Number(n)))
    .filter((line) => line.length > 0);
}

describe("train", () => {
  test("learns to tell new classes apart, better than other starts", () => {
    const [meta, ...others] = result.methods;
    expect(result.methods.map(({ name }) => name)).toEqual([
      "meta-learned (MAML)",
      "pretrained, fine-tuned",
      "pretrained, nearest mean",
      "untrained, fine-tuned",
      "nearest neighbor of pixels",
    ]);
    const at = result.steps.indexOf(1);
    expect(meta.accuracies[at]).toBeGreaterThan(0.7);
    for (const { accuracies } of [others[0], others[2]])
      expect(meta.accuracies[at]).toBeGreaterThan(accuracies[at]);
  });

  test("holds classes out: a quarter, none of them in training", () => {
    const { train, heldOut } = info.source;
    expect([...train, ...heldOut].toSorted()).toEqual(range(20).map(className));
    expect(heldOut).toHaveLength(5);
    expect(info.settings).toMatchObject({
      ways: 3,
      shots: 1,
      queryShots: 2,
      size: 8,
      invert: true,
    });
  });

  test("its figures are those of counting", () => {
    const [meta, , , , pixels] = result.methods;
    for (const steps of [0, 1, 5]) {
      const counted = accuracy((task) => predicted(learner, task, steps));
      expect(meta.accuracies[result.steps.indexOf(steps)]).toBeCloseTo(counted, 12);
    }
    expect(pixels.accuracies[0]).toBeCloseTo(accuracy(nearest), 12);
  });

  test("inductive: each image by itself; transductive: by the statistics of those to name", async () => {
    const by = Object.fromEntries(result.protocols.map((each) => [each.name, each]));
    expect(by.inductive.own && !by.transductive.own).toBe(true);
    const alone = accuracy(({ support, query }) => {
      const adapted = learner.adapt(support, { steps: 1 });
      return range(query.rows).flatMap((row) => {
        const one = (query.inputs as Float32Array).slice(row * 64, (row + 1) * 64);
        return largest(adapted.predict(one));
      });
    });
    const at = result.steps.indexOf(1);
    expect(by.inductive.accuracies[at]).toBeCloseTo(alone, 12);
    const { loss, algorithm, metaOptimizer, parameters } = learner;
    const model = mlp({ sizes: [64, 16, ways], norm: batchNorm() });
    const options = { model, loss, algorithm, metaOptimizer, parameters, seed: 1 };
    const together = await createLearner(options);
    const joint = accuracy((task) => predicted(together, task, 1));
    expect(by.transductive.accuracies[at]).toBeCloseTo(joint, 12);
    expect(joint).not.toBe(alone);
  });

  test("keeps the same bits for the same seed, also when it is stopped and goes on", async () => {
    const words = ["train", "bars", ...brief, "--no-report", "--json", "--out", "part.safetensors"];
    const child = spawn(process.execPath, [main, ...words], { cwd: folder });
    child.stdout.once("data", () => child.kill("SIGINT"));
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(130);
    await fine("train", "bars", "--resume", "part.safetensors", "--no-report");
    const [part, whole] = ["part", "bars"].map((name) => readFileSync(file(`${name}.safetensors`)));
    expect(part.equals(whole)).toBe(true);
  });
});

describe("the report", () => {
  test("has the accuracies of the result, in percent, and says that higher is better", () => {
    const cells = figures("errors");
    result.methods.forEach(({ accuracies }, m) =>
      accuracies.forEach((share, s) => expect(cells[m][s]).toBeCloseTo(100 * share, 0.9)),
    );
    expect(html).toContain("higher is better");
    expect(html).not.toMatch(/lower is better|NaN|undefined/);
  });

  test("counts every image to name once in each matrix, and right ones on the diagonal", () => {
    for (const [name, steps] of Object.entries({ before: 0, after: 1 })) {
      const counts = range(ways).map(() => range(ways).map(() => 0));
      for (const task of tasks)
        predicted(learner, task, steps).forEach(
          (way, row) => counts[task.query.targets[row]][way]++,
        );
      expect(figures(`confusion-${name}`)).toEqual(counts);
      for (const line of counts) expect(line.reduce((a, b) => a + b)).toBe(200 * 2);
    }
  });

  test("draws the images of four tasks as they are in the files", () => {
    const shown = [
      ...html.matchAll(/<div class="way">([^]*?)(?=<div class="way">|<\/div><\/div><\/div>)/g),
    ];
    expect(shown).toHaveLength(4 * ways);
    shown.forEach(([, way], i) => {
      const [, name] = /<h4 title="([^"]+)">/.exec(way)!;
      const one = range(20).find((each) => className(each).replace("&", "&amp;") === name)!;
      expect(tasks[Math.floor(i / ways)].classes[i % ways]).toBe(one);
      const files = range(5).map((index) => pixelsOf(one, index).join());
      const images = [...way.matchAll(/src="data:image\/png;base64,([^"]+)"/g)];
      expect(images).toHaveLength(1 + 2);
      const drawn = images.map(([, text]) => unpacked(Buffer.from(text, "base64")).join());
      expect(new Set(drawn).size).toBe(3);
      for (const pixels of drawn) expect(files).toContain(pixels);
    });
  });

  test("tells right from wrong by a sign", () => {
    const signs = [...html.matchAll(/<span class="(right|wrong)">(.)/g)].map(
      ([, kind, sign]) => kind + sign,
    );
    expect(new Set(signs)).toEqual(new Set(["right✓", "wrong✗"]));
  });

  test("its PNG files are read by the reader of images", async () => {
    const [, text] = /src="data:image\/png;base64,([^"]+)"/.exec(html)!;
    writeClasses("drawn", [0], 1);
    writeFileSync(file(`drawn/${className(0)}/0.png`), Buffer.from(text, "base64"));
    const { shape } = await imageFolder(file("drawn"), { size: side });
    expect(shape).toEqual([side, side, 1]);
  });
});

/** Pixels of a grey PNG whose rows have no filter, by nothing but zlib. */
function unpacked(bytes: Buffer): number[] {
  const at = bytes.indexOf("IDAT");
  const rows = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)));
  return range(side).flatMap((y) => [...rows.subarray(y * (side + 1) + 1, (y + 1) * (side + 1))]);
}
