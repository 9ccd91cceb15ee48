import { unzlibSync } from "fflate";
import { checkedChunks } from "./png-chunks.ts";
import { MOST_PIXELS, type Pixels } from "./pixels.ts";

/** What IHDR says, and what follows from it. */
interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits a sample. */
  readonly depth: number;
  /** Samples a pixel as stored. */
  readonly samples: number;
  readonly palette: boolean;
  readonly passes: readonly Pass[];
}

/** A smaller image of every dx-th column and dy-th row from (x, y) on; one of all is no interlacing. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Record<number, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const WHOLE: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];
const ADAM7: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/**
 * The pixels of a PNG file: every color type, depth and interlacing of the format; 16 bits are
 * rounded to 8. The chunks' checksums are checked, not zlib's within; nothing is unpacked beyond the
 * size that the header tells, and that is 64 Mi pixels at most.
 *
 * @throws {Error} in a few words, without the file's name
 * @see Portable Network Graphics, W3C Recommendation, third edition
 */
export function decodePng(file: Uint8Array): Pixels {
  const chunks = checkedChunks(file);
  const header = readHeader(chunks.header);
  const raw = inflate(chunks.data, header);
  const color = colors(header, chunks.palette, chunks.transparency);
  const { width, height, depth, samples } = header;
  const bytes = new Uint8Array(width * height * color.channels);
  let at = 0;
  for (const pass of header.passes) {
    const [wide, high] = sizeOf(pass, header);
    if (wide === 0 || high === 0) continue;
    const rowBytes = Math.ceil((wide * samples * depth) / 8);
    unfilter(raw, at, high, rowBytes, Math.max(1, (samples * depth) >> 3));
    const line = new Uint16Array(wide * samples);
    for (let y = 0; y < high; y++) {
      unpack(raw, at + y * (rowBytes + 1) + 1, depth, line);
      const start = (pass.y + y * pass.dy) * width + pass.x;
      color.write(line, bytes, start * color.channels, pass.dx * color.channels);
    }
    at += high * (rowBytes + 1);
  }
  return { width, height, channels: color.channels, bytes };
}

function readHeader(view: DataView): Header {
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, compression, filter, interlace] = [8, 9, 10, 11, 12].map((at) =>
    view.getUint8(at),
  );
  if (width === 0 || height === 0 || width * height > MOST_PIXELS)
    throw new Error(`${width}×${height} pixels`);
  if (!DEPTHS[type]?.includes(depth)) throw new Error(`${depth} bits of color type ${type}`);
  if (compression !== 0 || filter !== 0 || interlace > 1)
    throw new Error(`compression ${compression}, filter ${filter}, interlace ${interlace}`);
  const passes = interlace ? ADAM7 : WHOLE;
  return { width, height, depth, samples: SAMPLES[type], palette: type === 3, passes };
}

function sizeOf({ x, y, dx, dy }: Pass, { width, height }: Header): [number, number] {
  return [Math.max(0, Math.ceil((width - x) / dx)), Math.max(0, Math.ceil((height - y) / dy))];
}

/** Exactly the rows that the header tells, each behind its filter's byte. */
function inflate(data: Uint8Array, header: Header): Uint8Array {
  let size = 0;
  for (const pass of header.passes) {
    const [wide, high] = sizeOf(pass, header);
    if (wide > 0) size += high * (1 + Math.ceil((wide * header.samples * header.depth) / 8));
  }
  // Deflate adds at most a few bytes to what it cannot make smaller, so more is there to waste time.
  if (data.length > 1.1 * size + 1024)
    throw new Error(`${data.length} bytes of image data for ${size} bytes of pixels`);
  const raw = unzlibSync(data, { out: new Uint8Array(size + 1) });
  if (raw.length === size) return raw;
  throw new Error(
    `${raw.length > size ? "more than " : ""}${raw.length} bytes of pixels, not ${size}`,
  );
}

/** Undoes the rows' filters in place. step: bytes a pixel, 1 where a byte holds several. */
function unfilter(raw: Uint8Array, at: number, rows: number, rowBytes: number, step: number): void {
  const stride = rowBytes + 1;
  for (let y = 0; y < rows; y++) {
    const start = at + y * stride + 1;
    const filter = raw[start - 1];
    if (filter === 0) continue;
    if (filter > 4) throw new Error(`filter ${filter}`);
    for (let i = 0; i < rowBytes; i++) {
      const left = i < step ? 0 : raw[start + i - step];
      const above = y === 0 ? 0 : raw[start + i - stride];
      const corner = y === 0 || i < step ? 0 : raw[start + i - stride - step];
      raw[start + i] += predicted(filter, left, above, corner);
    }
  }
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** A row's samples, as large as they are stored. */
function unpack(raw: Uint8Array, start: number, depth: number, line: Uint16Array): void {
  if (depth === 8) for (let i = 0; i < line.length; i++) line[i] = raw[start + i];
  else if (depth === 16)
    for (let i = 0; i < line.length; i++)
      line[i] = (raw[start + 2 * i] << 8) | raw[start + 2 * i + 1];
  else {
    const most = (1 << depth) - 1;
    for (let i = 0, bit = 0; i < line.length; i++, bit += depth)
      line[i] = (raw[start + (bit >> 3)] >> (8 - depth - (bit & 7))) & most;
  }
}

/** How stored samples become bytes; a pixel's bytes lie `step` after those of the one before. */
interface Colors {
  readonly channels: Pixels["channels"];
  write(line: Uint16Array, into: Uint8Array, offset: number, step: number): void;
}

function colors(header: Header, palette?: Uint8Array, transparency?: Uint8Array): Colors {
  if (header.palette) return indexed(palette, transparency);
  const { samples, depth } = header;
  const most = 2 ** depth - 1;
  const levels = Uint8Array.from({ length: most + 1 }, (_, s) => Math.round((s * 255) / most));
  if (transparency) return keyed(levels, keyOf(transparency, samples, most));
  function write(line: Uint16Array, into: Uint8Array, offset: number, step: number): void {
    for (let i = 0, at = offset; i < line.length; at += step)
      for (let c = 0; c < samples; c++) into[at + c] = levels[line[i++]];
  }
  return { channels: samples as Pixels["channels"], write };
}

/** One color, `key`, becomes transparent. */
function keyed(levels: Uint8Array, key: readonly number[]): Colors {
  const samples = key.length;
  function write(line: Uint16Array, into: Uint8Array, offset: number, step: number): void {
    for (let i = 0, at = offset; i < line.length; i += samples, at += step) {
      for (let c = 0; c < samples; c++) into[at + c] = levels[line[i + c]];
      into[at + samples] = key.every((sample, c) => sample === line[i + c]) ? 0 : 255;
    }
  }
  return { channels: (samples + 1) as Pixels["channels"], write };
}

/** The one color that is transparent, a sample in two bytes, of which the lowest `depth` bits count. */
function keyOf(transparency: Uint8Array, samples: number, most: number): number[] {
  if (samples === 2 || samples === 4) throw new Error("tRNS beside alpha");
  if (transparency.length !== 2 * samples) throw new Error(`${transparency.length} bytes of tRNS`);
  return Array.from(
    { length: samples },
    (_, c) => ((transparency[2 * c] << 8) | transparency[2 * c + 1]) & most,
  );
}

function indexed(palette?: Uint8Array, transparency?: Uint8Array): Colors {
  if (!palette) throw new Error("no palette");
  const count = palette.length / 3;
  if (transparency && transparency.length > count) throw new Error("tRNS longer than the palette");
  const channels = transparency ? 4 : 3;
  function write(line: Uint16Array, into: Uint8Array, offset: number, step: number): void {
    for (let i = 0, at = offset; i < line.length; i++, at += step) {
      const index = line[i];
      if (index >= count) throw new Error(`color ${index} of ${count}`);
      for (let c = 0; c < 3; c++) into[at + c] = palette![3 * index + c];
      if (transparency) into[at + 3] = transparency[index] ?? 255;
    }
  }
  return { channels, write };
}
