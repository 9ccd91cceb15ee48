import type { CoreExports } from "#core/release.js";
import { refuse, refuseKind } from "./check.ts";
import { builtin } from "./node.ts";

export type { CoreExports };

/** Where a compiled core comes from. */
export type CoreSource = () => Promise<WebAssembly.Module>;

/**
 * The core that was named, or else the source's, if there is one.
 *
 * @param needed what tells a core that will do from others
 * @throws {RangeError | TypeError} `createLearner: expected a compiled core, got undefined`
 */
export async function coreOf(
  where: string,
  named: WebAssembly.Module | undefined,
  source: CoreSource | undefined,
  needed: keyof CoreExports,
): Promise<WebAssembly.Module> {
  const core = named ?? (await source?.());
  if (!(core instanceof WebAssembly.Module)) refuseKind(where, "a compiled core", core);
  const has = WebAssembly.Module.exports(core).map(({ name }) => name);
  if (!has.includes(needed)) refuse(where, `a core with ${needed}`, has);
  return core;
}

interface Zlib {
  gunzipSync(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** A core that is compiled once, when it is first asked for: a module has no state, so that sharing it shares nothing. */
export function compiledOnce(base64: string): CoreSource {
  let core: Promise<WebAssembly.Module> | undefined;
  return () =>
    (core ??= compileCore(base64).catch((error: unknown) => {
      core = undefined;
      throw error;
    }));
}

/** Compiles a core from what the build makes of it: gzip in base64. */
export async function compileCore(base64: string): Promise<WebAssembly.Module> {
  const text = atob(base64);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < packed.length; i++) packed[i] = text.charCodeAt(i);
  const unpacked = builtin<Zlib>("zlib")?.gunzipSync(packed);
  // At once: Node's streams take 10 ms to load, and what is compiled at once is compiled function by function, as they are called.
  if (unpacked) return new WebAssembly.Module(unpacked);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}

/**
 * A new instance with a linear memory of its own.
 *
 * @throws {Error} a trap in the debug core: `core: expected …, got a trap in assembly/gemm.ts:12:3`
 */
export function instantiateCore(module: WebAssembly.Module): CoreExports {
  const { exports } = new WebAssembly.Instance(module, { env: { abort } });
  const core = exports as unknown as CoreExports;

  function abort(message: number, file: number, line: number, column: number): never {
    const place = `${textAt(core.memory, file)}:${line}:${column}`;
    throw new Error(`core: expected ${textAt(core.memory, message)}, got a trap in ${place}`);
  }
  return core;
}

/** A string of the core's: UTF-16, with its length in bytes in front of it. */
function textAt({ buffer }: WebAssembly.Memory, pointer: number): string {
  if (pointer === 0) return "what an assert says";
  const [length] = new Uint32Array(buffer, pointer - 4, 1);
  return String.fromCharCode(...new Uint16Array(buffer, pointer, length / 2));
}
