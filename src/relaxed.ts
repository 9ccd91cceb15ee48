import { wasm } from "#core/relaxed.js";
import { compileCore } from "./core.ts";

/**
 * The relaxed core: multiply-adds are fused where the machine can, which is faster and rounds once instead of twice. Results then
 * differ in the last bits between machines; the promise of the same bits everywhere holds for the strict core only.
 *
 * @throws {WebAssembly.CompileError} where the engine has no relaxed SIMD (Node 20 without its flag, Safari)
 * @example
 * const learner = await createLearner({ model, loss, algorithm, metaOptimizer, core: await relaxedCore() });
 */
export function relaxedCore(): Promise<WebAssembly.Module> {
  return compileCore(wasm);
}
