/**
 * A core with fused multiply-adds.
 *
 * @module rvml/relaxed
 */

import { wasm } from "#core/relaxed.js";
import { refuse } from "./check.ts";
import { compileCore } from "./core.ts";

/** A module with one fused multiply-add in it. */
// prettier-ignore
const PROBE = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00, 0x0a, 0x13, 0x01, 0x11,
  0x00, 0x41, 0x00, 0xfd, 0x11, 0x41, 0x00, 0xfd, 0x11, 0x41, 0x00, 0xfd, 0x11, 0xfd, 0x85, 0x02, 0x0b,
);

/** Whether the engine has relaxed SIMD: Chromium, Firefox, Node from 22 on, Deno, Bun and workerd do; Node 20 and Safari do not. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(PROBE);

/**
 * The relaxed core: multiply-adds are fused where the machine can, which is faster and rounds once instead of twice. Results then
 * differ in the last bits between machines; the promise of the same bits everywhere holds for the strict core only.
 *
 * @throws {RangeError} `relaxedCore: expected an engine with relaxed SIMD, … got false`
 * @example
 * const core = hasRelaxedSimd() ? await relaxedCore() : undefined;
 * const learner = await createLearner({ model, loss, algorithm, metaOptimizer, seed: 1, ...(core && { core }) });
 */
export async function relaxedCore(): Promise<WebAssembly.Module> {
  if (!hasRelaxedSimd())
    refuse("relaxedCore", "an engine with relaxed SIMD (see hasRelaxedSimd)", false);
  return compileCore(wasm);
}
