import { deflateSync } from "node:zlib";

/** Image files for pages: PNG (ISO/IEC 15948), 8 bits a sample, rows unfiltered. */

const table = Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest >>> 0;
});

/** CRC-32. */
function checksum(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = table[(rest ^ byte) & 255] ^ (rest >>> 8);
  return ~rest >>> 0;
}

const big32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

function chunk(name: string, body: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(name, "latin1"), body]);
  return Buffer.concat([big32(body.length), named, big32(checksum(named))]);
}

/** An image as the address of an <img>: grey (1 channel) or red, green, blue (3), row by row from the top left. */
export function pngAddress(
  width: number,
  height: number,
  channels: number,
  bytes: Uint8Array,
): string {
  const line = width * channels;
  const rows = new Uint8Array(height * (line + 1));
  for (let y = 0; y < height; y++)
    rows.set(bytes.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  const color = channels === 1 ? 0 : 2;
  const header = Buffer.concat([big32(width), big32(height), Uint8Array.of(8, color, 0, 0, 0)]);
  const file = Buffer.concat([
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
  return `data:image/png;base64,${file.toString("base64")}`;
}
