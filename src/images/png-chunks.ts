import { concatenate } from "../gunzip.ts";

/** The parts of a PNG file that its pixels depend on. */
export interface Chunks {
  readonly header: DataView;
  readonly palette?: Uint8Array;
  readonly transparency?: Uint8Array;
  /** All IDAT together. */
  readonly data: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a file begins as PNG files do. */
export function isPng(file: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => file[i] === byte);
}

/**
 * Walks a PNG file from chunk to chunk, each with its checksum checked. Chunks that its pixels do
 * not depend on (text, color profiles, animation) are passed over, not unpacked.
 *
 * @throws {Error} in a few words: no PNG, cut short, a wrong checksum, parts missing or twice
 */
export function checkedChunks(file: Uint8Array): Chunks {
  if (!isPng(file)) throw new Error("no PNG signature");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: Record<string, Uint8Array> = {};
  const data: Uint8Array[] = [];
  for (let at = SIGNATURE.length, type = ""; type !== "IEND";) {
    if (at + 12 > file.length) throw new Error(`an end after ${file.length} bytes`);
    const length = view.getUint32(at);
    if (at + 12 + length > file.length) throw new Error(`an end after ${file.length} bytes`);
    type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (crc32(file, at + 4, at + 8 + length) !== view.getUint32(at + 8 + length))
      throw new Error(`${type} with a wrong checksum`);
    const body = file.subarray(at + 8, at + 8 + length);
    if (type === "IDAT") data.push(body);
    else if (KNOWN.has(type)) {
      if (found[type]) throw new Error(`${type} twice`);
      found[type] = body;
    } else if (type[0] < "a") throw new Error(`unknown chunk ${JSON.stringify(type)}`);
    if (!found.IHDR) throw new Error("no IHDR first");
    at += 12 + length;
  }
  return checkParts(found, data);
}

const KNOWN = new Set(["IHDR", "PLTE", "tRNS", "IEND"]);

function checkParts(found: Record<string, Uint8Array>, data: readonly Uint8Array[]): Chunks {
  const { IHDR: header, PLTE: palette, tRNS: transparency } = found;
  if (header.length !== 13) throw new Error(`IHDR of ${header.length} bytes`);
  if (palette && (palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768))
    throw new Error(`PLTE of ${palette.length} bytes`);
  if (data.length === 0) throw new Error("no IDAT");
  return {
    header: new DataView(header.buffer, header.byteOffset, header.length),
    palette,
    transparency,
    data: data.length === 1 ? data[0] : concatenate(data),
  };
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array, from: number, to: number): number {
  let c = 0xffffffff;
  for (let i = from; i < to; i++) c = TABLE[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
