/** A file's text, as Vite imports it: in Node and in a browser. */
declare module "*.json?raw" {
  const text: string;
  export default text;
}

/** A saved learner, as edge workers import it. */
declare module "*.safetensors" {
  const bytes: ArrayBuffer;
  export default bytes;
}
