import { deflateRawSync, deflateSync } from "node:zlib";

/** Writers of small PNG and zip files, which share no code with the readers that are tested. */

/** What a PNG file is made of; `sample` gives sample c of pixel (x, y), as large as `depth` bits hold. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** 0 grey, 2 color, 3 palette, 4 grey and alpha, 6 color and alpha. */
  readonly type: number;
  readonly sample: (x: number, y: number, c: number) => number;
  readonly interlaced?: boolean;
  /** The filter of row y; default 0. */
  readonly filter?: (y: number) => number;
  /** Chunks between IHDR and IDAT. */
  readonly before?: readonly Uint8Array[];
  /** In place of the compressed rows. */
  readonly data?: Uint8Array;
}

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function png(parts: PngParts): Uint8Array {
  const { width, height, depth, type, interlaced, before = [] } = parts;
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([depth, type, 0, 0, interlaced ? 1 : 0], 8);
  const data = parts.data ?? deflateSync(rows(parts));
  return joined(SIGNATURE, chunk("IHDR", header), ...before, chunk("IDAT", data), chunk("IEND"));
}

/** A chunk with its length and checksum. */
export function chunk(type: string, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const named = joined(ascii(type), body);
  return joined(big32(body.length), named, big32(crc(named)));
}

/** The filtered rows of all passes, each behind its filter's byte. */
function rows({ width, height, depth, type, sample, interlaced, filter }: PngParts): Uint8Array {
  const samples = SAMPLES[type];
  const out: number[] = [];
  // Pass p of Adam7 holds the pixels with that number in the 8×8 pattern of the specification.
  const pattern = "1646264677777777565656567777777736463646777777775656565677777777";
  for (const pass of interlaced ? "1234567" : "0") {
    const inPass = (x: number, y: number) => !interlaced || pattern[(y % 8) * 8 + (x % 8)] === pass;
    let above: number[] = [];
    for (let y = 0, row = 0; y < height; y++) {
      const bits: string[] = [];
      for (let x = 0; x < width; x++)
        if (inPass(x, y))
          for (let c = 0; c < samples; c++)
            bits.push(sample(x, y, c).toString(2).padStart(depth, "0"));
      if (bits.length === 0) continue;
      const bytes = (bits.join("").match(/.{1,8}/g) ?? []).map((b) =>
        parseInt(b.padEnd(8, "0"), 2),
      );
      const kind = filter?.(row++) ?? 0;
      const step = Math.max(1, (samples * depth) / 8);
      out.push(kind, ...bytes.map((b, i) => (b - guess(kind, bytes, above, i, step)) & 255));
      above = bytes;
    }
  }
  return Uint8Array.from(out);
}

/** What a filter takes a byte to be, from those before it: the specification's Sub, Up, Average, Paeth. */
function guess(kind: number, row: number[], above: number[], i: number, step: number): number {
  const a = row[i - step] ?? 0;
  const b = above[i] ?? 0;
  const c = i >= step ? (above[i - step] ?? 0) : 0;
  const p = a + b - c;
  const nearest = [a, b, c].reduce((best, v) => (Math.abs(p - v) < Math.abs(p - best) ? v : best));
  return [0, a, b, Math.floor((a + b) / 2), nearest][kind] ?? 0;
}

/** A zip archive of these files, deflated or (one in three) stored. */
export function zip(files: readonly (readonly [path: string, bytes: Uint8Array])[]): Uint8Array {
  const bodies: Uint8Array[] = [];
  const entries: Uint8Array[] = [];
  let at = 0;
  files.forEach(([path, bytes], i) => {
    const method = i % 3 === 0 ? 0 : 8;
    const packed = method === 0 ? bytes : new Uint8Array(deflateRawSync(bytes));
    const name = ascii(path);
    const common = joined(
      little(2, 20, 0, method, 0, 0),
      little(4, crc(bytes), packed.length, bytes.length),
      little(2, name.length, 0),
    );
    const local = joined(little(4, 0x04034b50), common, name, packed);
    entries.push(
      joined(
        little(4, 0x02014b50),
        little(2, 20),
        common,
        little(2, 0, 0, 0),
        little(4, 0, at),
        name,
      ),
    );
    bodies.push(local);
    at += local.length;
  });
  const directory = joined(...entries);
  const count = files.length;
  const end = [little(2, 0, 0, count, count), little(4, directory.length, at), little(2, 0)];
  return joined(...bodies, directory, little(4, 0x06054b50), ...end);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function big32(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap((v) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]),
  );
}

function little(size: 2 | 4, ...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((v) => [...big32(v)].toReversed().slice(0, size)));
}

/** CRC-32 bit by bit. */
function crc(bytes: Uint8Array): number {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return ~c >>> 0;
}
