import { afterEach, expect, test, vi } from "vitest";
import { wasm } from "#core/adapt.js";
import { compiledOnce } from "../src/core.ts";

afterEach(() => void vi.unstubAllGlobals());

test("a core is compiled once, and again only where that failed", async () => {
  const core = compiledOnce(wasm);
  vi.stubGlobal("atob", () => {
    throw new Error("no memory today");
  });
  await expect(core()).rejects.toThrow("no memory today");
  vi.unstubAllGlobals();
  const compiled = await core();
  expect(compiled).toBeInstanceOf(WebAssembly.Module);
  expect(await core()).toBe(compiled);
});
