import { instantiateSync } from "@assemblyscript/loader";
import { type CoreExports, wasm } from "#core/release.js";
import { gunzip } from "./gunzip.ts";

export type { CoreExports };

let release: Promise<WebAssembly.Module> | undefined;

/** The strict core, compiled once a process: a module has no state, so that sharing it shares nothing. */
export function releaseCore(): Promise<WebAssembly.Module> {
  return (release ??= compileCore(wasm));
}

/** Compiles a core from what the build makes of it: gzip in base64. */
export async function compileCore(base64: string): Promise<WebAssembly.Module> {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return WebAssembly.compile(
    (await gunzip("core", "its bytes", packed)) as Uint8Array<ArrayBuffer>,
  );
}

/** A new instance with a linear memory of its own. A trap in the debug core throws with file and line (the loader's `abort`). */
export function instantiateCore(module: WebAssembly.Module): CoreExports {
  // The raw exports: the loader's own wrap each call in a spread of its arguments.
  return instantiateSync(module, {}).instance.exports as unknown as CoreExports;
}
