import { builtin, nodeProcess } from "../node.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

// Node's own, asked for without an import that a bundle for the browser would have to resolve. Deno and Bun have them, too.

/** A worker of node:worker_threads, as far as it is needed here. */
export interface NodeWorker {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: "message", listener: (message: FromWorker) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "messageerror", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

/** A worker's way to the thread that started it. */
export interface NodePort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: "message", listener: (message: ToWorker) => void): unknown;
}

/** The class of node:worker_threads. */
export type ThreadMaker = new (file: URL, options?: { readonly execArgv?: string[] }) => NodeWorker;

interface NodeModules {
  readonly worker_threads: {
    readonly Worker: ThreadMaker;
    readonly parentPort: NodePort | null;
  };
  readonly os: { availableParallelism(): number };
}

/** A module of Node; undefined where there is none. */
export async function nodeModule<K extends keyof NodeModules>(
  name: K,
): Promise<NodeModules[K] | undefined> {
  if (nodeProcess()?.versions?.node === undefined) return undefined;
  const specifier = `node:${name}`;
  try {
    // Node 20.16 and later have the former.
    return (builtin(name) ??
      (await import(/* webpackIgnore: true */ /* @vite-ignore */ specifier))) as NodeModules[K];
  } catch {
    return undefined;
  }
}

/** How a worker of Node's is started: with the flags of this process, but for how a script given in words is to be read. */
export function workerOptions(): { readonly execArgv?: string[] } {
  const flags = nodeProcess()?.execArgv ?? [];
  // Left alone where it can be: flags of V8 and of the whole process are refused in a list, and inherited without one.
  return flags.some(isOfScript) ? { execArgv: flags.filter((flag) => !isOfScript(flag)) } : {};
}

const isOfScript = (flag: string) => flag.startsWith("--input-type");
