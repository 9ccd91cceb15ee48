import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { data, EPOCHS, network } from "../examples/metanet.js";
import { neuron, points, STEPS } from "../examples/sigmoid-neuron.js";
import { expectClose } from "./close.ts";

/** Trained by PyTorch from the same start; see fixtures/classics.py. */
interface Classic {
  readonly inputs: number[];
  readonly targets: number[];
  readonly initial: number[];
  readonly losses: [step: number, loss: number][];
  readonly parameters: number[];
}

/** f32 against f64 over up to 1000 steps: relative, and with room for another order of summation. */
const TOLERANCE = 1e-5;

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const classics: Record<"metanet" | "sigmoidNeuron", Classic> = JSON.parse(
  readFileSync(here("fixtures/classics.json"), "utf8"),
);

/** What a file prints, run by node in a folder of its own; and the file that it leaves there. */
function run(example: string, left?: string): { printed: string; written: string } {
  const folder = mkdtempSync(join(tmpdir(), "rvml-example-"));
  try {
    const options = { cwd: folder, encoding: "utf8" } as const;
    const printed = execFileSync(process.execPath, [here(`../examples/${example}`)], options);
    return { printed, written: left ? readFileSync(join(folder, left), "utf8") : "" };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Numbers that stand behind `name` in a text, in order. */
const numbersAfter = (name: string, text: string) =>
  [...text.matchAll(new RegExp(`${name}:? +(-?[0-9.]+)`, "g"))].map((match) => Number(match[1]));

describe.each([
  { name: "metanet" as const, make: () => network(1), rows: data(1).seen, steps: EPOCHS },
  { name: "sigmoidNeuron" as const, make: () => neuron(1), rows: points, steps: STEPS },
])("$name against PyTorch", ({ name, make, rows, steps }) => {
  const { inputs, targets, initial, losses, parameters } = classics[name];

  it("starts from the same data and parameters", async () => {
    expect([...rows.inputs]).toEqual(inputs);
    expect([...rows.targets]).toEqual(targets);
    expect([...(await make()).parameters]).toEqual(initial);
  });

  it("goes the same way", async () => {
    const learner = await make();
    const task = { support: rows, query: rows };
    for (const [step, loss] of losses) {
      while (learner.step < step) learner.metaStep([task]);
      expectClose(learner.metaGradient([task]).loss, loss, TOLERANCE, `loss at step ${step}`);
    }
    expect(learner.step).toBe(steps);
    expectClose(learner.parameters, parameters, TOLERANCE, "parameters");
  });
});

describe("as a user runs them", () => {
  it("metanet.js prints its losses and an honest score", () => {
    const { printed } = run("metanet.js");
    const losses = classics.metanet.losses.map(([, loss]) => loss);
    expectClose(numbersAfter("loss", printed), losses, TOLERANCE, "printed losses");
    const [seen, fresh, later] = [...printed.matchAll(/R² .*: +(-?[0-9.]+)/g)].map((m) => +m[1]);
    expect(fresh).toBeGreaterThan(0.4);
    expect(seen).toBeGreaterThan(fresh);
    expect(later).toBeGreaterThan(0.9);
  });

  it("sigmoid-neuron.js prints its losses and draws the decision", () => {
    const { printed, written } = run("sigmoid-neuron.js", "sigmoid-neuron.svg");
    const losses = classics.sigmoidNeuron.losses.map(([, loss]) => loss);
    const gaps = numbersAfter("loss", printed).map((loss, i) => Math.abs(loss - losses[i]));
    expect(gaps).toHaveLength(losses.length);
    expect(Math.max(...gaps)).toBeLessThan(TOLERANCE);
    expect(written).toMatch(/^<svg[^>]*xmlns=/);
    for (const name of ["(1, 2): 1", "(2, 1): 1", "(−1, −2): 0", "(−2, −1): 0"])
      expect(written).toContain(name);
  });
});
