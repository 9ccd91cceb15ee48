/** The network that images get if nothing is said, with every algorithm that images go with. */
import { beforeAll, expect, test } from "vitest";
import { algorithmNames, rowOf } from "../src/cli/algorithms.ts";
import { range, writeClasses } from "./cli-images-data.ts";
import { type Result, rvml } from "./cli-run.ts";

const words = "--ways 3 --query-shots 2 --size 8 --filters 4 --steps 4 --meta-batch 2".split(" ");
const brief = ["images", ...words, "--no-report", "--json"];
const last = ({ out }: Result) => JSON.parse(out.trim().split("\n").at(-1)!);

async function fine(...args: string[]): Promise<Result> {
  const done = await rvml(...args);
  expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: "" });
  return done;
}

beforeAll(() => writeClasses("images", range(8), 4));

test("compare, all of them", async () => {
  const { entries, failed } = last(await fine("compare", ...brief, "--algorithms", "all"));
  expect(failed).toEqual([]);
  const fitting = algorithmNames.filter((name) => !rowOf(name).joint && name !== "cavia");
  const algorithms = entries.filter(({ baseline }: { baseline: boolean }) => !baseline);
  expect(algorithms.map(({ name }: { name: string }) => name).toSorted()).toEqual(
    fitting.toSorted(),
  );
});

test("compare, all of them: what none can do is refused, and none is left out for it", async () => {
  const { code, err } = await rvml("compare", ...brief, "--algorithms", "all", "--norm", "none");
  expect(err).toBe("rvml: --norm: expected batch, support or layer with conv4, got none\n");
  expect(code).toBe(2);
});

test("train with an algorithm without steps: the baselines are the same, at their best rates", async () => {
  const words = (name: string) => ["--algorithm", name, "--out", `${name}.safetensors`];
  const [stepless, other] = await Promise.all(
    ["prototypical", "maml"].map(async (name) =>
      last(await fine("train", ...brief, ...words(name))),
    ),
  );
  expect(stepless.methods).toHaveLength(5);
  expect(stepless.methods.slice(1)).toEqual(other.methods.slice(1));
});

test.each(["tNet", "warpGrad"])("train with %s", async (name) => {
  const out = ["--out", `${name}.safetensors`];
  await fine("train", ...brief, "--algorithm", name, ...out);
  const wrong = await rvml("train", ...brief, "--algorithm", name, ...out, "--warp-layers", "2");
  expect(wrong.code).toBe(2);
  expect(wrong.err).toMatch(
    /^rvml: --warp-layers: .*: expected warpLayers with parameters .*, got 2\n/,
  );
});
