/** A second reader of safetensors, from the format's description alone; shares nothing with src/. */
export interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** The header's entry that is no tensor. */
export const METADATA = "__metadata__";

export interface FileHeader {
  [METADATA]: Record<string, string>;
  [name: string]: unknown;
}

/** The header's JSON and the data behind it. */
export function splitFile(bytes: Uint8Array): { header: FileHeader; data: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  if (!text.startsWith("{")) throw new Error("expected a header that begins with {");
  return { header: JSON.parse(text), data: bytes.subarray(8 + length) };
}

/** A file of any header (a string goes in as it is) and data. */
export function joinFile(header: unknown, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** Tensors in the file's order, which has to cover the data without gaps. */
export function readFile(bytes: Uint8Array): {
  tensors: FileTensor[];
  metadata: Record<string, string>;
} {
  const { header, data } = splitFile(bytes);
  if ((bytes.length - data.length) % 8 !== 0) throw new Error("expected data on a multiple of 8");
  const { [METADATA]: metadata, ...entries } = header;
  let at = 0;
  const tensors = Object.entries(entries).map(([name, entry]) => {
    const { dtype, shape, data_offsets } = entry as {
      dtype: string;
      shape: number[];
      data_offsets: [number, number];
    };
    const [from, to] = data_offsets;
    const size = shape.reduce((a, b) => a * b, 4);
    if (dtype !== "F32" || from !== at || to - from !== size) throw new Error(`wrong ${name}`);
    at = to;
    const view = new DataView(data.buffer, data.byteOffset + from, size);
    const values = Array.from({ length: size / 4 }, (_, i) => view.getFloat32(4 * i, true));
    return { name, shape, values };
  });
  if (at !== data.length) throw new Error("expected tensors to cover the data");
  return { tensors, metadata };
}
