// What Node, Deno and Bun have built in, asked for at run time: a bundle for a page has no import to resolve.

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  readonly execArgv?: readonly string[];
  getBuiltinModule?(name: string): unknown;
}

/** The process, where it is one of theirs. */
export const nodeProcess = () => (globalThis as { readonly process?: NodeProcess }).process;

/** A module of Node; undefined where there is none, or where it cannot be had at once (Node before 20.16). */
export const builtin = <T>(name: string): T | undefined =>
  nodeProcess()?.getBuiltinModule?.(`node:${name}`) as T | undefined;
