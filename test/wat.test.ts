/** What the release build of the core consists of, read from its text form: no f64 by accident, no state but linear memory. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { instantiateSync } from "@assemblyscript/loader";
import { type CoreExports, instantiateCore } from "../src/core.ts";
import { core } from "./build.ts";

const text = readFileSync(new URL("../build/release.wat", import.meta.url), "utf8");

/** The module's fields one level down: (kind, text). */
const fields = text
  .split(/^ (?=\()/m)
  .slice(1)
  .map((field) => ({ kind: /\((\w+)/.exec(field)![1], text: field }));

const functions = fields
  .filter(({ kind }) => kind === "func")
  .map(({ text }) => ({ name: /\$([^\s()]+)/.exec(text)![1].replace("assembly/", ""), text }));

/** Which functions hold an instruction that matches. */
const holding = (pattern: RegExp) =>
  functions.filter(({ text }) => pattern.test(text)).map(({ name }) => name);

/** Sums in f64 on purpose: the loss (its rows are loss.ts's, wherever they are inlined to), dot and sum. */
const SUMS = [
  /^loss\//,
  /^network\/outputLoss$/,
  /^low-rank\/lowRankGradient$/,
  /^vector\/(dot|sum)$/,
];
/** Only hand a loss on, and add it up. */
const CALLERS = [/^network\/(gradient|loss)$/];

const among = (allowed: RegExp[]) => (name: string) => allowed.some((each) => each.test(name));

describe("the release build", () => {
  test("has been read: functions by name, SIMD, exports", () => {
    expect(functions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["gemm/gemm", "network/gradient", "vector/dot", "optimizer/adamStep"]),
    );
    expect(holding(/\bf32x4\.mul\b/).length).toBeGreaterThan(10);
  });

  test("computes in f64 where a sum is meant to, and nowhere else", () => {
    const found = holding(/\bf64(x2)?\.(?!const)/);
    expect(found).toContain("vector/dot");
    expect(found.filter((name) => !among(SUMS)(name))).toEqual([]);
  });

  test("keeps f64 in locals, arguments and constants of those and their callers only", () => {
    const found = holding(/\bf64/);
    expect(found.filter((name) => !among([...SUMS, ...CALLERS])(name))).toEqual([]);
  });

  test("never rounds an f64 to an f32: what is one stays one", () => {
    expect(holding(/\bdemote_f64/)).toEqual([]);
  });

  test("has no global, no data, no table, no start function", () => {
    const kinds = new Set(fields.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["export", "func", "memory", "type"]);
    expect(holding(/\bglobal\.|\bcall_indirect\b/)).toEqual([]);
  });

  test("does not allocate", () => {
    expect(holding(/\bmemory\.grow\b/)).toEqual([]);
    expect(functions.filter(({ name }) => name.startsWith("~lib"))).toEqual([]);
  });

  test("has no relaxed instruction: those may give other bits elsewhere", () => {
    expect(holding(/\brelaxed_/)).toEqual([]);
  });
});

test("the build under test imports nothing but env.abort, and exports functions and its memory", () => {
  const imports = WebAssembly.Module.imports(core).map(({ module, name }) => `${module}.${name}`);
  expect(imports.filter((name) => name !== "env.abort")).toEqual([]);
  const exports = WebAssembly.Module.exports(core).filter(({ kind }) => kind !== "function");
  expect(exports).toEqual([{ name: "memory", kind: "memory" }]);
});

test("AssemblyScript's own loader takes the core as it is", () => {
  const { exports } = instantiateSync(core, {});
  expect(Object.keys(exports)).toEqual(expect.arrayContaining(["memory", "gradient", "predict"]));
  expect((exports as unknown as CoreExports).heapBase()).toBe(instantiateCore(core).heapBase());
});
