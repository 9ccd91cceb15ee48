import { refuse, refuseKind } from "./check.ts";

/** Bytes in memory that is not shared, as web APIs want them, in the words of every version of TypeScript. */
export type Bytes = ReturnType<typeof Uint8Array.of>;

/** A named tensor of f32, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a safetensors file holds. */
export interface TensorFile {
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/** Bytes of the header's length, a little-endian u64. */
const LENGTH_BYTES = 8;
const FLOAT_BYTES = 4;
/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * A safetensors file: the header's length (8 bytes, little-endian), the header (JSON: dtype, shape and place of each tensor, and
 * `__metadata__`), the data. The header is padded with spaces so that the data start on a multiple of 8.
 *
 * @throws {RangeError} `save: expected at most 100000000 bytes of metadata and names of tensors, got 100000112`: no reader would take it
 * @see github.com/huggingface/safetensors, "Format"
 */
export function writeTensors({ tensors, metadata }: TensorFile): Bytes {
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, shape, values } of tensors) {
    const start = end;
    end += values.length * FLOAT_BYTES;
    header[name] = { dtype: "F32", shape, data_offsets: [start, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES)
    refuse(
      "save",
      `at most ${MAX_HEADER_BYTES} bytes of metadata and names of tensors`,
      headerBytes,
    );
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes).set(text, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const { values } of tensors) {
    writeFloats(bytes, at, values);
    at += values.length * FLOAT_BYTES;
  }
  return bytes;
}

/**
 * Reads a safetensors file of f32 tensors. Nothing in the file is trusted: every length and place is held against the file's own size
 * before it is used.
 *
 * @throws {RangeError} `loadLearner: expected …`: truncated, foreign, or hostile bytes
 * @throws {TypeError} `loadLearner: expected a Uint8Array or an ArrayBuffer, got "model.safetensors"`
 */
export function readTensors(where: string, file: Uint8Array | ArrayBuffer): TensorFile {
  const bytes = file instanceof ArrayBuffer ? new Uint8Array(file) : file;
  if (!(bytes instanceof Uint8Array)) refuseKind(where, "a Uint8Array or an ArrayBuffer", bytes);
  if (bytes.length < LENGTH_BYTES) refuse(where, "a safetensors file", `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  const room = Math.min(bytes.length - LENGTH_BYTES, MAX_HEADER_BYTES);
  if (declared > BigInt(room)) refuse(where, "a whole safetensors file", beginning(bytes));
  const dataStart = LENGTH_BYTES + Number(declared);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(
    where,
    bytes.subarray(LENGTH_BYTES, dataStart),
  );
  checkMetadata(where, metadata);
  const data = bytes.subarray(dataStart);
  const places = Object.entries(entries).map(([name, entry]) => checkEntry(where, name, entry));
  checkCover(where, places, data.length);
  const tensors = places.map(({ name, shape, start, end }) => ({
    name,
    shape,
    values: readFloats(data.subarray(start, end)),
  }));
  return { tensors, metadata: metadata as Record<string, string> };
}

/** What they are, for whoever took a table or a page that says 404 for a model. */
function beginning(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 2 * LENGTH_BYTES));
  return `${bytes.length} bytes that begin with ${text}`;
}

function parseHeader(where: string, bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    refuse(where, "a safetensors header in JSON", `${bytes.length} bytes of something else`);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    refuse(where, "a safetensors header in JSON", header);
  return header as Record<string, unknown>;
}

function checkMetadata(where: string, metadata: unknown): void {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
    refuse(where, "metadata of strings", metadata);
  for (const value of Object.values(metadata))
    if (typeof value !== "string") refuse(where, "metadata of strings", value);
}

interface Place {
  readonly name: string;
  readonly shape: number[];
  readonly start: number;
  readonly end: number;
}

function checkEntry(where: string, name: string, value: unknown): Place {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Entry>;
  const isCount = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (dtype !== "F32") refuse(where, `dtype "F32" of ${name}`, dtype);
  if (!Array.isArray(shape) || !shape.every(isCount)) refuse(where, `a shape of ${name}`, shape);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    refuse(where, `data_offsets of ${name}`, offsets);
  const [start, end] = offsets;
  const size = shape.reduce((product, length) => product * length, FLOAT_BYTES);
  if (end - start !== size) refuse(where, `${size} bytes of ${name}`, end - start);
  return { name, shape, start, end };
}

/** The tensors must cover the data one behind the other: no gap, no overlap, nothing left. */
function checkCover(where: string, places: readonly Place[], length: number): void {
  let end = 0;
  for (const place of [...places].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (place.start !== end) refuse(where, `${place.name} to start at byte ${end}`, place.start);
    end = place.end;
  }
  if (end !== length) refuse(where, `${end} bytes of data`, length);
}

/** Floats are little-endian in the file, whatever the machine is. */
function writeFloats(bytes: Uint8Array, at: number, values: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  for (let i = 0; i < values.length; i++) view.setFloat32(i * FLOAT_BYTES, values[i], true);
}

function readFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / FLOAT_BYTES);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(i * FLOAT_BYTES, true);
  return values;
}
