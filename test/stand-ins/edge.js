// An edge worker's rules, in Node: no bytes are compiled, and what is no JavaScript is imported as what the bundler makes of it.
import { register } from "node:module";

register("./edge-modules.js", import.meta.url);

// Node compiles what its own fetch is made of when it is first asked for.
void Request;

const { Module } = WebAssembly;

const refuse = () => {
  throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
};

// Known to the modules that stand for files alone.
Object.assign(globalThis, {
  deployed: (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => new Module(bytes),
});
WebAssembly.compile = async () => refuse();
WebAssembly.Module = new Proxy(Module, { construct: refuse });
