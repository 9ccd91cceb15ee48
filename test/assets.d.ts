/** A file's text, as Vite imports it: in Node and in a browser. */
declare module "*.json?raw" {
  const text: string;
  export default text;
}

/** A core, as edge workers import it. */
declare module "*.wasm" {
  const core: WebAssembly.Module;
  export default core;
}
