import { wasm } from "#core/release.js";
import { compileCore } from "./core.ts";

let release: Promise<WebAssembly.Module> | undefined;

/** The strict core, inlined; compiled once a process: a module has no state, so that sharing it shares nothing. */
export function releaseCore(): Promise<WebAssembly.Module> {
  return (release ??= compileCore(wasm));
}
